"""A project of LMMS as an arrangement: its tracks, and what is known of each."""

from collections.abc import Collection
from pathlib import Path
from typing import Self

from ticktone.corpus.arrangement import Player
from ticktone.corpus.classification import Evidence, SoundDescription, describe
from ticktone.corpus.classification.sound import SAMPLE_RATE
from ticktone.corpus.effects import Sound
from ticktone.corpus.lmms import program
from ticktone.corpus.lmms.factory import hint
from ticktone.corpus.lmms.project import Project, Track
from ticktone.errors import TicktoneError


class LmmsSong:
    """A project of LMMS whose tracks can be rendered apart.

    Parameters
    ----------
    path : Path

    Raises
    ------
    TicktoneError
        If LMMS is not installed, or the file cannot be read or is no project, or needs plugins or
        samples that are not there: LMMS would leave them out without a word.
    """

    def __init__(self, path: Path) -> None:
        self._project = Project(path)
        self._tracks = self._project.tracks
        program.executable()
        if self._project.foreign:
            raise TicktoneError(
                f"needs other programs' plugins ({', '.join(self._project.foreign)}); leave it out",
                path,
            )
        for sample in self._samples():
            if not self._locate(sample).is_file():
                raise TicktoneError(f"lacks the sample {sample}; put it there", path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def _samples(self) -> list[str]:
        return sorted({sample for track in self._tracks for sample in track.samples})

    def _locate(self, sample: str) -> Path:
        """Return where LMMS finds a sample: a path that is not absolute is its own sample's."""
        return program.factory_samples() / sample

    @property
    def players(self) -> list[Player]:
        """The tracks that play at least a note."""
        return [Player(track.number, self._evidence(track)) for track in self._tracks]

    def _evidence(self, track: Track) -> Evidence:
        part, source = hint(track)
        # A track that nobody has named is called as its sample, or as its plugin's preset.
        return Evidence(track.name, track.notes, lambda: self._describe(track.number), part, source)

    @property
    def texts(self) -> list[str]:
        """A project does not say whose it is."""
        return []

    @property
    def sources(self) -> list[str]:
        """The program, and the samples."""
        samples = [str(self._locate(sample)) for sample in self._samples()]
        return [f"LMMS {program.version()}", *samples]

    def play(self, numbers: Collection[int], sample_rate: int) -> Sound:
        """Render some of the tracks. [shape=(2, samples)]."""
        return program.render(self._project.only(numbers), sample_rate)

    def _describe(self, number: int) -> SoundDescription | None:
        return describe(self.play([number], SAMPLE_RATE).mean(axis=0))
