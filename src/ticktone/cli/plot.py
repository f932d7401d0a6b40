"""`ticktone plot`."""

from pathlib import Path
from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.cli.interruption import clean_up_when_interrupted
from ticktone.methods import DEFAULT
from ticktone.options import read_pairs


def plot(
    path: Annotated[Path, typer.Argument(readable=False, help="A sound file.")],
    output: Annotated[
        Path | None,
        typer.Option(
            *("--output", "-o"), readable=False, show_default="NAME.plot.png", help="PNG file."
        ),
    ] = None,
    method: common.Method = DEFAULT,
    option: common.MethodOptions = None,
    overwrite: common.Overwrite = False,
) -> None:
    """Draw the spectrograms of mixture, harmonic and percussive part on one scale."""
    with common.reporting():
        from ticktone.separator import Separator
        from ticktone.spectrogram_plot import plot_file

        separator = Separator(method, **read_pairs(option))
        clean_up_when_interrupted()
        picture = output or path.with_name(f"{path.stem}.plot.png")
        plot_file(separator, path, picture, overwrite=overwrite)
        typer.echo(f"{path} -> {picture}")
