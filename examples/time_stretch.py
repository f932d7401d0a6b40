"""Slower at the same pitch.

A phase vocoder keeps tones and smears attacks. So the percussive part is laid down in short pieces
that keep each attack as it was, and only the harmonic part goes through the phase vocoder. On the
command line: `ticktone stretch SONG --speed 0.7`. Needs librosa (for its stretcher, to compare)
and Matplotlib.
"""

import sys
from pathlib import Path

import librosa
import numpy as np
import soundfile
from matplotlib.figure import Figure

import ticktone

DEMO = Path(__file__).parent / "demo"
SPEED = 0.7


def main(folder: Path) -> dict[str, np.ndarray]:
    audio, rate = soundfile.read(DEMO / "demo.ogg", dtype="float32")
    audio = audio.mean(axis=1)[5 * rate : 11 * rate]
    slow = {
        "ticktone.stretch": ticktone.stretch(audio, rate, SPEED),
        "librosa's phase vocoder": librosa.effects.time_stretch(audio, rate=SPEED),
    }
    soundfile.write(folder / "slow.wav", slow["ticktone.stretch"], rate)
    for name, sound in slow.items():
        print(f"{name}: {len(audio) / rate:.2f} s became {len(sound) / rate:.2f} s")

    figure = Figure(figsize=(9, 5.5), layout="constrained")
    axes = figure.subplots(3, sharey=True)
    first, length = 1.06, 1.3  # seconds of the recording
    for axis, (name, sound) in zip(axes, {"recording": audio, **slow}.items(), strict=True):
        speed = 1 if name == "recording" else SPEED
        piece = sound[round(first / speed * rate) : round((first + length) / speed * rate)]
        axis.plot(np.arange(len(piece)) / rate, piece, linewidth=0.4)
        axis.set_title(name)
    axes[-1].set_xlabel("seconds: the same notes and strokes in each")
    figure.savefig(folder / "time_stretch.png", dpi=100)
    return slow


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
