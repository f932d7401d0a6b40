"""`ticktone export`."""

from pathlib import Path
from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.cli.interruption import clean_up_when_interrupted
from ticktone.errors import TicktoneError


def export(
    checkpoint: Annotated[Path, typer.Argument(help="best.pt or last.pt of a training.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="NAME.onnx.")],
    licence: Annotated[str, typer.Option(help="Of the weights, for the card.")] = "",
    data: Annotated[str, typer.Option(help="What it was trained on, for the card.")] = "",
    patch_frames: Annotated[
        int | None, typer.Option(help="Frames to answer for at a time.  [default: about 128]")
    ] = None,
    margin_frames: Annotated[
        int | None, typer.Option(help="Frames to see beside them.  [default: about 32]")
    ] = None,
    refine: Annotated[
        bool, typer.Option("--refine", help="Refine the low end in a longer window, when used.")
    ] = False,
    int8: Annotated[
        Path | None,
        typer.Option(
            metavar="SONGS",
            help="Compute in 8 bits, faster; a data set shows the range of values.",
        ),
    ] = None,
    half_precision: Annotated[
        bool,
        typer.Option("--half-precision", help="Store weights in 16 bits: half the file."),
    ] = False,
    overwrite: common.Overwrite = False,
) -> None:
    """Write a trained network as NAME.onnx, with its card NAME.toml beside it.

    It then separates without PyTorch: ticktone separate song.wav --method NAME.onnx
    """
    with common.reporting():
        common.need_torch()
        from ticktone.datasets import open_dataset, subsets
        from ticktone.training import load
        from ticktone.training.onnx_export import export as export_checkpoint

        clean_up_when_interrupted()
        if output.suffix != ".onnx":
            raise TicktoneError("must end in .onnx", output)
        for path in (output, output.with_suffix(".toml")):
            if path.exists() and not overwrite:
                raise TicktoneError("exists; use --overwrite", path)
        songs = None
        if int8 is not None:
            subset = "train" if "train" in subsets(int8) else None
            songs = open_dataset(int8, subset=subset, one_part=True)
        card = export_checkpoint(
            load(checkpoint),
            output,
            patch_frames=patch_frames,
            margin_frames=margin_frames,
            refine=refine,
            calibration=songs,
            half_precision=half_precision,
            licence=licence,
            data=data,
        )
        typer.echo(f"{checkpoint} -> {output}: {card.parameters:,} parameters")
