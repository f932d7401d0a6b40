"""`ticktone models`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from ticktone.cli import common


def models(
    speed: Annotated[bool, typer.Option(help="Measure the speed on this computer.")] = True,
    as_json: common.Json = False,
) -> None:
    """List the trained networks that ship with ticktone; each is a method of its name."""
    with common.reporting():
        from ticktone.describe import describe_models

        found = describe_models(speed)
        if as_json:
            for model in found:
                typer.echo(json.dumps(asdict(model), ensure_ascii=False))
            return
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        headings = ("model", "parameters", "size", "percussive SDR", "harmonic SDR", "speed")
        for heading in (*headings, "licence"):
            table.add_column(heading)
        for model in found:
            table.add_row(
                model.name,
                f"{model.parameters:,}",
                f"{model.size / 1e6:.1f} MB",
                _decibels(model.scores.get("sdr_percussive")),
                _decibels(model.scores.get("sdr_harmonic")),
                "" if model.speed is None else f"{model.speed:.1f} x real time",
                model.licence,
            )
        Console().print(table)
        for data in dict.fromkeys(model.data for model in found if model.data):
            Console().print(f"\nTrained on: {data}", highlight=False)


def _decibels(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f} dB"
