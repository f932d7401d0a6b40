"""`ticktone remix`."""

from functools import partial
from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.cli.pipes import pipes
from ticktone.methods import DEFAULT
from ticktone.options import read_pairs
from ticktone.phase import DEFAULT as DEFAULT_PHASE


def remix(
    paths: common.Paths,
    harmonic: Annotated[float, typer.Option(metavar="DB", help="Gain of the harmonic part.")] = 0.0,
    percussive: Annotated[
        float, typer.Option(metavar="DB", help="Gain of the percussive part.")
    ] = 0.0,
    residual: Annotated[
        float, typer.Option(metavar="DB", help="Gain of the residual, where the method leaves one.")
    ] = 0.0,
    output: common.Output = None,
    method: common.Method = DEFAULT,
    option: common.MethodOptions = None,
    phase: common.Phase = DEFAULT_PHASE,
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

    --percussive -inf makes a drumless track, --harmonic -inf leaves the drums.
    """
    with common.reporting():
        from ticktone.archive.many_files import remix_files

        start = partial(
            remix_files,
            gains={"harmonic": harmonic, "percussive": percussive, "residual": residual},
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
