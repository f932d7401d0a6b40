"""A tracker module as an arrangement: its instruments, and what is known of each."""

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Self

from ticktone.corpus.arrangement import Player
from ticktone.corpus.classification import Evidence, SoundDescription, describe
from ticktone.corpus.classification.sound import SAMPLE_RATE
from ticktone.corpus.effects import Sound
from ticktone.corpus.modules.libopenmpt import Module, version


class ModuleSong:
    """A tracker module whose instruments can be played apart. Close it.

    Parameters
    ----------
    path : Path

    Raises
    ------
    TicktoneError
        If libopenmpt is not installed, or the file cannot be read or is no module.
    """

    def __init__(self, path: Path) -> None:
        self._module = Module(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._module.close()

    @property
    def players(self) -> list[Player]:
        """The instruments that play at least a note."""
        named = zip(self._module.names(), self._module.notes(), strict=True)
        return [
            Player(number, Evidence(name, notes, partial(self._describe, number)))
            for number, (name, notes) in enumerate(named, 1)
            if notes
        ]

    @property
    def texts(self) -> list[str]:
        """Title and artist."""
        return [text for key in ("title", "artist") if (text := self._module.metadata(key))]

    @property
    def sources(self) -> list[str]:
        """The program that plays it."""
        return [f"libopenmpt {version()}"]

    def play(self, numbers: Collection[int], sample_rate: int) -> Sound:
        """Play some of the instruments, counted from 1. [shape=(2, samples)]."""
        return self._module.play({number - 1 for number in numbers}, sample_rate)

    def _describe(self, number: int) -> SoundDescription | None:
        return describe(self.play([number], SAMPLE_RATE).mean(axis=0))
