"""`ticktone train`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticktone.cli import common
from ticktone.cli.interruption import clean_up_when_interrupted

if TYPE_CHECKING:
    from ticktone.training import EpochRecord, TrainingResult


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
            result = run_training(
                settings, folder, device=device, resume=resume, reporter=reporter, stop=interrupt
            )
        first = os.environ.get("RANK", "0") == "0"  # torchrun starts several of us
        if result.reason == "interrupted":
            if first:
                common.complain(f"interrupted {_where_stopped(result)}")
            raise typer.Exit(128 + (interrupt.signum or 2))
        if not quiet and first:
            typer.echo(f"{folder}: {_end(result)}")


def _end(result: "TrainingResult") -> str:
    if result.reason == "seconds":
        return f"stopped, the time is up, {_where_stopped(result)}"
    reasons = {"plateau": "it no longer got better", "epochs": "all epochs are done"}
    return f"finished at step {result.step}, {reasons[result.reason]}"


def _where_stopped(result: "TrainingResult") -> str:
    """Return at which step a training stopped, and what can be done about it."""
    last = result.folder / "last.pt"
    if result.saved_step == result.step:
        return f"at step {result.step}, saved as {last}; --resume goes on from there"
    told = f"at step {result.step}; not saved, as its loss is not finite"
    if result.saved_step:
        return f"{told}: {last} is of step {result.saved_step}"
    return told


def _reporter(quiet: bool) -> Any:
    """Return a reporter: a line an epoch, and on a terminal a bar that shows the steps."""
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

        def epoch(self, row: "EpochRecord", best: bool) -> None:
            if self.bars.shown:
                self.bars.finish(Path(f"epoch {row.epoch}"))
            if not quiet:
                with self.bars.away():
                    typer.echo(_line(row, best))

    return Printer()


def _line(row: "EpochRecord", best: bool) -> str:
    parts = [f"epoch {row.epoch}: {row.seconds:.0f} s", f"loss {row.training_loss:.4g}"]
    if row.validation_loss is not None:
        parts.append(f"validation {row.validation_loss:.4g}")
    for name in ("percussive", "harmonic"):
        ratio = getattr(row, f"sdr_{name}")
        if ratio is not None:
            parts.append(f"{name} SDR {ratio:.2f} dB")
    parts += [
        f"{folder} {percussive:.2f} / {harmonic:.2f} dB"
        for folder, (harmonic, percussive) in row.sdr_by_folder.items()
    ]
    return ", ".join(parts) + (" (best)" if best else "")
