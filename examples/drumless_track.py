"""A drumless track.

To practise the drums, or to make an instrumental: the song without its percussive part. On the
command line that is `ticktone remix SONG --percussive -inf`; a softer `--percussive -20` often
sounds better, because what is left of the drums then hides what was torn out with them.
The demo song's true stems tell how much is left. Needs Matplotlib for the picture.
"""

import sys
from pathlib import Path

import numpy as np
import soundfile
from matplotlib.figure import Figure

import ticktone

DEMO = Path(__file__).parent / "demo"


def decibels(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(sound**2)))


def main(folder: Path) -> np.ndarray:
    audio, rate = soundfile.read(DEMO / "demo.ogg", dtype="float32")
    drumless = ticktone.remix(audio.T, rate, percussive=-np.inf)
    soundfile.write(folder / "drumless.wav", drumless.T, rate)

    truth = soundfile.read(DEMO / "harmonic.ogg", dtype="float32")[0].T
    print(f"the drums were at {decibels(audio.T - truth) - decibels(truth):.1f} dB to the rest")
    print(f"what is wrong now is at {decibels(drumless - truth) - decibels(truth):.1f} dB to it")

    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots(2, sharex=True, sharey=True)
    seconds = np.arange(4 * rate) / rate + 6
    for axis, sound, name in zip(axes, (audio.T, drumless), ("song", "drumless"), strict=True):
        axis.plot(seconds, sound[0, 6 * rate : 10 * rate], linewidth=0.4)
        axis.set_title(name)
    axes[-1].set_xlabel("seconds")
    figure.savefig(folder / "drumless_track.png", dpi=100)
    return drumless


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
