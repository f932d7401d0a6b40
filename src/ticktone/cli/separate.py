"""`ticktone separate`."""

from functools import partial
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
    jobs: Annotated[
        int | None,
        typer.Option(
            *("--jobs", "-j"),
            min=1,
            show_default="1; with ray, as many as there are CPUs for",
            help="Files at a time.",
        ),
    ] = None,
    threads: common.Threads = None,
    manifest: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            show_default="none; with ray, OUTPUT/manifest.parquet",
            help="Write down here, in Parquet, what became of each file; pass over what is done.",
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option(help="What does it: processes of this machine, or ray, a cluster.")
    ] = "processes",
    address: Annotated[
        str | None,
        typer.Option(show_default="found or started", help="The Ray cluster's."),
    ] = None,
    as_json: common.Json = False,
    quiet: common.Quiet = False,
) -> None:
    """Write NAME.harmonic.EXT and NAME.percussive.EXT for every recording.

    The parts have the recording's rate, length, channels and bit depth, and sum to it.
    Folders are searched at any depth; --output mirrors their tree. Paths may be URIs.
    """
    with common.reporting():
        from ticktone.batch import Job

        common.check_engine(engine, address)
        on_ray = engine == "ray"
        if on_ray and manifest is None:
            manifest = common.default_manifest(output)
        job = Job(
            target=common.make_target(output, format, subtype, float_, overwrite, skip_existing),
            method=method,
            options=common.parse_options(option),
            phase=phase,
            threads=threads or (1 if on_ray else common.default_threads(jobs or 1)),
            only=only,
        )
        run = None
        if on_ray:
            from ticktone.distributed import run_on_ray

            run = partial(run_on_ray, job, workers=jobs, address=address)
        common.run_batch(paths, job, jobs or 1, as_json, quiet, manifest, run)
