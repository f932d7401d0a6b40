"""`ticktone export`."""

from pathlib import Path
from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.errors import TicktoneError


def export(
    checkpoint: Annotated[Path, typer.Argument(help="best.pt or last.pt of a training.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="NAME.onnx.")],
    licence: Annotated[str, typer.Option(help="Of the weights, for the card.")] = "",
    data: Annotated[str, typer.Option(help="What it was trained on, for the card.")] = "",
    overwrite: common.Overwrite = False,
) -> None:
    """Write a trained network as NAME.onnx, with its card NAME.toml beside it.

    It then separates without PyTorch: ticktone separate song.wav --method NAME.onnx
    """
    with common.reporting():
        common.need_torch()
        from ticktone.training import load
        from ticktone.training.export import export as export_checkpoint

        common.clean_up_when_interrupted()
        if output.suffix != ".onnx":
            raise TicktoneError("must end in .onnx", output)
        for path in (output, output.with_suffix(".toml")):
            if path.exists() and not overwrite:
                raise TicktoneError("exists; use --overwrite", path)
        card = export_checkpoint(load(checkpoint), output, licence=licence, data=data)
        typer.echo(f"{checkpoint} -> {output}: {card.parameters:,} parameters")
