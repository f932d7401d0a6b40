"""`ticktone compare`."""

from pathlib import Path
from typing import Annotated

import typer

from ticktone.cli import common, tables
from ticktone.cli.interruption import clean_up_when_interrupted


def compare(
    path: Annotated[Path, typer.Argument(readable=False, help="A sound file.")],
    methods: tables.Methods = None,
    reference: Annotated[
        Path | None,
        typer.Option(readable=False, help="Folder of its stems, which tell how good each is."),
    ] = None,
    percussive: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Names of the percussive stems."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            *("--output", "-o"),
            readable=False,
            show_default="NAME.compare.png",
            help="The picture: PNG, PDF or SVG.",
        ),
    ] = None,
    format: tables.Format = "terminal",
    overwrite: common.Overwrite = False,
) -> None:
    """Separate one song by several methods: their spectrograms in one picture, and a table.

    Levels are in dB against the mixture. With --reference there are SDR and SI-SDR in dB, and a
    constant gain and an ideal mask beside the methods: the floor and the ceiling.
    """
    with common.reporting():
        from ticktone.datasets import open_song
        from ticktone.evaluation.comparison import compare as run
        from ticktone.evaluation.comparison import plot_comparison
        from ticktone.evaluation.estimators import choose
        from ticktone.spectrogram_plot import check_picture, figure_class
        from ticktone.storage.overwrite import refuse_loss

        tables.check_format(format)
        figure_class()
        estimators = choose(tables.parse_methods(methods))
        picture = output or path.with_name(f"{path.stem}.compare.png")
        refuse_loss(path, picture, "overwrite" if overwrite else "refuse")
        check_picture(picture)
        clean_up_when_interrupted()
        stems = None if reference is None else open_song(reference, percussive=percussive)
        comparison = run(path, estimators, stems, common.default_threads(1))
        plot_comparison(comparison, path.name, picture)
        tables.echo(comparison.table(), [f"{path} -> {picture}"], format)
