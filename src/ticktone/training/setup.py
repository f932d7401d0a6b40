"""The beginning of a training: the network, its normalisation, its optimiser, or a checkpoint's."""

from collections.abc import Callable
from pathlib import Path

import torch

from ticktone.errors import TicktoneError
from ticktone.networks import make_network
from ticktone.networks.mask_network import MaskNetwork
from ticktone.training import checkpoint as checkpoints
from ticktone.training.checkpoint import TrainingState
from ticktone.training.distributed import ProcessGroup
from ticktone.training.ema import Ema
from ticktone.training.losses import loss_weights
from ticktone.training.normalisation import (
    AnyNormalisation,
    LevelNormalisation,
    LevelScaling,
    Scaling,
    magnitude_range,
    min_max_normalisation,
    normalisation_from,
)
from ticktone.training.recipe import Recipe, recipe_from
from ticktone.training.reporter import Reporter
from ticktone.training.schedule import Plateau
from ticktone.training.song_selection import SongSelection


def prepare(
    recipe: Recipe,
    songs: SongSelection,
    group: ProcessGroup,
    last: Path | None,
    reporter: Reporter,
    stop: Callable[[], bool],
) -> TrainingState:
    """Set up a training at its beginning, or as a checkpoint left it.

    Parameters
    ----------
    recipe : Recipe
    songs : SongSelection
    group : ProcessGroup
        The processes that train together.
    last : Path, optional
        The checkpoint to resume.
    reporter : Reporter
    stop : callable
        Asked before each song that is measured.

    Returns
    -------
    TrainingState

    Raises
    ------
    TicktoneError
        If the network does not fit the recipe's examples or the checkpoint, or a song holds
        samples that are not finite.
    KeyboardInterrupt
        If it was to stop.
    """
    torch.manual_seed(recipe.machine.seed)
    network = make_network(recipe.network.name, **recipe.network.options).to(group.device)
    check_examples(network, recipe)
    checkpoint = None
    if last is not None:
        checkpoint = checkpoints.load(last)
        checkpoints.check_resumable(checkpoint, recipe, songs, last)
        normalisation = normalisation_from(checkpoint["normalisation"])
    elif recipe.network.pretrained:
        pretrained = Path(recipe.network.pretrained)
        loaded = checkpoints.load(pretrained)
        normalisation = checkpoints.load_pretrained(network, loaded, pretrained)
    else:
        normalisation = _normalisation(network, recipe, songs, group, reporter, stop)
    adam = torch.optim.Adam(
        network.parameters(),
        lr=recipe.optimiser.learning_rate,
        weight_decay=recipe.optimiser.weight_decay,
    )
    state = TrainingState(
        network=network,
        optimiser=adam,
        normalisation=normalisation,
        total=torch.zeros((), dtype=torch.float64, device=group.device),
        ema=Ema(network, recipe.optimiser.ema) if recipe.optimiser.ema else None,
    )
    if checkpoint is not None:
        checkpoints.restore(state, checkpoint)
        before = recipe_from(checkpoint["recipe"])
        if (before.loss, before.validation) != (recipe.loss, recipe.validation):
            # an old best means nothing by the new measure
            state.plateau = Plateau(falls=state.plateau.falls)
    return state


def check_examples(network: MaskNetwork, recipe: Recipe) -> None:
    """Refuse examples of another form than the network's input.

    Raises
    ------
    TicktoneError
        If the number of bins or of context frames does not fit, a network of linear magnitudes is
        given a range, or the recipe weighs a loss term that the network does not have.
    """
    name, examples = recipe.network.name, recipe.examples
    bins = examples.stft.bins - (not network.sees_nyquist)
    if not network.takes(bins):
        raise TicktoneError(
            f"examples.window_length: {name} needs {network.accepted_bins}, an FFT of "
            f"{examples.stft.size} samples has {bins}"
        )
    if network.edge != examples.context:
        raise TicktoneError(
            f"examples.context: {name} has {network.edge} context frames at either end, "
            f"not {examples.context}"
        )
    if network.linear and examples.range:
        raise TicktoneError(f"examples.range: {name} takes linear magnitudes; omit it")
    loss_weights(recipe.loss, network)


def _normalisation(
    network: MaskNetwork,
    recipe: Recipe,
    songs: SongSelection,
    group: ProcessGroup,
    reporter: Reporter,
    stop: Callable[[], bool],
) -> AnyNormalisation:
    if network.linear:
        factor, level = recipe.examples.stft.size**-0.5, recipe.examples.level
        return LevelScaling(factor, level) if level else Scaling(factor)
    if recipe.examples.level:
        low, high = recipe.examples.range or (0.0, 1.0)
        causal = bool(recipe.network.options.get("causal"))
        return LevelNormalisation(low, high, recipe.examples.level, causal)
    if recipe.examples.range:
        low, high = recipe.examples.range
    else:
        reporter.note(f"measuring the magnitudes of {len(songs.training)} songs")
        low, high = _measure(recipe, songs, group, reporter, stop)
    return min_max_normalisation(low, high)


def _measure(
    recipe: Recipe,
    songs: SongSelection,
    group: ProcessGroup,
    reporter: Reporter,
    stop: Callable[[], bool],
) -> tuple[float, float]:
    def pause() -> None:
        if stop():
            raise KeyboardInterrupt

    share = songs.training[group.rank :: group.size]
    low, high = magnitude_range(share, recipe.examples, pause, reporter.note)
    lowest, highest = group.maximum([-low, high])
    return -lowest, highest
