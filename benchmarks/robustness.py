"""SDR of songs that are softer than they are, and of songs whose parts are panned apart.

    python benchmarks/robustness.py FOLDER [FOLDER ...] [-m NAME] [--seconds 15]

Percussive / harmonic SDR in dB, mean over each folder's songs. Level: the mono mixture at 0, -12,
-24 and -40 dB. Panning: (drums + g rest, g drums + rest) as left and right; the default beside one
mask for both channels and a mask for each.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ticktone import Separator
from ticktone.datasets import open_dataset
from ticktone.evaluation.run import read_sources
from ticktone.parts import SOURCES

LEVELS = (0, -12, -24, -40)  # dB
LEAKS = (0.0, 0.1, 0.6, 1.0)
Sources = NDArray[np.float32]


def read(folder: Path, seconds: float) -> list[tuple[Sources, int]]:
    """Harmonic and percussive of each song, in mono. [shape=(2, 1, samples)]."""
    songs = []
    for song in open_dataset(folder):
        sources = read_sources(song)[..., : int(seconds * song.sample_rate)]
        songs.append((sources.mean(axis=1, keepdims=True), song.sample_rate))
    return songs


def ratios(separator: Separator, sources: Sources, rate: int, gain: float = 1.0) -> list[float]:
    found = separator.separate(gain * sources.sum(axis=0), rate)
    parts = (found.percussive, found.harmonic)
    return [
        float(10 * np.log10(np.sum(true**2) / np.sum((part / gain - true) ** 2)))
        for true, part in zip(sources[::-1], parts, strict=True)
    ]


def mean(rows: list[list[float]]) -> str:
    return " / ".join(f"{value:.2f}" for value in np.mean(rows, axis=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("-m", "--method", default="folded-3w-unet")
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    assert SOURCES == ("harmonic", "percussive")
    usual = Separator(options.method)
    ways = {"default": usual}
    ways |= {f"one_mask={one}": Separator(options.method, one_mask=one) for one in (True, False)}
    for folder in options.folders:
        songs = read(folder, options.seconds)
        for level in LEVELS:
            rows = [ratios(usual, sources, rate, 10 ** (level / 20)) for sources, rate in songs]
            print(f"{folder.name}, {level} dB: {mean(rows)}", flush=True)
        for leak in LEAKS:
            sides = np.array([[leak, 1], [1, leak]], np.float32)[..., np.newaxis]
            for name, separator in ways.items():
                rows = [ratios(separator, sides * sources, rate) for sources, rate in songs]
                print(f"{folder.name}, panned, g = {leak}, {name}: {mean(rows)}", flush=True)


if __name__ == "__main__":
    main()
