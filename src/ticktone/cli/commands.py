"""The commands gathered."""

from typing import Annotated

import typer

from ticktone.cli import (
    compare,
    corpus,
    evaluate,
    export,
    methods,
    models,
    plot,
    remix,
    separate,
    serve,
    site,
    stretch,
    train,
    train_low_end,
)

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Split any recording into harmonic (voice, guitar, keys) and percussive (drums).",
)
app.command()(separate.separate)
app.command()(remix.remix)
app.command()(stretch.stretch)
app.command()(plot.plot)
app.command()(serve.serve)
app.command()(site.site)
app.command()(compare.compare)
app.command()(evaluate.evaluate)
app.command()(methods.methods)
app.command()(models.models)
app.command()(train.train)
app.command()(train_low_end.train_low_end)
app.command()(export.export)
app.add_typer(corpus.app, name="corpus")


def _print_version(wanted: bool) -> None:
    if wanted:
        from ticktone import __version__

        typer.echo(f"ticktone {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    pass
