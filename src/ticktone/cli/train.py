"""`ticktone train`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticktone.cli import common
from ticktone.cli.interruption import clean_up_when_interrupted

if TYPE_CHECKING:
    from ticktone.training.curves import Row


def train(
    recipe: Annotated[Path, typer.Argument(help="A recipe, such as recipes/quick.toml.")],
    run: Annotated[
        Path | None,
        typer.Option(readable=False, show_default="runs/RECIPE", help="Folder for the results."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change the recipe."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where it stopped.")] = False,
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto.")] = "auto",
    quiet: common.Quiet = False,
) -> None:
    """Train a network by a recipe; best.pt, last.pt and the curves go to the run's folder.

    Ctrl-C stops it after the step under way; --resume goes on as if it had not stopped.
    On several cards: torchrun --nproc-per-node 4 -m -- ticktone train RECIPE ...
    """
    with common.reporting():
        common.need_torch()
        from ticktone.training import read_recipe
        from ticktone.training import train as run_training
        from ticktone.training.interrupt import Interrupt

        clean_up_when_interrupted()
        folder = run or Path("runs") / recipe.stem
        settings = read_recipe(recipe, set_ or ())
        with Interrupt() as interrupt, _reporter(quiet) as reporter:
            outcome = run_training(
                settings, folder, device=device, resume=resume, reporter=reporter, stop=interrupt
            )
        if outcome.reason == "interrupted":
            common.complain(f"interrupted; {folder} can be resumed")
            raise typer.Exit(128 + (interrupt.signum or 2))
        if not quiet and os.environ.get("RANK", "0") == "0":  # torchrun starts several of us
            typer.echo(f"{folder}: {_ENDS[outcome.reason]}")


_ENDS = {
    "plateau": "finished, it no longer got better",
    "epochs": "finished, all epochs are done",
    "seconds": "stopped, the time is up; it can be resumed",
}


def _reporter(quiet: bool) -> Any:
    """Make a reporter: a line an epoch, and on a terminal a bar that shows the steps."""
    from ticktone.cli.progress import Bars
    from ticktone.training import Reporter

    class Printer(Reporter):
        def __init__(self) -> None:
            self.bars = Bars(1, shown=common.has_terminal() and not quiet)

        def __enter__(self) -> "Printer":
            self.bars.__enter__()
            return self

        def __exit__(self, *error: Any) -> None:
            self.bars.__exit__(*error)

        def note(self, text: str) -> None:
            if not quiet:
                with self.bars.away():
                    common.complain(text)

        def step(self, epoch: int, step: int, steps: int) -> None:
            if self.bars.shown:
                self.bars.update(Path(f"epoch {epoch + 1}"), step / steps)

        def epoch(self, row: "Row", best: bool) -> None:
            if self.bars.shown:
                self.bars.finish(Path(f"epoch {row.epoch}"))
            if not quiet:
                with self.bars.away():
                    typer.echo(_line(row, best))

    return Printer()


def _line(row: "Row", best: bool) -> str:
    parts = [f"epoch {row.epoch}: {row.seconds:.0f} s", f"loss {row.training_loss:.4g}"]
    if row.validation_loss is not None:
        parts.append(f"validation {row.validation_loss:.4g}")
    for name in ("percussive", "harmonic"):
        ratio = getattr(row, f"sdr_{name}")
        if ratio is not None:
            parts.append(f"{name} SDR {ratio:.2f} dB")
    return ", ".join(parts) + (" (best)" if best else "")
