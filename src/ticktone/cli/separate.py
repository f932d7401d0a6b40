"""`ticktone separate`."""

from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.methods import DEFAULT
from ticktone.phase import DEFAULT as DEFAULT_PHASE


def separate(
    paths: common.Paths,
    output: common.Output = None,
    method: common.Method = DEFAULT,
    option: common.MethodOptions = None,
    phase: common.Phase = DEFAULT_PHASE,
    format: common.FormatOption = "same",
    subtype: common.Subtype = None,
    float_: common.Float = False,
    only: Annotated[
        str | None, typer.Option(help="Write this part alone: harmonic or percussive.")
    ] = None,
    overwrite: common.Overwrite = False,
    skip_existing: common.SkipExisting = False,
    jobs: common.Jobs = 1,
    threads: common.Threads = None,
    as_json: common.Json = False,
    quiet: common.Quiet = False,
) -> None:
    """Write NAME.harmonic.EXT and NAME.percussive.EXT for every recording.

    The parts have the recording's rate, length, channels and bit depth, and sum to it.
    Folders are searched at any depth; --output mirrors their tree.
    """
    with common.reporting():
        from ticktone.batch import Job

        job = Job(
            target=common.make_target(output, format, subtype, float_, overwrite, skip_existing),
            method=method,
            options=common.parse_options(option),
            phase=phase,
            threads=threads or common.default_threads(jobs),
            only=only,
        )
        common.run_batch(paths, job, jobs, as_json, quiet)
