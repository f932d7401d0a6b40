"""A song that is composed of instruments, each of which can be played without the others."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from ticktone.corpus.classification import Evidence
from ticktone.corpus.effects import Sound


@dataclass(frozen=True)
class Player:
    """An instrument or track that plays in a song.

    Parameters
    ----------
    number : int
        Counted from 1, as the song's own program does.
    evidence : Evidence
        Its name, and what else tells its part.
    """

    number: int
    evidence: Evidence


class Arrangement(Protocol):
    """A song whose instruments can be played apart: a tracker module, a project."""

    @property
    def players(self) -> list[Player]:
        """The instruments that play at least a note."""
        ...

    @property
    def texts(self) -> list[str]:
        """The song's own texts: its title, its artist."""
        ...

    @property
    def sources(self) -> list[str]:
        """Programs that play it, and paths of the samples that it uses."""
        ...

    def play(self, numbers: Collection[int], sample_rate: int) -> Sound:
        """Play some of the instruments. [shape=(2, samples)]."""
        ...
