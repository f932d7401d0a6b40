"""Rendering: a folder of MIDI files becomes a folder of songs in stems."""

import zlib
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pretty_midi

from ticktone.corpus import lmms, modules
from ticktone.corpus.bank import UNKNOWN, Bank, Licences, open_bank
from ticktone.corpus.corpus_manifest import CorpusManifest, SongRecord
from ticktone.corpus.effects import Sound
from ticktone.corpus.fluidsynth import play
from ticktone.corpus.midi import cut, is_left_out, is_percussive, read_midi
from ticktone.corpus.performance import Stems, perform
from ticktone.corpus.song_writer import Source, digest, find_sources, levels, write_song
from ticktone.errors import TicktoneError, naming
from ticktone.processes import DIED, in_processes

_MIDI = ("mid", "midi", "kar")
_TAIL = 2.0  # seconds after the last note
_TRIES = 12  # places that are looked at for an excerpt in which both parts play


@dataclass(frozen=True)
class Rendering:
    """How scores become songs.

    Parameters
    ----------
    soundfonts, kits, instruments : tuple of Path
        What plays; see `open_bank`.
    licences : Licences
        Of these and of the scores.
    seconds : float
        Render an excerpt of this length from a random place; 0: everything.
    versions : int
        Songs made of each score, each played by others.
    sample_rate : int
        Hz; 22 050 to 96 000.
    channels : {1, 2}
    synthesised : float
        The share of songs that drum machines and synthesisers of our own play; see
        `ticktone.corpus.synthesis`.
    blended : float
        The share of the other songs in which synthesisers play along with the rest: who plays is
        drawn for each instrument.
    mastered : float
        The share of songs with a drum bus, now and then ducking by the kick, and a master; see
        `ticktone.corpus.records`.
    families : bool
        Whether families of instruments are kept apart: ``bass.flac``, ``guitar.flac`` and so on
        instead of ``harmonic.flac``.
    seed : int
    """

    soundfonts: tuple[Path, ...]
    kits: tuple[Path, ...] = ()
    instruments: tuple[Path, ...] = ()
    licences: Licences = Licences()  # noqa: RUF009  (it never changes)
    seconds: float = 0.0
    versions: int = 1
    sample_rate: int = 44_100
    channels: int = 2
    synthesised: float = 0.0
    blended: float = 0.0
    mastered: float = 0.0
    families: bool = False
    seed: int = 0

    def bank(self) -> Bank:
        """Find the sounds; see `open_bank`."""
        bank = open_bank(self.soundfonts, self.kits, self.instruments, self.licences)
        shares = ("synthesised", "blended", "mastered")
        return replace(bank, **{name: getattr(self, name) for name in shares})

    def options(self) -> dict[str, Any]:
        """Return the options, for the manifest."""
        names = ("seed", "sample_rate", "seconds", "channels", "synthesised", "families")
        options = {name: getattr(self, name) for name in names}
        return options | {"blended": self.blended, "mastered": self.mastered}


@dataclass(frozen=True)
class RenderResult:
    """Result of rendering a score: the new song's entry, or why there is none."""

    score: Source
    entry: SongRecord | None = None
    error: str = ""


def find_scores(paths: Sequence[Path], versions: int = 1) -> list[Source]:
    """List the MIDI files that are named or lie in folders; see `find_sources`."""
    return find_sources(paths, _MIDI, "MIDI files", versions)


def find_songs(paths: Sequence[Path], versions: int = 1) -> list[Source]:
    """List the songs of every kind that are named or lie in folders; see `find_sources`.

    Of a tracker module or project there is one version, for it holds its own sounds.
    """
    own = (*modules.EXTENSIONS, *lmms.EXTENSIONS)
    what = "MIDI files, tracker modules or projects of LMMS"
    found = find_sources(paths, (*_MIDI, *own), what, versions)
    return [song for song in found if not song.version or song.path.suffix[1:].lower() not in own]


def render(
    scores: Sequence[Source], output: Path, rendering: Rendering, jobs: int = 1
) -> Generator[RenderResult, None, None]:
    """Render scores into a folder, several at a time; those that are there already are passed over.

    What a score becomes depends on its path from the folder that was given, its content, the
    rendering and the sounds alone: not on where they lie or what is rendered beside it.

    Parameters
    ----------
    scores : sequence of Source
        See `find_scores`.
    output : Path
        ``output/NAME/percussive.flac`` and so on, and ``output/manifest.jsonl``.
    rendering : Rendering
    jobs : int
        Processes.

    Yields
    ------
    RenderResult
        As they are finished. A score that cannot be rendered is an outcome like any other.

    Raises
    ------
    TicktoneError
        If the output cannot be written or holds songs made otherwise, or if FluidSynth is missing
        or there is nothing that it can play on.
    """
    bank = rendering.bank()
    manifest = CorpusManifest(output)
    wanted = [score for score in scores if manifest.lacks(score, rendering.options())]
    if not wanted:
        return
    for font in bank.soundfonts:  # what is wrong with them is everybody's, not each score's
        play(pretty_midi.Instrument(0), font.path, 1, rendering.sample_rate)
    # In no order of theirs, so that what a run has made when it is stopped is a fair sample.
    wanted.sort(key=lambda score: zlib.crc32(score.name.encode(errors="surrogateescape")))
    with closing(in_processes(_Renderer, (rendering, output), wanted, jobs)) as results:
        for score, outcome in results:
            if outcome is None:
                outcome = RenderResult(score, error=f"{score.path}: {DIED}")
            if outcome.entry is not None:
                manifest.add(outcome.entry)
            yield outcome


class _Renderer:
    """Renders one score after another with one bank, which it keeps."""

    def __init__(self, rendering: Rendering, output: Path) -> None:
        self.rendering, self.output, self.bank = rendering, output, rendering.bank()

    def __call__(self, score: Source) -> RenderResult:
        try:
            with naming(score.path):
                entry = render_score(score, self.output, self.rendering, self.bank)
                return RenderResult(score, entry)
        except TicktoneError as error:
            named = "" if error.path == str(score.path) else f"{score.path}: "
            return RenderResult(score, error=f"{named}{error}")


def render_score(score: Source, output: Path, rendering: Rendering, bank: Bank) -> SongRecord:
    """Render one score.

    Raises
    ------
    TicktoneError
        If it is no MIDI file, nothing in it sounds, or the song cannot be written.
    """
    from ticktone import __version__

    rng = np.random.default_rng(
        [rendering.seed, zlib.crc32(score.source.encode(errors="surrogateescape")), score.version]
    )
    midi = read_midi(score.path)
    start, seconds = 0.0, midi.get_end_time() + _TAIL
    if 0 < rendering.seconds < seconds - _TAIL:
        start, midi = _excerpt(midi, rendering.seconds, rng)
        seconds = rendering.seconds
    samples = round(seconds * rendering.sample_rate)
    stems = perform(midi, bank, samples, rendering.sample_rate, rng)
    files = _files(stems, rendering.families)
    if not files:
        raise TicktoneError("nothing in it sounds; leave it out", score.path)
    write_song(output / score.name, files, rendering.sample_rate, rendering.channels)
    return SongRecord(
        name=score.name,
        source=score.source,
        sha256=digest(score.path),
        seconds=round(seconds, 3),
        sample_rate=rendering.sample_rate,
        files=[f"{name}.flac" for name in files],
        licences=sorted({rendering.licences.of(score.path) or UNKNOWN} | stems.licences),
        players=sorted(set(stems.players)),
        levels=levels(files, rendering.sample_rate),
        start=round(start, 3),
        seed=rendering.seed,
        options=rendering.options(),
        ticktone=__version__,
    )


def _files(stems: Stems, families: bool) -> dict[str, Sound]:
    files = {}
    if stems.percussive:
        files["percussive"] = _sum(stems.percussive)
    if families:
        files.update(stems.harmonic)
    elif stems.harmonic:
        files["harmonic"] = _sum(stems.harmonic)
    return files


def _sum(stems: dict[str, Sound]) -> Sound:
    total: Sound = np.sum(list(stems.values()), axis=0)
    return total


def _excerpt(
    midi: pretty_midi.PrettyMIDI, seconds: float, rng: np.random.Generator
) -> tuple[float, pretty_midi.PrettyMIDI]:
    """Cut an excerpt from a random place where, if anywhere, both parts play."""
    best: tuple[int, float, pretty_midi.PrettyMIDI] | None = None
    for start in rng.uniform(0, midi.get_end_time() - seconds, _TRIES):
        excerpt = cut(midi, float(start), float(start) + seconds)
        heard = [part for part in excerpt.instruments if not is_left_out(part)]
        parts = len({is_percussive(part) for part in heard})
        if best is None or parts > best[0]:
            best = parts, float(start), excerpt
        if parts == 2:
            break
    assert best is not None
    return best[1:]
