"""`ticktone stretch`."""

from functools import partial
from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.cli.pipes import pipes
from ticktone.errors import TicktoneError
from ticktone.methods import DEFAULT
from ticktone.options import read_pairs
from ticktone.phase import DEFAULT as DEFAULT_PHASE


def stretch(
    paths: common.Paths,
    speed: Annotated[
        float | None,
        typer.Option(show_default="1", help="0.25 to 4; 2 plays twice as fast."),
    ] = None,
    tempo: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="FROM TO", show_default=False, help="The speed, in beats a minute."),
    ] = None,
    pitch: Annotated[
        float, typer.Option(metavar="SEMITONES", help="-12 to 12; the speed stays.")
    ] = 0.0,
    keep_drums: Annotated[
        bool, typer.Option("--keep-drums", help="Leave the percussive part at its pitch.")
    ] = False,
    lock_attacks: Annotated[
        bool,
        typer.Option(
            "--lock-attacks/--no-lock-attacks",
            help="Sound each attack once, as it was; or stretch it as the paper does.",
        ),
    ] = True,
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
    """Change speed without pitch, or pitch without speed, as NAME.stretch.EXT.

    Tones stay pure and attacks sharp, for each part is stretched in the way that suits it.
    """
    with common.reporting():
        from ticktone.archive.many_files import stretch_files
        from ticktone.stretch.stretcher import StretchSettings, tempo_speed

        if speed is not None and tempo is not None:
            raise TicktoneError("--speed and --tempo exclude each other")
        if speed is None and tempo is None and pitch == 0:
            raise TicktoneError("nothing would change; give --speed, --tempo FROM TO or --pitch")
        if keep_drums and pitch == 0:
            raise TicktoneError("--keep-drums is for another pitch; add --pitch SEMITONES")
        if tempo is not None:
            speed = tempo_speed(*tempo)
        start = partial(
            stretch_files,
            settings=StretchSettings(
                1.0 if speed is None else speed, pitch, keep_drums, lock_attacks
            ),
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
