"""What each phase recovery costs and what it changes, beside the mixture's phase.

    python benchmarks/phase.py [FOLDER [METHOD[:OPTION=VALUE,...] ...]]

Cost: times real time (of one thread's processor time) on white noise at 44.1 kHz whose magnitudes
are halved, so that all but the phase costs next to nothing; both settings of Drossos et al. 2018,
and the transform of most of our methods.
Change: SDR in dB (mono), mean over the first seconds of the songs of the data set FOLDER; of the
raw estimates, and where the harmonic part is the complement. Besides the methods, magnitudes that
are known: `true` are each part's own, `paper` the percussive part's own and the rest of the
mixture's, `ratio` the mixture's divided by their ratio.
"""

import sys
import time

import numpy as np

import ticktone
from ticktone.cli.common import parse_options
from ticktone.datasets import open_dataset
from ticktone.evaluation.measures import sdr
from ticktone.methods import make_method
from ticktone.methods.base import Method, Stage
from ticktone.phase import phases
from ticktone.stft import STFT

RATE = 44_100
SECONDS = 10  # of each song
SETTINGS = {
    "2048, 512": STFT(2048, 512),
    "setting 1": STFT(2049, 384, 4096, np.hamming(2049)),
    "setting 2": STFT(4096, 1024, 4096, np.hamming(4096)),
}


class Halves(Stage):
    """Divide evenly."""

    context = 0

    def __init__(self, stft: STFT) -> None:
        self.stft = stft

    def begin(self) -> None:
        """Begin a recording."""

    def divide(self, magnitude: np.ndarray, wanted: slice) -> tuple[np.ndarray, np.ndarray]:
        half = magnitude[..., wanted] / 2
        return half, half


class Known(Halves):
    """Divide as the parts of the one recording it is for, which comes in one block."""

    def __init__(self, stft: STFT, kind: str, *parts: np.ndarray) -> None:
        super().__init__(stft)
        self.kind = kind
        self.parts = [abs(stft.forward(part[np.newaxis].astype(np.float32))) for part in parts]

    def divide(self, magnitude: np.ndarray, wanted: slice) -> tuple[np.ndarray, np.ndarray]:
        harmonic, percussive = (part[..., wanted] for part in self.parts)
        magnitude = magnitude[..., wanted]
        if self.kind == "paper":
            return magnitude - percussive, percussive
        if self.kind == "ratio":
            share = percussive / np.maximum(harmonic + percussive, np.float32(1e-12))
            return magnitude * (1 - share), magnitude * share
        return harmonic, percussive


class Alone(Method):
    """A method of one stage."""

    name, paper = "alone", "none"

    def __init__(self, stage: Halves) -> None:
        self.stage = stage

    def stages(self, _: int) -> tuple[Halves]:
        self.stage.begin()
        return (self.stage,)


def times_real_time(stft: STFT, channels: int, phase: str, seconds: float = 10) -> float:
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((channels, int(seconds * RATE))).astype(np.float32) / 8
    separator = ticktone.Separator(Alone(Halves(stft)), phase=phase)
    times = []
    for _ in range(3):
        began = time.process_time()
        separator.separate(noise, RATE)
        times.append(time.process_time() - began)
    return seconds / min(times)


def score(folder: str, specification: str) -> dict[str, np.ndarray]:
    """Give each phase's SDR. [shape=(raw or complement, percussive or harmonic)]."""
    scores = {phase: [] for phase in phases()}
    for song in open_dataset(folder):
        percussive, harmonic, rate = (
            song.mono("percussive"),
            song.mono("harmonic"),
            song.sample_rate,
        )
        percussive, harmonic = percussive[: SECONDS * rate], harmonic[: SECONDS * rate]
        mixture = percussive + harmonic
        name, _, options = specification.partition(":")
        if name in SETTINGS:
            method = Alone(Known(SETTINGS[name], options, harmonic, percussive))
            frames = 2**30
        else:
            options = parse_options(options.split(",") if options else [])
            method, frames = make_method(name, **options), None
        for phase, found in scores.items():
            raw = ticktone.separate(
                mixture, rate, method, phase=phase, complement=False, block_frames=frames
            )
            hits, rings = sdr(percussive, raw.percussive), sdr(harmonic, raw.harmonic)
            found.append([[hits, rings], [hits, sdr(harmonic, mixture - raw.percussive)]])
    return {phase: np.mean(found, axis=0) for phase, found in scores.items()}


def main(folder: str | None = None, *methods: str) -> None:
    print(f"{'x real time':24} " + " ".join(f"{phase:>12}" for phase in phases()))
    for setting, stft in SETTINGS.items():
        for channels in (1, 2):
            speeds = (times_real_time(stft, channels, phase) for phase in phases())
            row = " ".join(f"{speed:12.1f}" for speed in speeds)
            print(f"{f'{setting}, {channels} channels':24} {row}", flush=True)
    if folder is None:
        return
    print("\nSDR in dB: percussive / harmonic")
    print(f"{'':24} {'':10} " + " ".join(f"{phase:>14}" for phase in phases()))
    known = [f"{setting}:{kind}" for setting in SETTINGS for kind in ("true", "paper", "ratio")]
    for specification in [*(methods or ["median"]), *known]:
        scores = score(folder, specification).values()
        for kind, *row in zip(("raw", "complement"), *scores, strict=True):
            cells = " ".join(f"{hits:6.2f} /{rings:6.2f}" for hits, rings in row)
            print(f"{specification:24} {kind:10} {cells}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
