"""A data set: its songs, and what is wrong with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ticktone.datasets.song import Song
from ticktone.errors import TicktoneError
from ticktone.parts import SOURCES


@dataclass(frozen=True)
class Problem:
    """What is wrong with a song, in one line; `refused` if it was left out for it."""

    song: str
    cause: str
    refused: bool = False

    def __str__(self) -> str:
        return f"{self.song}: {self.cause}" + (" (left out)" if self.refused else "")


@dataclass(frozen=True)
class Dataset:
    """Songs that lie in one folder.

    Attributes
    ----------
    path : Path
    kind : str
        "musdb18", "musdb18hq", "dsd100" or "folders".
    harmonic : {"difference", "sum"}
        Whether the harmonic part is the mixture minus the percussive part, as Lordelo et al. 2019
        have it for MUSDB18, or the sum of the other stems.
    songs : tuple of Song
        By subset, then by name.
    problems : tuple of Problem
        What opening it brought to light. A list can be counted, printed and acted upon by the
        caller, where warnings get lost in the log of a long run.
    """

    path: Path
    kind: str
    harmonic: str
    songs: tuple[Song, ...]
    problems: tuple[Problem, ...]

    def __len__(self) -> int:
        return len(self.songs)

    def __iter__(self) -> Iterator[Song]:
        return iter(self.songs)


def check(dataset: Dataset) -> list[Problem]:
    """Return what is wrong with a data set, after reading every song to its end, in blocks.

    Returns
    -------
    list of Problem
        `dataset.problems`, and the songs that are damaged, have a silent part or hold samples
        that are not finite.
    """
    problems = list(dataset.problems)
    for song in dataset:
        try:
            problems += [Problem(song.name, cause) for cause in _find_problems(song)]
        except TicktoneError as error:
            problems.append(Problem(song.name, str(error)))
    return problems


def _find_problems(song: Song) -> Iterator[str]:
    for part in SOURCES:
        position, silent = 0, True
        for block in song.blocks(part):
            silent = silent and not block.any()
            finite = np.isfinite(block).all(axis=0)
            if not finite.all():
                at = (position + int(finite.argmin())) / song.sample_rate
                yield f"its {part} part has samples that are not finite, the first at {at:.3f} s"
                break
            position += block.shape[-1]
        if silent:
            yield f"its {part} part is silent"
