"""What several commands share: options, reports, and how a run ends."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import asdict
from importlib.util import find_spec
from math import log10
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from ticktone.cli.interruption import clean_up_when_interrupted
from ticktone.cli.output import complain as complain
from ticktone.cli.output import print_json, print_line, results_alone
from ticktone.errors import TicktoneError
from ticktone.parts import REMIX
from ticktone.phase import phases

if TYPE_CHECKING:
    from ticktone.archive.many_files import FileResults
    from ticktone.archive.result import FileResult
    from ticktone.cli.pipes import Pipes
    from ticktone.storage.location import Location

Method = Annotated[
    str,
    typer.Option(
        "--method", "-m", help="best, fast, live, classic, or another of `ticktone methods`."
    ),
]
Paths = Annotated[
    list[str],
    typer.Argument(
        help="Sound files, or folders of them (NAME.harmonic.EXT and the like are passed over); "
        "paths or URIs, such as s3://bucket/folder; - is standard input.",
    ),
]
MethodOptions = Annotated[
    list[str] | None,
    typer.Option("--option", "-O", metavar="NAME=VALUE", help="An option of the method's."),
]
Phase = Annotated[
    str, typer.Option(help=f"Where the parts get their phase from: {' or '.join(phases())}.")
]
Output = Annotated[
    str | None,
    typer.Option(
        *("--output", "-o"),
        show_default="beside each file",
        help="Folder for the results, or URI; - is standard output, for one file.",
    ),
]
FormatOption = Annotated[
    str, typer.Option("--format", "-f", help="wav, flac, ogg, mp3, or same as the recording.")
]
Subtype = Annotated[
    str | None,
    typer.Option(show_default="as the recording", help="Samples: PCM_16, PCM_24, FLOAT, ..."),
]
Float = Annotated[bool, typer.Option("--float", help="Write 32-bit floating point samples.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace results that exist.")]
SkipExisting = Annotated[
    bool, typer.Option("--skip-existing", help="Pass over files whose results exist.")
]
NoTags = Annotated[
    bool, typer.Option("--no-tags", help="Leave out tags, pictures, loops, markers and the like.")
]
Bitrate = Annotated[
    float | None,
    typer.Option(
        metavar="KBITS", show_default="no less than the recording's", help="MP3, OGG, AAC."
    ),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Files at a time.")]
Threads = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default="cores / jobs",
        help="Threads to each file, of networks and Fourier transforms.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object per file.")]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first file that fails.")]
Speed = Annotated[
    bool, typer.Option("--speed", help="Measure the speed on this computer: about a minute.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]


def need_torch() -> None:
    """Refuse to go on without PyTorch, which separating does not need."""
    if find_spec("torch") is None:
        raise TicktoneError("training needs PyTorch; install it by: pip install 'ticktone[train]'")


def default_threads(jobs: int) -> int:
    """Share the processor's cores among the jobs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (cores or 1) // jobs)


def has_terminal() -> bool:
    """Return whether there is somebody to see progress."""
    return sys.stderr is not None and sys.stderr.isatty()


def existing(overwrite: bool, skip_existing: bool) -> str:
    """Return what to do where results exist; raises `TicktoneError` for both at a time."""
    if overwrite and skip_existing:
        raise TicktoneError("--overwrite and --skip-existing exclude each other")
    return "overwrite" if overwrite else "skip" if skip_existing else "refuse"


@contextmanager
def reporting() -> Iterator[None]:
    """Turn errors that a user can correct into one line and exit code 1, Ctrl-C into 130."""
    from ticktone.processes import cleaning_up

    try:
        with cleaning_up():
            yield
    except TicktoneError as error:
        complain(str(error))
        raise typer.Exit(1) from None
    except FileNotFoundError as error:
        if error.filename is not None:
            raise
        complain("the working folder was deleted; change to another")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        complain("interrupted")
        raise typer.Exit(130) from None


def run_batch(
    start: "Callable[..., FileResults]",
    pipes: "Pipes",
    as_json: bool,
    quiet: bool,
    fail_fast: bool = False,
) -> None:
    """Process files, report each, and exit with 1 if any failed.

    Parameters
    ----------
    start : callable
        Called with `paths`, `output` and `progress`; returns the results.
    pipes : Pipes
    as_json, quiet : bool
    fail_fast : bool
        Whether to end at the first that fails.
    """
    from ticktone.cli.progress import Bars
    from ticktone.storage.location import location

    counts = {"done": 0, "skipped": 0, "failed": 0}
    shown = has_terminal() and not quiet

    def update(source: "Location", done: float) -> None:
        bars.update(source, done)

    with results_alone() as out:  # Ray prints what it has lost, and C libraries complain
        results = start(paths=pipes.paths, output=pipes.output, progress=update if shown else None)
        clean_up_when_interrupted()
        for note in results.notes if not quiet else ():
            complain(note)
        lines = sys.stderr if pipes.to_stdout else out
        with (
            closing(results),
            redirect_stdout(sys.stderr),
            Bars(results.total, shown) as bars,
        ):
            for result in pipes.follow(results, lambda: out.buffer):
                counts[result.status] += 1
                bars.finish(location(result.source), worked=result.status != "skipped")
                with bars.away():
                    _report(result, as_json, quiet, lines)
                if fail_fast and counts["failed"]:
                    break
        if sum(counts.values()) > 1 and not (quiet or as_json):
            said = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
            print_line(said, lines)
    if counts["failed"]:
        raise typer.Exit(1)


def _report(result: "FileResult", as_json: bool, quiet: bool, out: TextIO) -> None:
    if as_json:
        print_json(asdict(result), out)
    if result.status == "failed":
        complain(result.error or "failed")
    elif not (quiet or as_json):
        print_line(_summary(result), out)
    for part, count in result.overs.items():
        peak = 20 * log10(result.peaks[part])
        complain(
            f"{result.outputs[part]}: {count} samples exceeded full scale (peak {peak:+.1f} dB) "
            f"and were limited; --float keeps them{', --normalise too' if part == REMIX else ''}"
        )
    for note in result.notes if not quiet else ():
        complain(f"{result.source}: {note}")


def _summary(result: "FileResult") -> str:
    if result.status == "skipped":
        return f"{result.source}: skipped, as it was done before"
    minutes, seconds = divmod(result.duration, 60)
    names = ", ".join(PurePath(output).name for output in result.outputs.values())
    speed = result.duration / max(result.elapsed, 1e-9)
    return f"{result.source}: {minutes:.0f}:{seconds:04.1f}, {speed:.0f} x real time -> {names}"
