"""`ticktone plot`."""

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.cli.interruption import clean_up_when_interrupted
from ticktone.cli.pipes import PIPE, pipes
from ticktone.methods import DEFAULT
from ticktone.options import read_pairs, refuse_taken


def plot(
    path: Annotated[
        Path, typer.Argument(readable=False, help="A sound file; - is standard input.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            *("--output", "-o"),
            readable=False,
            show_default="NAME.plot.png",
            help="PNG file; - is standard output.",
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

        options = read_pairs(option)
        refuse_taken(options, method, "method")
        separator = Separator(method, **options)
        clean_up_when_interrupted()
        to_stdout = str(output) == PIPE
        with pipes([str(path)], PIPE if to_stdout else None, 1) as found:
            source = Path(found.paths[0])
            if to_stdout:
                picture = Path(found.output or "", "plot.png")
            else:
                picture = output or path.with_name(f"{source.stem}.plot.png")
            plot_file(separator, source, picture, overwrite=overwrite)
            if to_stdout:
                with picture.open("rb") as file:
                    shutil.copyfileobj(file, sys.stdout.buffer)
            else:
                typer.echo(f"{path} -> {picture}")
