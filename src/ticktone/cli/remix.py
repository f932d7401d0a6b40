"""`ticktone remix`."""

from functools import partial
from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.cli.pipes import pipes
from ticktone.methods import DEFAULT
from ticktone.options import read_pairs
from ticktone.phase import DEFAULT as DEFAULT_PHASE
from ticktone.phase import phases


def remix(
    paths: common.Paths,
    harmonic: Annotated[float, typer.Option(metavar="DB", help="Gain of the harmonic part.")] = 0.0,
    percussive: Annotated[
        float, typer.Option(metavar="DB", help="Gain of the percussive part.")
    ] = 0.0,
    residual: Annotated[
        float, typer.Option(metavar="DB", help="Gain of the residual, where the method leaves one.")
    ] = 0.0,
    name: Annotated[
        str | None,
        typer.Option(*("--name", "-n"), help="Of one remix among several: NAME.THIS.remix.EXT."),
    ] = None,
    normalise: Annotated[
        bool,
        typer.Option("--normalise", help="One gain for the whole: peak just below full scale."),
    ] = False,
    output: common.Output = None,
    method: Annotated[
        str | None,
        typer.Option(
            *("--method", "-m"),
            show_default=f"the parts that lie there, else {DEFAULT}",
            help="Separate by this; see `ticktone methods`.",
        ),
    ] = None,
    option: common.MethodOptions = None,
    phase: Annotated[
        str | None,
        typer.Option(
            show_default=DEFAULT_PHASE,
            help=f"Where the parts get their phase from: {' or '.join(phases())}.",
        ),
    ] = None,
    format: common.FormatOption = "same",
    subtype: common.Subtype = None,
    float_: common.Float = False,
    bitrate: common.Bitrate = None,
    no_tags: common.NoTags = False,
    overwrite: common.Overwrite = False,
    skip_existing: common.SkipExisting = False,
    jobs: common.Jobs = 1,
    threads: common.Threads = None,
    fail_fast: common.FailFast = False,
    as_json: common.Json = False,
    quiet: common.Quiet = False,
) -> None:
    """Mix the two parts at other levels, as NAME.remix.EXT.

    --percussive -inf makes a drumless track, --harmonic -inf leaves the drums. If parts lie beside
    the recording and sum to it, they are used; -m, -O and --phase separate again.
    """
    with common.reporting():
        from ticktone.archive.many_files import remix_files

        start = partial(
            remix_files,
            gains={"harmonic": harmonic, "percussive": percussive, "residual": residual},
            name=name,
            normalise=normalise,
            method=method,
            options=read_pairs(option),
            phase=phase,
            format=format,
            subtype=subtype,
            float_=float_,
            tags=not no_tags,
            bitrate=bitrate,
            existing=common.existing(overwrite, skip_existing),
            jobs=jobs,
            threads=threads or common.default_threads(jobs),
        )
        with pipes(paths, output, 1) as piped:
            common.run_batch(start, piped, as_json, quiet, fail_fast)
