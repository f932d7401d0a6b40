"""Recordings made part of a corpus: songs in stems, and sounds that are of one part throughout."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import soxr

from ticktone.audio.formats import READABLE
from ticktone.audio.reader import Reader
from ticktone.corpus.bank import UNKNOWN, Licences
from ticktone.corpus.corpus_manifest import CorpusManifest, SongRecord
from ticktone.corpus.effects import Sound, gain, level_db
from ticktone.corpus.performance import BALANCE_DB, CEILING, HARMONIC_DB
from ticktone.corpus.song_writer import (
    Source,
    digest,
    find_sources,
    levels,
    source_name,
    write_song,
)
from ticktone.datasets import Song, open_dataset
from ticktone.errors import TicktoneError, naming

Kind = Literal["percussive", "harmonic", "songs"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_LEVELS = {"harmonic": HARMONIC_DB, "percussive": HARMONIC_DB + BALANCE_DB[0]}


@dataclass(frozen=True)
class Addition:
    """How recordings are made part of a corpus.

    Parameters
    ----------
    kind : {"percussive", "harmonic", "songs"}
        What the files are: each a sound that is wholly percussive or wholly harmonic (loops,
        solos, voices), or stems in folders, as `open_dataset` takes them.
    licences : Licences
    sample_rate : int
        Hz.
    channels : {1, 2}
    repeat : float
        Sounds that are shorter than so many seconds are repeated until they are not, as loops are.
    """

    kind: Kind
    licences: Licences = Licences()  # noqa: RUF009  (it never changes)
    sample_rate: int = 44_100
    channels: int = 2
    repeat: float = 0.0

    def options(self) -> dict[str, Any]:
        """Return the options, for the manifest."""
        names = ("sample_rate", "channels", "repeat")
        return {"as": self.kind, **{name: getattr(self, name) for name in names}}


def add(path: Path, output: Path, addition: Addition) -> Iterator[SongRecord | TicktoneError]:
    """Add a sound file, or a folder of them, to a corpus; what is there already is passed over.

    They are brought to the level that rendered parts have; a song keeps its balance.

    Parameters
    ----------
    path : Path
    output : Path
        ``output/NAME/percussive.flac`` and so on, and ``output/manifest.jsonl``.
    addition : Addition

    Yields
    ------
    SongRecord or TicktoneError
        For each song or sound that was new: what is to be known of it, or why it was left out.

    Raises
    ------
    TicktoneError
        If there are no sounds, or the output cannot be written, lies where the sounds do or holds
        sounds of these names that were made otherwise.
    """
    if output.resolve().is_relative_to(path.resolve()):
        raise TicktoneError("lies in the folder that is added; choose another --output", output)
    songs: dict[str, Song] = {}
    if addition.kind == "songs":
        dataset = open_dataset(path)
        songs = {song.name: song for song in dataset}
        sources = [_source(song, path) for song in dataset]
        for problem in dataset.problems:
            if problem.refused:
                yield TicktoneError(problem.cause, problem.song)
    else:
        sources = find_sources([path], READABLE, "sound files")
    manifest = CorpusManifest(output)
    for source in [source for source in sources if manifest.lacks(source, addition.options())]:
        try:
            with naming(source.path):
                entry = _add(source, songs.get(source.name), output, addition)
        except TicktoneError as error:
            yield error
        else:
            manifest.add(entry)
            yield entry


def _source(song: Song, path: Path) -> Source:
    first = song.stems[0].path
    return Source(first, source_name(first, path), song.name)


def _add(source: Source, song: Song | None, output: Path, addition: Addition) -> SongRecord:
    from ticktone import __version__

    rate = addition.sample_rate
    parts = _parts(source.path, song, addition)
    parts = at_corpus_level(parts, rate, source.path)
    write_song(output / source.name, parts, rate, addition.channels)
    return SongRecord(
        name=source.name,
        source=source.source,
        sha256=digest(source.path),
        seconds=round(next(iter(parts.values())).shape[1] / rate, 3),
        sample_rate=rate,
        files=[f"{part}.flac" for part in parts],
        licences=[addition.licences.of(source.path) or UNKNOWN],
        levels=levels(parts, rate),
        options=addition.options(),
        ticktone=__version__,
    )


def at_corpus_level(parts: dict[str, Sound], sample_rate: int, path: Path) -> dict[str, Sound]:
    """Scale a song to the level that rendered songs have; its balance stays.

    Parameters
    ----------
    parts : dict of str to ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    path : Path
        The song's, for errors.

    Raises
    ------
    TicktoneError
        If a sample is not finite, or all is silent.
    """
    if not all(np.isfinite(sound).all() for sound in parts.values()):
        raise TicktoneError("has samples that are not finite; leave it out", path)
    for part, wanted in _LEVELS.items():  # the harmonic part's, if there is one
        if part in parts and np.isfinite(found := level_db(parts[part], sample_rate)):
            parts = {name: gain(sound, wanted - found) for name, sound in parts.items()}
            break
    else:
        raise TicktoneError("is silent; leave it out", path)
    heard = [*parts.values(), np.sum(list(parts.values()), axis=0)]
    peak = max(float(abs(sound).max()) for sound in heard)
    if peak > CEILING:
        parts = {part: sound * np.float32(CEILING / peak) for part, sound in parts.items()}
    return parts


def _parts(path: Path, song: Song | None, addition: Addition) -> dict[str, Sound]:
    if song is None:
        with Reader(path) as reader:
            sound = np.concatenate(list(reader.blocks()), axis=1)
            sounds, rate = {addition.kind: sound}, reader.sample_rate
    else:
        sounds = {part: song.read(part) for part in ("percussive", "harmonic")}
        rate = song.sample_rate
    return {part: _prepared(sound, rate, addition) for part, sound in sounds.items()}


def _prepared(sound: Sound, rate: int, addition: Addition) -> Sound:
    """Convert to two channels, the sample rate and the length."""
    sound = np.broadcast_to(sound[:2], (2, sound.shape[1])).astype(np.float32)
    if rate != addition.sample_rate:
        in_order = sound.T.copy()  # with older NumPy soxr takes a single frame so alone
        sound = soxr.resample(in_order, rate, addition.sample_rate).T
    times = np.ceil(addition.repeat * addition.sample_rate / max(1, sound.shape[1]))
    return np.tile(sound, (1, max(1, int(times))))
