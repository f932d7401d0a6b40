"""What several commands share: options, reports, and how a run ends."""

import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from functools import partial
from importlib.util import find_spec
from itertools import chain
from math import log10
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from ticktone.cli.interruption import clean_up_when_interrupted
from ticktone.errors import TicktoneError, unknown
from ticktone.phase import phases

if TYPE_CHECKING:
    from ticktone.batch import Job
    from ticktone.files import FileResult, Target
    from ticktone.manifest import Run

Value = bool | int | float | str

Method = Annotated[str, typer.Option("--method", "-m", help="See `ticktone methods`.")]
Paths = Annotated[
    list[str],
    typer.Argument(
        help="Sound files, or folders of them (NAME.harmonic.EXT and the like are passed over); "
        "paths or URIs, such as s3://bucket/folder.",
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
        *("--output", "-o"), show_default="beside each file", help="Folder for the results, or URI."
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
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]


def parse_options(pairs: Iterable[str] | None) -> dict[str, Value]:
    """Read a method's options from `NAME=VALUE`.

    >>> parse_options(["power=1", "margin=2.5", "residual=false"])
    {'power': 1, 'margin': 2.5, 'residual': False}
    """
    options = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise TicktoneError(f"option {pair!r} is not of the form NAME=VALUE")
        options[name.replace("-", "_")] = _value(value)
    return options


def _value(text: str) -> Value:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def need_torch() -> None:
    """Refuse to go on without PyTorch, which separating does not need."""
    if find_spec("torch") is None:
        raise TicktoneError("training needs PyTorch; install it by: pip install 'ticktone[train]'")


def default_threads(jobs: int) -> int:
    """Share the processor's cores among the jobs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (cores or 1) // jobs)


def has_terminal() -> bool:
    """Tell whether there is somebody to see progress."""
    return sys.stderr is not None and sys.stderr.isatty()


def make_target(
    output: str | None,
    format: str,
    subtype: str | None,
    float_: bool,
    overwrite: bool,
    skip_existing: bool,
) -> "Target":
    """Gather the options that say where results go."""
    from ticktone.audio.formats import FORMATS
    from ticktone.files import Target
    from ticktone.uri import location

    if overwrite and skip_existing:
        raise TicktoneError("--overwrite and --skip-existing exclude each other")
    if float_ and subtype is not None:
        raise TicktoneError("--float and --subtype exclude each other")
    if format not in FORMATS:
        raise TicktoneError(f"unknown format {format!r}; there are: {', '.join(FORMATS)}")
    existing = "overwrite" if overwrite else "skip" if skip_existing else "refuse"
    folder = None if output is None else location(output)
    return Target(folder, format, subtype, float_, existing)


def check_engine(engine: str, address: str | None) -> None:
    """Refuse an engine that there is not, and an address that would not be used."""
    engines = ("processes", "ray")
    if engine not in engines:
        raise TicktoneError(unknown("engine", engine, engines))
    if address is not None and engine != "ray":
        raise TicktoneError("--address is a Ray cluster's; add --engine ray")


def default_manifest(output: str | None) -> str:
    """Put the manifest among the results."""
    if output is None:
        raise TicktoneError("--engine ray needs a --manifest, or an --output to put it in")
    return f"{output.rstrip('/')}/manifest.parquet"


@contextmanager
def reporting() -> Iterator[None]:
    """Turn errors that a user can mend into one line and exit code 1, Ctrl-C into 130."""
    from ticktone.processes import stop

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except TicktoneError as error:
        complain(str(error))
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        complain("interrupted")
        raise typer.Exit(130) from None


def complain(message: str) -> None:
    """Print one line on standard error."""
    typer.echo(f"ticktone: {message}", err=True)


def run_batch(
    names: list[str],
    job: "Job",
    jobs: int,
    as_json: bool,
    quiet: bool,
    manifest: str | None = None,
    run: "Run | None" = None,
) -> None:
    """Do a job with every file, report each, and exit with 1 if any failed.

    Files are done by `run`, or in `jobs` processes here.
    """
    import numpy as np

    from ticktone.batch import find_tasks, run_tasks
    from ticktone.cli.progress import Bars
    from ticktone.stft import REFERENCE_RATE
    from ticktone.uri import location

    separator = job.separator()  # what is wrong with it is everybody's, not each file's
    separator.separate(np.zeros(1, np.float32), REFERENCE_RATE)  # loads all there is to load
    clean_up_when_interrupted()
    tasks, failures = find_tasks(names, job.target, job.parts(separator))
    counts = {"done": 0, "skipped": 0, "failed": 0}
    out = sys.stdout  # for results alone: Ray prints there what it has lost
    with redirect_stdout(sys.stderr), Bars(len(tasks), shown=has_terminal() and not quiet) as bars:
        run = run or partial(
            run_tasks, job, jobs=jobs, on_progress=bars.update if bars.shown else None
        )
        results: Iterator[FileResult] = chain(failures, run(tasks))
        if manifest is not None:
            from ticktone.manifest import Manifest, recorded

            results = recorded(Manifest(location(manifest), job), tasks, failures, run)
        for result in results:
            counts[result.status] += 1
            bars.finish(location(result.source))
            with bars.away():
                _report(result, as_json, quiet, out)
    if sum(counts.values()) > 1 and not (quiet or as_json):
        typer.echo(", ".join(f"{count} {status}" for status, count in counts.items() if count))
    if counts["failed"]:
        raise typer.Exit(1)


def _report(result: "FileResult", as_json: bool, quiet: bool, out: TextIO) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(result), ensure_ascii=False), out)
    if result.status == "failed":
        complain(result.error or "failed")
        return
    for part, count in result.overs.items():
        peak = 20 * log10(result.peaks[part])
        complain(
            f"{result.outputs[part]}: {count} samples exceeded full scale (peak {peak:+.1f} dB) "
            "and were limited; --float keeps them"
        )
    if not (quiet or as_json):
        typer.echo(_summary(result), out)


def _summary(result: "FileResult") -> str:
    if result.status == "skipped":
        return f"{result.source}: skipped, its results exist"
    minutes, seconds = divmod(result.duration, 60)
    names = ", ".join(PurePath(output).name for output in result.outputs.values())
    speed = result.duration / max(result.elapsed, 1e-9)
    return f"{result.source}: {minutes:.0f}:{seconds:04.1f}, {speed:.0f} x real time -> {names}"
