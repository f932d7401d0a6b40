"""Songs whose harmonic and percussive parts are known, read from their stems on disk."""

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from ticktone.audio.formats import PCM_BITS
from ticktone.audio.reader import BLOCK_FRAMES, Reader
from ticktone.errors import TicktoneError
from ticktone.parts import SOURCES
from ticktone.system import SYSTEM

SIGNALS = ("mixture", *SOURCES)
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Stem:
    """A sound file that holds a share of a song.

    Parameters
    ----------
    path : Path
    sample_rate : int
        Hz.
    channels : int
    frames : int
        Samples in each channel.
    seekable : bool
        Whether one may jump into it. In coded files (Vorbis, Opus, MP3) libsndfile now and then
        lands some hundred samples off, or gives wrong ones: stems would not fit together.
    """

    path: Path
    sample_rate: int
    channels: int
    frames: int
    seekable: bool

    @classmethod
    def of(cls, path: Path) -> "Stem":
        """Return the stem that a sound file's header describes.

        Raises
        ------
        TicktoneError
            If the file cannot be read, or its header does not say how long it is.
        """
        with Reader(path) as reader:
            if reader.frames is None:
                raise TicktoneError("has no length in its header; convert it to WAV or FLAC", path)
            if reader.notes:  # a stem is opened many times, as it is
                raise TicktoneError(f"{reader.notes[0]}; write it anew as WAV or FLAC", path)
            seekable = reader.format.subtype in (*PCM_BITS, "FLOAT", "DOUBLE")
            return cls(path, reader.sample_rate, reader.channels, reader.frames, seekable)


class _OpenStem:
    """A stem being read from one sample on; behind its end it is silent."""

    def __init__(self, stem: Stem, start: int) -> None:
        self.stem, self.position = stem, start
        try:
            self._file = soundfile.SoundFile(
                os.fsencode(stem.path) if SYSTEM.shares_descriptors else stem.path
            )
        except soundfile.LibsndfileError:
            raise self._damaged() from None
        if stem.seekable:
            self._file.seek(min(start, stem.frames))
        else:
            self.position = 0
            while self.position < start:
                self.read(min(BLOCK_FRAMES, start - self.position))

    def read(self, frames: int) -> Samples:
        """Return the next samples. [shape=(channels, frames)]."""
        samples = np.zeros((frames, self.stem.channels), np.float32)
        held = samples[: max(0, self.stem.frames - self.position)]
        try:
            if len(held) and len(self._file.read(out=held)) < len(held):
                raise self._damaged()
        except soundfile.LibsndfileError:
            raise self._damaged() from None
        self.position += frames
        return samples.T

    def _damaged(self) -> TicktoneError:
        return TicktoneError("is damaged or was changed; copy or download it again", self.stem.path)

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True)
class Song:
    """A song in two parts that add up to its mixture.

    Only what is asked for is read and no file stays open, so that threads and processes can share
    a song. An excerpt of a coded stem is reached by reading from the file's beginning; where that
    is too slow, give `open_dataset` a cache.

    Parameters
    ----------
    name : str
    percussive : tuple of Stem
        Their sum is the percussive part.
    others : tuple of Stem
        Their sum is the harmonic part or, with `difference`, the mixture.
    difference : bool
        Whether the harmonic part is the mixture minus the percussive part.
    subset : str, optional
        "train", "validation" or "test".

    Raises
    ------
    TicktoneError
        If the stems differ in sample rate or number of channels.
    """

    name: str
    percussive: tuple[Stem, ...]
    others: tuple[Stem, ...]
    difference: bool = False
    subset: str | None = None

    def __post_init__(self) -> None:
        for what in ("sample_rate", "channels"):
            found = {stem.path.name: getattr(stem, what) for stem in self.stems}
            if len(set(found.values())) > 1:
                listed = ", ".join(f"{name}: {value}" for name, value in found.items())
                words = what.replace("_", " ")
                raise TicktoneError(f"its stems differ in {words} ({listed})", self.name)

    @property
    def stems(self) -> tuple[Stem, ...]:
        """All stems: the percussive ones, then the others."""
        return (*self.percussive, *self.others)

    @property
    def sample_rate(self) -> int:
        """Sample rate in Hz."""
        return self.stems[0].sample_rate

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.stems[0].channels

    def has(self, part: str) -> bool:
        """Return whether there are stems of the harmonic or of the percussive part."""
        return bool(self.percussive if part == "percussive" else self.others)

    @property
    def frames(self) -> int:
        """Samples in each channel of the longest stem; silence follows the shorter ones."""
        return max(stem.frames for stem in self.stems)

    def read(self, part: str, start: int = 0, frames: int | None = None) -> Samples:
        """Read an excerpt.

        Parameters
        ----------
        part : {"mixture", "harmonic", "percussive"}
            The mixture is the sum of the other two to the bit; where the harmonic part is a
            difference, the mixture's file is so but for the rounding of float32.
        start : int
            The first sample.
        frames : int, optional
            How many samples. Default: all that follow.

        Returns
        -------
        ndarray [shape=(channels, frames)]

        Raises
        ------
        ValueError
            If there is no such part, or the song does not have these samples.
        TicktoneError
            If a file is damaged.
        """
        frames = self.frames - start if frames is None else frames
        if start < 0 or frames < 0 or start + frames > self.frames:
            raise ValueError(f"{self.name} has {self.frames} samples, not {start} + {frames}")
        with closing(self._blocks(part, start, frames)) as blocks:
            return next(blocks)

    def mono(self, part: str, start: int = 0, frames: int | None = None) -> Samples:
        """Read an excerpt as `read` does, as the mean of its channels. [shape=(frames,)].

        This is how the papers mix. The mixture is, here too, the sum of the other two to the bit.
        """
        if part == "mixture":
            return self.mono("harmonic", start, frames) + self.mono("percussive", start, frames)
        mean: Samples = self.read(part, start, frames).mean(axis=0)
        return mean

    def blocks(self, part: str, length: int = BLOCK_FRAMES) -> Iterator[Samples]:
        """Read all of a part.

        Yields
        ------
        ndarray [shape=(channels, samples)]
            `length` samples, and fewer at the end.
        """
        with closing(self._blocks(part, 0, length)) as blocks:
            for start in range(0, self.frames, length):
                yield next(blocks)[:, : self.frames - start]

    def _blocks(self, part: str, start: int, length: int) -> Generator[Samples, None, None]:
        if part not in SIGNALS:
            raise ValueError(f"there is no part {part!r}; there are: {', '.join(SIGNALS)}")
        with ExitStack() as opened:

            def open_(stems: Sequence[Stem]) -> list[_OpenStem]:
                return [opened.enter_context(closing(_OpenStem(stem, start))) for stem in stems]

            percussive = open_(self.percussive if part != "harmonic" or self.difference else ())
            others = open_(self.others if part != "percussive" else ())
            while True:
                silence = np.zeros((self.channels, length), np.float32)
                drums, rest = _sum(percussive, silence), _sum(others, silence)
                harmonic = rest - drums if self.difference else rest
                if part == "mixture":
                    yield harmonic + drums
                else:
                    yield drums if part == "percussive" else harmonic


def _sum(stems: Sequence[_OpenStem], silence: Samples) -> Samples:
    return sum((stem.read(silence.shape[1]) for stem in stems), silence)
