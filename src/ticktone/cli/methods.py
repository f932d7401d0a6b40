"""`ticktone methods`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from ticktone.cli import common


def methods(
    speed: Annotated[bool, typer.Option(help="Measure the speed on this computer.")] = True,
    as_json: common.Json = False,
) -> None:
    """List the methods: paper, look-ahead, and speed on this computer."""
    with common.reporting():
        from ticktone.describe import describe_methods

        found = describe_methods(speed)
        if as_json:
            for method in found:
                typer.echo(json.dumps(asdict(method), ensure_ascii=False))
            return
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for heading in ("method", "parts", "look-ahead", "speed", "paper"):
            table.add_column(heading)
        for method in found:
            rate = "" if method.speed is None else f"{method.speed:.0f} x real time"
            ahead = f"{method.latency:.2f} s"
            table.add_row(method.name, str(len(method.parts)), ahead, rate, method.paper)
        Console().print(table)
