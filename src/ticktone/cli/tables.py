"""What the commands share that score methods: which methods, and how a table is printed."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticktone.errors import TicktoneError, unknown
from ticktone.options import read_pairs

if TYPE_CHECKING:
    from ticktone.evaluation.table import Table

Methods = Annotated[
    str | None,
    typer.Option(
        *("--methods", "-m"),
        metavar="NAME,NAME...",
        show_default="all that ship",
        help="Names or .onnx files; options behind colons, as in hpr:beta=3:phase=pu-hpss.",
    ),
]
Format = Annotated[
    str, typer.Option("--format", "-f", help="Of the table: terminal, markdown, latex or csv.")
]


def parse_methods(text: str | None) -> list[tuple[str, dict[str, Any]]]:
    """Read `NAME:OPTION=VALUE:...,NAME,...`; all methods that ship if there is no text.

    >>> parse_methods("median,hpr:beta=3")
    [('median', {}), ('hpr', {'beta': 3})]
    """
    if text is None:
        from ticktone.methods import methods

        return [(name, {}) for name in methods()]
    found = []
    for specification in text.split(","):
        name, *pairs = specification.strip().split(":")
        if not name:
            raise TicktoneError(f"--methods {text!r} has an empty name; separate names by commas")
        found.append((name, read_pairs(pairs)))
    return found


def check_format(format: str) -> None:
    """Refuse a notation that there is not; raises `TicktoneError`."""
    from ticktone.evaluation.table import FORMATS

    if format not in FORMATS:
        raise TicktoneError(unknown("format", format, FORMATS))


def echo(table: "Table", notes: list[str], format: str) -> None:
    """Print a table and, beneath it, notes: in LaTeX as comments, for CSV on standard error."""
    from ticktone.evaluation.table import render

    typer.echo(render(table, format))
    if format in ("terminal", "markdown"):
        typer.echo()
    for note in notes:
        typer.echo(f"% {note}" if format == "latex" else note, err=format == "csv")
