"""`ticktone separate`."""

from functools import partial
from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.cli.pipes import pipes
from ticktone.methods import DEFAULT
from ticktone.options import read_pairs
from ticktone.phase import DEFAULT as DEFAULT_PHASE


def separate(
    paths: common.Paths,
    output: common.Output = None,
    method: common.Method = DEFAULT,
    option: common.MethodOptions = None,
    phase: common.Phase = DEFAULT_PHASE,
    complement: Annotated[
        bool,
        typer.Option(
            "--complement/--no-complement",
            help="Make the parts sum to the recording, or write the method's own estimates.",
        ),
    ] = True,
    format: common.FormatOption = "same",
    subtype: common.Subtype = None,
    float_: common.Float = False,
    only: Annotated[
        str | None, typer.Option(help="Write this part alone: harmonic or percussive.")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begin here: seconds, or m:ss.")
    ] = None,
    end: Annotated[str | None, typer.Option(metavar="TIME", help="End here, likewise.")] = None,
    stem_mp4: Annotated[
        bool,
        typer.Option(
            "--stem-mp4",
            help="Write NAME.stem.mp4 instead, recording and parts in one file for Traktor, Mixxx "
            "and others: AAC, or lossless with --subtype ALAC. Takes ffmpeg.",
        ),
    ] = False,
    bitrate: common.Bitrate = None,
    no_tags: common.NoTags = False,
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
    fail_fast: common.FailFast = False,
    as_json: common.Json = False,
    quiet: common.Quiet = False,
) -> None:
    """Write NAME.harmonic.EXT and NAME.percussive.EXT for every recording.

    The parts have the recording's rate, length, channels and bit depth, and sum to it.
    Folders are searched at any depth; --output mirrors their tree. Paths may be URIs.
    """
    with common.reporting():
        from ticktone.archive.many_files import separate_files
        from ticktone.archive.time_range import read_clock

        work = partial(
            separate_files,
            method=method,
            options=read_pairs(option),
            phase=phase,
            complement=complement,
            only=only,
            format=format,
            subtype=subtype,
            float_=float_,
            tags=not no_tags,
            bitrate=bitrate,
            stem_mp4=stem_mp4,
            start=0.0 if start is None else read_clock(start),
            end=None if end is None else read_clock(end),
            existing=common.existing(overwrite, skip_existing),
            jobs=jobs,
            threads=threads or (1 if engine == "ray" else common.default_threads(jobs or 1)),
            manifest=manifest,
            engine=engine,
            address=address,
        )
        with pipes(paths, output, 1 if stem_mp4 or only is not None else None, manifest) as piped:
            common.run_batch(work, piped, as_json, quiet, fail_fast)
