"""`ticktone train-low-end`."""

from pathlib import Path
from typing import Annotated

import typer

from ticktone.cli import common
from ticktone.cli.interruption import clean_up_when_interrupted


def train_low_end(
    recipe: Annotated[Path, typer.Argument(help="What examples are drawn from and how.")],
    run: Annotated[
        Path,
        typer.Option(readable=False, help="Folder for the examples, the checkpoint, the result."),
    ] = Path("runs/low-end"),
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change the recipe."),
    ] = None,
    model: Annotated[
        str, typer.Option(help="The network whose parts are to be refined.")
    ] = "folded-3w-unet",
    live: Annotated[
        bool, typer.Option("--live", help="Train the one for causal networks, whichever they are.")
    ] = False,
    examples: Annotated[int, typer.Option(min=1, help="So many, at least.")] = 1500,
    steps: Annotated[int, typer.Option(min=1, help="Of the training.")] = 3000,
    seed: Annotated[int, typer.Option(min=0, help="Of the weights and the batches.")] = 0,
    licence: Annotated[str, typer.Option(help="Of the weights.")] = "",
    data: Annotated[str, typer.Option(help="What it learnt from, in words, for its card.")] = "",
    quiet: common.Quiet = False,
) -> None:
    """Train the network that refines the low end; low-end.onnx goes to the run's folder.

    Only examples whose low end is like that of real songs are learnt from. Stopped, it goes on
    where it was when it is called again.
    """
    with common.reporting():
        common.need_torch()
        from ticktone.training import read_recipe
        from ticktone.training.live_low_end_task import LowEndOfMixture
        from ticktone.training.low_end_examples import draw
        from ticktone.training.low_end_fit import FitSettings, fit, write_low_end
        from ticktone.training.low_end_task import LowEndOfParts
        from ticktone.training.song_selection import select_songs

        clean_up_when_interrupted()
        settings = read_recipe(recipe, set_ or ())

        def tell(words: str) -> None:
            if not quiet:
                typer.echo(words)

        songs = select_songs(settings, Path(settings.data.cache or run), lambda path: None)
        refined = None if live else model
        files = draw(
            settings, songs, refined, examples, run / "examples", lambda n: tell(f"{n} examples")
        )
        how = FitSettings(steps=steps, seed=seed)

        def step_done(step: int, loss: float) -> None:
            tell(f"step {step}: loss {loss:.4g}")

        network = (
            fit(LowEndOfMixture(), files, run, how, step_done)
            if live
            else fit(LowEndOfParts(), files, run, how, step_done)
        )
        learnt = [*songs.training, *songs.voices]
        training = {
            "data": data,
            "model": "causal networks" if live else model,
            "songs": len(learnt),
            "names": sorted(song.name for song in learnt),
            "examples": examples,
            "steps": steps,
            "seed": seed,
        }
        write_low_end(network, run / "low-end.onnx", licence, training)
        tell(f"{run / 'low-end.onnx'}: after {steps} steps")
