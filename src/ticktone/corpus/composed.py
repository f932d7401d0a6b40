"""Rendering songs that hold their own sounds: tracker modules and projects of LMMS."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ticktone.corpus import lmms, modules
from ticktone.corpus.arrangement import Arrangement
from ticktone.corpus.bank import UNKNOWN, Licences
from ticktone.corpus.classification import Sheet, SheetEntry, classify, read_sheet, write_sheet
from ticktone.corpus.classification.names import Part
from ticktone.corpus.classification.sheet import sheet_path
from ticktone.corpus.corpus_manifest import CorpusManifest, SongRecord, read_manifest
from ticktone.corpus.effects import Sound
from ticktone.corpus.exclusions import exclusions
from ticktone.corpus.lmms.lmms_song import LmmsSong
from ticktone.corpus.material import at_corpus_level
from ticktone.corpus.modules.module_song import ModuleSong
from ticktone.corpus.render import RenderResult
from ticktone.corpus.song_writer import Source, digest, levels, write_song
from ticktone.errors import TicktoneError
from ticktone.processes import DIED, in_processes

EXTENSIONS = (*modules.EXTENSIONS, *lmms.EXTENSIONS)

_PARTS: tuple[Part, ...] = ("percussive", "harmonic")
_UNHEARD: tuple[Part, ...] = ("left_out",)
_LISTED = 5  # instruments that are named in a message


@dataclass(frozen=True)
class SongRendering:
    """How songs are rendered into their parts.

    Parameters
    ----------
    licences : Licences
        Of the songs, and of the samples that projects play.
    sample_rate : int
        Hz.
    channels : {1, 2}
    """

    licences: Licences = Licences()  # noqa: RUF009  (it never changes)
    sample_rate: int = 44_100
    channels: int = 2

    def options(self) -> dict[str, Any]:
        """Return the options, for the manifest."""
        return {"sample_rate": self.sample_rate, "channels": self.channels}


def is_composed(path: Path) -> bool:
    """Return whether a file, by its extension, is a song with sounds of its own."""
    return path.suffix[1:].lower() in EXTENSIONS


def render_songs(
    songs: Sequence[Source], output: Path, rendering: SongRendering, jobs: int = 1
) -> Generator[RenderResult, None, None]:
    """Render songs into a folder; those that are there already are passed over.

    Each song's instruments are first classified (see `ticktone.corpus.classification`), which is
    written beside the song: ``SONG.parts.toml``. Where that is there, it counts, and a song that
    was rendered before it was corrected is rendered anew. The parts are two renderings, each
    without the other's instruments: it is their sum that is the mixture, not what the song's
    own program plays, whose effects may differ by what plays at once.

    Parameters
    ----------
    songs : sequence of Source
    output : Path
        ``output/NAME/percussive.flac`` and so on, and ``output/manifest.jsonl``.
    rendering : SongRendering
    jobs : int
        Processes.

    Yields
    ------
    RenderResult
        As they are finished. A song that is refused, say for instruments of which it cannot be
        told what they are, is an outcome like any other.

    Raises
    ------
    TicktoneError
        If the output cannot be written or holds songs made otherwise.
    """
    manifest = CorpusManifest(output)
    made = {entry.name: entry for entry in read_manifest(output)}
    wanted = [
        song
        for song in songs
        if manifest.lacks(song, rendering.options()) or _was_corrected(song, made[song.name])
    ]
    worker = (_render, output, rendering)
    with closing(in_processes(partial, worker, wanted, jobs)) as results:
        for song, outcome in results:
            if outcome is None:
                outcome = RenderResult(song, error=f"{song.path}: {DIED}")
            if outcome.entry is not None:
                manifest.add(outcome.entry)
            yield outcome


def _was_corrected(song: Source, entry: SongRecord) -> bool:
    sheet = read_sheet(sheet_path(song.path), entry.sha256)
    return sheet is not None and _parts_of(sheet) != entry.options.get("parts")


def _render(output: Path, rendering: SongRendering, song: Source) -> RenderResult:
    try:
        return RenderResult(song, render_song(song, output, rendering))
    except TicktoneError as error:
        named = "" if error.path else f"{song.path}: "
        return RenderResult(song, error=f"{named}{error}")


def render_song(song: Source, output: Path, rendering: SongRendering) -> SongRecord:
    """Classify and render one song.

    Raises
    ------
    TicktoneError
        If it is no such song, is excluded (see `ticktone.corpus.exclusions`), has instruments that
        cannot be told, is silent, or what it needs is not installed.
    """
    from ticktone import __version__

    sha256 = digest(song.path)
    exclusions().check(sha256, (song.source, song.path.name))
    with _open(song.path) as arrangement:
        exclusions().check(sha256, arrangement.texts)
        sheet = _classified(song.path, sha256, arrangement)
        parts = _play(arrangement, sheet, rendering.sample_rate)
        sources = arrangement.sources
    rate = rendering.sample_rate
    parts = at_corpus_level(parts, rate, song.path)
    write_song(output / song.name, parts, rate, rendering.channels)
    paths = [song.path, *(Path(source) for source in sources if Path(source).is_absolute())]
    return SongRecord(
        name=song.name,
        source=song.source,
        sha256=sha256,
        seconds=round(next(iter(parts.values())).shape[1] / rate, 3),
        sample_rate=rate,
        files=[f"{part}.flac" for part in parts],
        licences=sorted({rendering.licences.of(path) or UNKNOWN for path in paths}),
        players=[Path(source).name for source in sources],
        levels=levels(parts, rate),
        options={**rendering.options(), "parts": _parts_of(sheet)},
        ticktone=__version__,
    )


def _open(path: Path) -> AbstractContextManager[Arrangement]:
    song: AbstractContextManager[Arrangement]
    song = LmmsSong(path) if path.suffix[1:].lower() in lmms.EXTENSIONS else ModuleSong(path)
    return song


def _parts_of(sheet: Sheet) -> dict[str, list[int]]:
    return {part: sheet.numbers(part) for part in (*_PARTS, *_UNHEARD)}


def _classified(path: Path, sha256: str, arrangement: Arrangement) -> Sheet:
    """Read a song's sheet or, if it has none, write one; refuse a song with unknown instruments."""
    players = arrangement.players
    beside = sheet_path(path)
    sheet = read_sheet(beside, sha256, {player.number for player in players})
    if sheet is None:
        instruments = []
        for player in players:
            verdict = classify(player.evidence)
            instruments.append(
                SheetEntry(player.number, player.evidence.name, verdict.part, verdict.reason)
            )
        sheet = Sheet(sha256, tuple(instruments))
        write_sheet(beside, sheet)
    unknown = [
        f"{each.number} {each.name!r}" for each in sheet.instruments if each.part == "unknown"
    ]
    if unknown:
        more = f" and {len(unknown) - _LISTED} more" if len(unknown) > _LISTED else ""
        raise TicktoneError(
            f"cannot tell whether these are percussive or harmonic: "
            f"{', '.join(unknown[:_LISTED])}{more}; write it in {beside}",
            path,
        )
    return sheet


def _play(arrangement: Arrangement, sheet: Sheet, sample_rate: int) -> dict[str, Sound]:
    """Play each part alone; one that has no instruments, or is silent, is left out."""
    parts = {}
    for part in _PARTS:
        if numbers := sheet.numbers(part):
            sound = arrangement.play(numbers, sample_rate)
            if np.any(sound):
                parts[part] = sound
    longest = max((sound.shape[1] for sound in parts.values()), default=0)
    return {
        part: np.pad(sound, ((0, 0), (0, longest - sound.shape[1])))
        for part, sound in parts.items()
    }
