"""`ticktone methods`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.methods import DEFAULT, PURPOSES


def methods(
    speed: common.Speed = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per method.")
    ] = False,
) -> None:
    """List the methods: parts, look-ahead, paper and, if asked for, speed on this computer.

    First come the names by purpose, which stand for one of them each and do wherever a method is
    asked for.
    """
    with common.reporting():
        from ticktone.describe import describe_methods

        found = describe_methods(speed)
        if as_json:
            for method in found:
                typer.echo(json.dumps(asdict(method), ensure_ascii=False))
            return
        from rich.console import Console
        from rich.table import Table

        console = Console()
        purposes = Table(box=None, pad_edge=False, show_header=False)
        for purpose in PURPOSES:
            purposes.add_row(purpose.name, purpose.method, purpose.line)
        console.print(purposes)
        console.print()
        table = Table(box=None, pad_edge=False)
        headings = ("method", "parts", "look-ahead", *(["speed"] if speed else []), "paper")
        for heading in headings:
            table.add_column(heading)
        for method in found:
            name = f"{method.name} (the default)" if method.name == DEFAULT else method.name
            rate = [] if method.speed is None else [f"{method.speed:.0f} x real time"]
            ahead = f"{method.latency:.2f} s"
            table.add_row(name, str(len(method.parts)), ahead, *rate, method.paper)
        console.print(table)
