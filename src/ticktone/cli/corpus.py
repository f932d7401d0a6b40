"""`ticktone corpus`."""

from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ticktone.cli import common
from ticktone.cli.interruption import clean_up_when_interrupted
from ticktone.errors import TicktoneError

if TYPE_CHECKING:
    from ticktone.corpus.bank import Licences

app = typer.Typer(no_args_is_help=True, help="Make a training corpus: songs whose stems are known.")

Output = Annotated[Path, typer.Option("--output", "-o", help="The corpus's folder.")]
LicenceRules = Annotated[
    list[str] | None,
    typer.Option(
        "--licence",
        metavar="PATTERN=TEXT",
        help="Licence of the sources whose path matches, for the manifest; the first match counts.",
    ),
]
LicenceFile = Annotated[
    Path | None,
    typer.Option("--licences", help="A file of lines PATTERN = TEXT, as --licence takes them."),
]
Mono = Annotated[bool, typer.Option("--mono", help="Write one channel, half the size.")]


@app.command()
def render(
    songs: Annotated[
        list[Path],
        typer.Argument(
            help="MIDI files, tracker modules (mod, s3m, xm, it), projects of LMMS (mmp, mmpz), or "
            "folders of them."
        ),
    ],
    output: Output,
    soundfont: Annotated[
        list[Path] | None,
        typer.Option(help="An .sf2 or .sf3 file; MIDI needs one, several may be."),
    ] = None,
    kit: Annotated[
        list[Path] | None,
        typer.Option(help="A drum kit: Hydrogen's, or one-shots; or a folder of kits."),
    ] = None,
    instrument: Annotated[
        list[Path] | None, typer.Option(help="An instrument's notes; or a folder of instruments.")
    ] = None,
    licence: LicenceRules = None,
    licences: LicenceFile = None,
    seconds: Annotated[
        float, typer.Option(min=0, help="Length of an excerpt of each MIDI file; 0: all of it.")
    ] = 0,
    versions: Annotated[int, typer.Option(min=1, help="Songs to make of each MIDI file.")] = 1,
    sample_rate: Annotated[int, typer.Option(min=22_050, max=96_000, help="Hz.")] = 44_100,
    mono: Mono = False,
    synthesised: Annotated[
        float,
        typer.Option(
            metavar="SHARE", min=0, max=1, help="Songs that drum machines and synthesisers play."
        ),
    ] = 0,
    blended: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=1,
            help="Of the other songs, those in which synthesisers and the rest play together.",
        ),
    ] = 0,
    mastered: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=1,
            help="Songs with a drum bus, ducking and a master, as records have them.",
        ),
    ] = 0,
    families: Annotated[
        bool, typer.Option("--families", help="Keep MIDI's bass, guitar, piano, ... apart.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Another one makes other songs.")] = 0,
    jobs: common.Jobs = 1,
    quiet: common.Quiet = False,
) -> None:
    """Render songs into stems: SONG/percussive.flac and SONG/harmonic.flac.

    What is rendered already is passed over, so that a run that was stopped goes on. MIDI files are
    played by what is named here; modules and projects hold their own sounds. Which part each of
    their instruments belongs to is written beside them, in SONG.parts.toml: correct it there where
    it is wrong or unknown, and render again.
    """
    with common.reporting():
        _need_extra()
        from ticktone.cli.progress import Bars
        from ticktone.corpus.composed import SongRendering, is_composed, render_songs
        from ticktone.corpus.render import Rendering, find_songs
        from ticktone.corpus.render import render as render_scores

        clean_up_when_interrupted()
        known = _licences(licence, licences)
        channels = 1 if mono else 2
        found = find_songs(songs, versions)
        composed = [song for song in found if is_composed(song.path)]
        scores = [song for song in found if not is_composed(song.path)]
        runs = []
        if scores:
            rendering = Rendering(
                soundfonts=tuple(soundfont or ()),
                kits=tuple(kit or ()),
                instruments=tuple(instrument or ()),
                licences=known,
                seconds=seconds,
                versions=versions,
                sample_rate=sample_rate,
                channels=channels,
                synthesised=synthesised,
                blended=blended,
                mastered=mastered,
                families=families,
                seed=seed,
            )
            runs.append(render_scores(scores, output, rendering, jobs))
        if composed:
            how = SongRendering(known, sample_rate, channels)
            runs.append(render_songs(composed, output, how, jobs))
        done = failed = 0
        shown = common.has_terminal() and not quiet
        with Bars(len(found), shown, "songs", lines=not quiet) as bars:
            for run in runs:
                with closing(run) as outcomes:
                    for outcome in outcomes:
                        bars.finish(outcome.score.path)
                        done += outcome.entry is not None
                        failed += outcome.entry is None
                        if outcome.error:
                            with bars.away():
                                common.complain(outcome.error)
        _close(output, done, len(found) - done - failed, failed, quiet)


@app.command()
def synthesise(
    output: Output,
    songs: Annotated[int, typer.Option(min=1, help="How many.")],
    minutes: Annotated[
        float, typer.Option("--minutes-per-song", min=0.05, max=60, help="On average.")
    ] = 2,
    genre: Annotated[
        list[str] | None, typer.Option(help="Draw from these only; several may be. Default: all.")
    ] = None,
    sample_rate: Annotated[int, typer.Option(min=22_050, max=96_000, help="Hz.")] = 44_100,
    mono: Mono = False,
    seed: Annotated[int, typer.Option(min=0, help="Another one makes other songs.")] = 0,
    jobs: common.Jobs = 1,
    quiet: common.Quiet = False,
) -> None:
    """Make songs of random electronic drums and instruments, out of nothing but a seed.

    What is made already is passed over, so that a run that was stopped goes on.
    """
    with common.reporting():
        _need_extra()
        from ticktone.cli.progress import Bars
        from ticktone.corpus.synthesis.synthesise import Synthesis
        from ticktone.corpus.synthesis.synthesise import synthesise as synthesise_songs

        clean_up_when_interrupted()
        synthesis = Synthesis(seed, minutes, tuple(genre or ()), sample_rate, 1 if mono else 2)
        done = failed = 0
        with (
            Bars(songs, common.has_terminal() and not quiet, "songs", not quiet) as bars,
            closing(synthesise_songs(songs, output, synthesis, jobs)) as outcomes,
        ):
            for outcome in outcomes:
                bars.finish(outcome.score.path)
                done += outcome.entry is not None
                failed += outcome.entry is None
                if outcome.error:
                    with bars.away():
                        common.complain(outcome.error)
        _close(output, done, songs - done - failed, failed, quiet)


@app.command()
def add(
    source: Annotated[Path, typer.Argument(help="A sound file, or a folder of them.")],
    output: Output,
    kind: Annotated[
        str,
        typer.Option(
            "--as", help="What they are: percussive, harmonic, or songs (stems in folders)."
        ),
    ],
    licence: LicenceRules = None,
    sample_rate: Annotated[int, typer.Option(min=8000, help="Hz.")] = 44_100,
    mono: Mono = False,
    repeat: Annotated[
        float, typer.Option(min=0, help="Repeat sounds (loops) that are shorter, in seconds.")
    ] = 0,
    quiet: common.Quiet = False,
) -> None:
    """Add recordings: loops, solos and voices that are all of one part, or songs in stems."""
    with common.reporting():
        _need_extra()
        from ticktone.corpus.material import KINDS, Addition
        from ticktone.corpus.material import add as add_material

        if kind not in KINDS:
            raise TicktoneError(f"--as {kind!r} is none of: {', '.join(KINDS)}")
        clean_up_when_interrupted()
        addition = Addition(kind, _licences(licence), sample_rate, 1 if mono else 2, repeat)
        done = failed = 0
        for outcome in add_material(source, output, addition):
            if isinstance(outcome, TicktoneError):
                failed += 1
                common.complain(str(outcome))
            else:
                done += 1
        _close(output, done, 0, failed, quiet)


def _need_extra() -> None:
    if find_spec("pretty_midi") is None:
        raise TicktoneError(
            "making a corpus needs pretty_midi; install it by: pip install 'ticktone[corpus]'"
        )


def _licences(rules: list[str] | None, file: Path | None = None) -> "Licences":
    from ticktone.corpus.bank import Licences
    from ticktone.corpus.licences import read_rules

    pairs = []
    for rule in rules or ():
        pattern, equals, text = rule.partition("=")
        if not pattern or not equals or not text:
            raise TicktoneError(f"--licence {rule!r} is not of the form PATTERN=TEXT")
        pairs.append((pattern, text))
    if file is not None:
        pairs += read_rules(file)
    return Licences(tuple(pairs))


def _close(output: Path, done: int, skipped: int, failed: int, quiet: bool) -> None:
    from ticktone.corpus.bank import UNKNOWN
    from ticktone.corpus.corpus_manifest import read_manifest

    entries = read_manifest(output)
    hours = sum(entry.seconds for entry in entries) / 3600
    unknown = sum(UNKNOWN in entry.licences for entry in entries)
    if not quiet:
        counts = {"made": done, "there already": skipped, "failed": failed}
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        typer.echo(f"{output}: {told or 'nothing new'}; {len(entries)} songs, {hours:.2f} hours")
    if unknown and not quiet:
        common.complain(f"of {unknown} songs not all licences are known; tell them by --licence")
    if failed:
        raise typer.Exit(1)
