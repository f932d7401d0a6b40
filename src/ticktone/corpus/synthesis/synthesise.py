"""Synthesised songs written into a corpus."""

import hashlib
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ticktone.corpus.corpus_manifest import CorpusManifest, SongRecord
from ticktone.corpus.render import RenderResult
from ticktone.corpus.song_writer import Source, levels, write_song
from ticktone.corpus.synthesis.composition import compose
from ticktone.corpus.synthesis.drum_machines import OWN
from ticktone.corpus.synthesis.genres import GENRES
from ticktone.errors import TicktoneError
from ticktone.processes import DIED, in_processes

_SPREAD = 0.5  # songs are from half as long as is asked to half as long again


@dataclass(frozen=True)
class Synthesis:
    """How songs are synthesised.

    Parameters
    ----------
    seed : int
        Another one makes other songs.
    minutes : float
        How long songs are on average; from half to one and a half of it.
    genres : tuple of str
        Those to draw from (see `ticktone.corpus.synthesis.genres`). Default: all.
    sample_rate : int
        Hz; 22 050 to 96 000.
    channels : {1, 2}

    Raises
    ------
    TicktoneError
        If there is no such genre, or the minutes are not positive.
    """

    seed: int = 0
    minutes: float = 2.0
    genres: tuple[str, ...] = ()
    sample_rate: int = 44_100
    channels: int = 2

    def __post_init__(self) -> None:
        for genre in self.genres:
            if genre not in GENRES:
                raise TicktoneError(f"there is no genre {genre!r}; there are: {', '.join(GENRES)}")
        if not 0 < self.minutes <= 60:
            raise TicktoneError(f"{self.minutes:g} minutes are not from 0 to 60; choose others")

    def options(self) -> dict[str, Any]:
        """Return the options, for the manifest."""
        found = {name: getattr(self, name) for name in ("seed", "minutes", "sample_rate")}
        return found | {"channels": self.channels, "genres": list(self.genres)}

    def song(self, index: int) -> Source:
        """Return the name of a song of this seed, in place of a file that it is made of."""
        name = f"synthesised-{self.seed}-{index:05d}"
        return Source(Path(name), f"synthesised/seed {self.seed}/{index}", name, index)


def synthesise(
    songs: int, output: Path, synthesis: Synthesis, jobs: int = 1
) -> Generator[RenderResult, None, None]:
    """Synthesise songs into a folder, several at a time; those that are there are passed over.

    A song depends on the seed, its number and the other options alone: not on how many there are.

    Parameters
    ----------
    songs : int
    output : Path
        ``output/NAME/percussive.flac``, ``output/NAME/harmonic.flac``, ``output/manifest.jsonl``.
    synthesis : Synthesis
    jobs : int
        Processes.

    Yields
    ------
    RenderResult
        As they are finished.

    Raises
    ------
    TicktoneError
        If the output cannot be written, or holds songs of this seed made otherwise.
    """
    manifest = CorpusManifest(output)
    options = synthesis.options()
    wanted = [
        song
        for song in map(synthesis.song, range(songs))
        if manifest.lacks(song, options, _digest(song))
    ]
    worker = (_synthesise, output, synthesis)
    with closing(in_processes(partial, worker, wanted, jobs)) as results:
        for song, outcome in results:
            if outcome is None:
                outcome = RenderResult(song, error=f"{song.name}: {DIED}")
            if outcome.entry is not None:
                manifest.add(outcome.entry)
            yield outcome


def _synthesise(output: Path, synthesis: Synthesis, song: Source) -> RenderResult:
    try:
        return RenderResult(song, synthesise_song(song, output, synthesis))
    except TicktoneError as error:
        return RenderResult(song, error=str(error))


def synthesise_song(song: Source, output: Path, synthesis: Synthesis) -> SongRecord:
    """Synthesise one song.

    Parameters
    ----------
    song : Source
        See `Synthesis.song`; its version is its number.
    output : Path
    synthesis : Synthesis

    Raises
    ------
    TicktoneError
        If it cannot be written.
    """
    from ticktone import __version__

    rng = np.random.default_rng([synthesis.seed, song.version])
    seconds = 60 * synthesis.minutes * rng.uniform(1 - _SPREAD, 1 + _SPREAD)
    genre = str(rng.choice(synthesis.genres or list(GENRES)))
    made = compose(seconds, synthesis.sample_rate, rng, genre)
    write_song(output / song.name, made.parts, synthesis.sample_rate, synthesis.channels)
    samples = next(iter(made.parts.values())).shape[1]
    return SongRecord(
        name=song.name,
        source=song.source,
        sha256=_digest(song),
        seconds=round(samples / synthesis.sample_rate, 3),
        sample_rate=synthesis.sample_rate,
        files=[f"{part}.flac" for part in made.parts],
        licences=[OWN],
        players=[f"{made.genre} at {made.tempo:.0f}", *sorted(set(made.players))],
        levels=levels(made.parts, synthesis.sample_rate),
        seed=synthesis.seed,
        options=synthesis.options(),
        ticktone=__version__,
    )


def _digest(song: Source) -> str:
    """Return what stands for the sha256 of the file that there is none of."""
    return hashlib.sha256(song.source.encode(errors="surrogateescape")).hexdigest()
