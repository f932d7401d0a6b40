"""`ticktone remix`."""

from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.methods import DEFAULT
from ticktone.phase import DEFAULT as DEFAULT_PHASE


def remix(
    paths: common.Paths,
    harmonic: Annotated[float, typer.Option(metavar="DB", help="Gain of what rings.")] = 0.0,
    percussive: Annotated[float, typer.Option(metavar="DB", help="Gain of what hits.")] = 0.0,
    residual: Annotated[
        float, typer.Option(metavar="DB", help="Gain of what is left, where the method leaves it.")
    ] = 0.0,
    output: common.Output = None,
    method: common.Method = DEFAULT,
    option: common.MethodOptions = None,
    phase: common.Phase = DEFAULT_PHASE,
    format: common.FormatOption = "same",
    subtype: common.Subtype = None,
    float_: common.Float = False,
    overwrite: common.Overwrite = False,
    skip_existing: common.SkipExisting = False,
    jobs: common.Jobs = 1,
    threads: common.Threads = None,
    as_json: common.Json = False,
    quiet: common.Quiet = False,
) -> None:
    """Put the two parts together again at other levels, as NAME.remix.EXT.

    --percussive -inf makes a drumless track, --harmonic -inf leaves the drums.
    """
    with common.reporting():
        from ticktone.batch import Job
        from ticktone.mixing import check_gains

        gains = {"harmonic": harmonic, "percussive": percussive, "residual": residual}
        check_gains(gains)
        job = Job(
            target=common.make_target(output, format, subtype, float_, overwrite, skip_existing),
            method=method,
            options=common.parse_options(option),
            phase=phase,
            threads=threads or common.default_threads(jobs),
            gains=gains,
        )
        common.run_batch(paths, job, jobs, as_json, quiet)
