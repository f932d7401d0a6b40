"""`ticktone models`."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticktone.cli import common
from ticktone.methods import PURPOSES
from ticktone.parts import SOURCES

if TYPE_CHECKING:
    from ticktone.describe import ModelDescription


def models(
    speed: common.Speed = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per network.")
    ] = False,
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
        table.add_column("model", no_wrap=True)
        numbers = ("parameters", "size", "SDR (dB)", *(["x real time"] if speed else []))
        for heading in numbers:
            table.add_column(heading, justify="right", no_wrap=True)
        for model in found:
            table.add_row(
                ", ".join([model.name, *_purposes(model.name)]),
                f"{model.parameters:,}",
                f"{model.size / 1e6:.1f} MB",
                _ratios(model.scores),
                *([] if model.speed is None else [f"{model.speed:.1f}"]),
            )
        console = Console()
        console.print(table)
        console.print(
            "\nSDR: percussive / harmonic, mean over ten songs that nothing was learnt from."
        )
        for (licence, data), names in _by_provenance(found).items():
            console.print(f"\n{', '.join(names)} ({licence}): trained on {data}", highlight=False)


def _by_provenance(models: "list[ModelDescription]") -> dict[tuple[str, str], list[str]]:
    """Return the names of the models that share a licence and what they were trained on."""
    names: dict[tuple[str, str], list[str]] = {}
    for model in models:
        names.setdefault((model.licence, model.data or "unknown material"), []).append(model.name)
    return names


def _purposes(name: str) -> list[str]:
    """Return the other names of a model, by what it is for."""
    return [purpose.name for purpose in PURPOSES if purpose.method == name]


def _ratios(scores: dict[str, Any]) -> str:
    found = [scores.get(f"development_{part}") for part in SOURCES[::-1]]
    return "" if None in found else " / ".join(f"{score:.2f}" for score in found)
