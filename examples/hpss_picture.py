"""HPSS as a picture.

A steady tone is a line along time, a drum stroke a line along frequency: in the spectrogram of the
harmonic part the lines lie, in that of the percussive part they stand. Needs Matplotlib.
"""

import sys
from pathlib import Path

import numpy as np
import soundfile
from matplotlib.figure import Figure

import ticktone

DEMO = Path(__file__).parent / "demo"


def main(folder: Path) -> ticktone.Separation:
    audio, rate = soundfile.read(DEMO / "demo.ogg", dtype="float32")
    audio = audio.T[:, 5 * rate : 11 * rate]  # (channels, samples), as ticktone takes it
    parts = ticktone.separate(audio, rate)
    print(f"largest difference of the sum: {np.abs(sum(parts) - audio).max():.0e}")

    figure = Figure(figsize=(9, 7), layout="constrained")
    axes = figure.subplots(3, sharex=True, sharey=True)
    sounds = {"mixture": audio, "harmonic": parts.harmonic, "percussive": parts.percussive}
    for axis, (name, sound) in zip(axes, sounds.items(), strict=True):
        axis.specgram(sound.mean(axis=0), NFFT=2048, Fs=rate, noverlap=1536, vmin=-120, vmax=-30)
        axis.set(title=name, ylabel="Hz", ylim=(0, 8000))
    axes[-1].set_xlabel("seconds")
    figure.savefig(folder / "hpss_picture.png", dpi=100)
    return parts


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
