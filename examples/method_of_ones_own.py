"""A method of one's own.

A method is a rule that divides a magnitude spectrogram in two. Resampling, streaming with bounded
memory, channels, the sum of the parts: all that comes from ticktone. This one calls percussive what
rises: the share of a bin's magnitude that was not there a moment before. A crude rule, which hears
each stroke's beginning and takes its tail for harmonic. Needs Matplotlib for the picture.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from matplotlib.figure import Figure

import ticktone
from ticktone.methods.base import Magnitude, Method, Stage
from ticktone.stft import STFT

DEMO = Path(__file__).parent / "demo"


@dataclass(frozen=True)
class RiseStage(Stage):
    stft: STFT
    frames: int  # how far back a bin is compared

    @property
    def context(self) -> int:  # frames before a frame on which the answer for it depends
        return self.frames

    @property
    def look_ahead(self) -> int:  # and after it: none, so that a stream gets its answers soon
        return 0

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        before = np.pad(magnitude, ((0, 0), (0, 0), (self.frames, 0)))[..., : -self.frames]
        percussive = np.maximum(magnitude - before, 0)[..., wanted]
        return magnitude[..., wanted] - percussive, percussive


@dataclass(frozen=True)
class Rise(Method):
    """Its fields are its options, in seconds so that they mean the same at every rate."""

    memory: float = 0.02  # how far back a bin is compared, in seconds

    @property
    def name(self) -> str:
        return "rise"

    @property
    def paper(self) -> str:
        return "this example"

    def stages(self, sample_rate: int) -> tuple[RiseStage]:
        stft = STFT(1024, 256)
        frames = max(1, round(self.memory * sample_rate / stft.hop_length))
        return (RiseStage(stft, frames),)


def main(folder: Path) -> dict[str, ticktone.Separation]:
    audio, rate = soundfile.read(DEMO / "demo.ogg", dtype="float32")
    audio = audio.T[:, 5 * rate : 11 * rate]
    found = {
        "rise": ticktone.separate(audio, rate, Rise()),
        "rise, memory=0.1": ticktone.separate(audio, rate, Rise(memory=0.1)),
        "median": ticktone.separate(audio, rate, "median"),
    }
    truth = soundfile.read(DEMO / "percussive.ogg", dtype="float32")[0].T
    truth = truth[:, 5 * rate : 11 * rate]

    figure = Figure(figsize=(9, 7), layout="constrained")
    axes = figure.subplots(3, sharex=True, sharey=True)
    for axis, (name, parts) in zip(axes, found.items(), strict=True):
        error = np.sum((parts.percussive - truth) ** 2)
        print(f"{name}: percussive SDR {10 * np.log10(np.sum(truth**2) / error):.2f} dB")
        mono = parts.percussive.mean(axis=0)
        axis.specgram(mono, NFFT=2048, Fs=rate, noverlap=1536, vmin=-120, vmax=-30)
        axis.set(title=f"{name}: percussive", ylabel="Hz", ylim=(0, 8000))
    axes[-1].set_xlabel("seconds")
    figure.savefig(folder / "method_of_ones_own.png", dpi=100)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
