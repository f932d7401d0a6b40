"""Checkpoints: everything that a training is, in one file of tensors and plain values.

Layout, format 1 (`torch.load(..., weights_only=True)` reads it):

========================  ======================================================================
``format``                1
``ticktone``              the version that wrote it
``network``               ``name`` and ``options``, for `ticktone.networks.make_network`
``weights``               the network's state dict
``ema``                   None, or ``steps`` and ``weights``, the averaged state dict
``optimiser``             Adam's state dict
``schedule``              ``best``, ``waited``, ``waited_here``, ``falls``
``sampler``               ``seed``, ``epoch`` (from 0), ``step`` (next in that epoch), ``total``
                          (the sum of the losses of the steps before it, a tensor)
``random``                ``cpu`` and, per card, ``cuda``: PyTorch's generators
``normalisation``         ``minimum`` and ``maximum`` of log1p magnitudes, or the ``factor`` of
                          linear ones
``recipe``                its sections as tables
``songs``                 ``training``, ``validation`` and ``voices``: lists of
                          [name, samples, sample rate]
``step``, ``seconds``     since the beginning
``history``               one table an epoch, with the columns of ``curves.csv``
========================  ======================================================================
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ticktone.errors import TicktoneError
from ticktone.networks import complete_options, make_network
from ticktone.networks.mask_network import MaskNetwork
from ticktone.storage.atomic import write_whole
from ticktone.training.curves import EpochRecord
from ticktone.training.ema import Ema
from ticktone.training.normalisation import AnyNormalisation, normalisation_from
from ticktone.training.recipe import Recipe, recipe_from
from ticktone.training.schedule import Plateau
from ticktone.training.song_selection import SongSelection

FORMAT = 1
BEST, LAST = "best.pt", "last.pt"

Checkpoint = dict[str, Any]


@dataclass
class TrainingState:
    """The state of a training: all that changes as it goes on.

    Parameters
    ----------
    network : MaskNetwork
    optimiser : Adam
    normalisation : Normalisation, LevelNormalisation, Scaling or LevelScaling
    total : Tensor [shape=()]
        The sum of the losses of the epoch under way, float64.
    ema : Ema, optional
    plateau : Plateau
    epoch : int
        Epochs that are finished.
    epoch_step : int
        Steps of the epoch under way.
    step : int
        Steps since the beginning.
    seconds : float
        Time since then, not counting pauses.
    history : list of EpochRecord
    """

    network: MaskNetwork
    optimiser: torch.optim.Adam
    normalisation: AnyNormalisation
    total: Tensor
    ema: Ema | None = None
    plateau: Plateau = field(default_factory=Plateau)
    epoch: int = 0
    epoch_step: int = 0
    step: int = 0
    seconds: float = 0.0
    history: list[EpochRecord] = field(default_factory=list)

    @property
    def output_network(self) -> MaskNetwork:
        """The network that is validated and exported: the averaged one where there is one."""
        return self.network if self.ema is None else self.ema.network


def pack(state: TrainingState, recipe: Recipe, songs: SongSelection) -> Checkpoint:
    """Return the checkpoint of a training, its tensors shared with it."""
    from ticktone import __version__

    ema = state.ema
    return {
        "format": FORMAT,
        "ticktone": __version__,
        "network": {
            "name": recipe.network.name,
            "options": complete_options(recipe.network.name, recipe.network.options),
        },
        "weights": state.network.state_dict(),
        "ema": ema and {"steps": ema.steps, "weights": ema.network.state_dict()},
        "optimiser": state.optimiser.state_dict(),
        "schedule": asdict(state.plateau),
        "sampler": {
            "seed": recipe.machine.seed,
            "epoch": state.epoch,
            "step": state.epoch_step,
            "total": state.total,
        },
        "random": {
            "cpu": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        },
        "normalisation": asdict(state.normalisation),
        "recipe": recipe.as_table(),
        "songs": _fingerprints(songs),
        "step": state.step,
        "seconds": state.seconds,
        "history": [asdict(row) for row in state.history],
    }


def restore(state: TrainingState, checkpoint: Checkpoint) -> None:
    """Set a fresh training to the state of a checkpoint's."""
    state.network.load_state_dict(checkpoint["weights"])
    state.optimiser.load_state_dict(checkpoint["optimiser"])
    if state.ema is not None:
        averaged = checkpoint["ema"] or {"steps": 0, "weights": checkpoint["weights"]}
        state.ema.network.load_state_dict(averaged["weights"])
        state.ema.steps = averaged["steps"]
    state.plateau = Plateau(**checkpoint["schedule"])
    state.epoch, state.epoch_step = (checkpoint["sampler"][key] for key in ("epoch", "step"))
    state.total.copy_(checkpoint["sampler"]["total"])
    state.step, state.seconds = checkpoint["step"], checkpoint["seconds"]
    state.history = [EpochRecord(**row) for row in checkpoint["history"]]
    torch.set_rng_state(checkpoint["random"]["cpu"])
    if len(checkpoint["random"]["cuda"]) == torch.cuda.device_count() > 0:
        torch.cuda.set_rng_state_all(checkpoint["random"]["cuda"])


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint, whole or not at all.

    Raises
    ------
    TicktoneError
        If it cannot be written.
    """
    write_whole(path, lambda file: torch.save(checkpoint, file))


def load(path: Path) -> Checkpoint:
    """Read a checkpoint, to the CPU wherever it was written; no code in it is run.

    Raises
    ------
    TicktoneError
        If there is none, or it is damaged or something else.
    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise TicktoneError("there is no such checkpoint", path) from None
    except Exception:  # what PyTorch says of a file that is none of its own may be anything
        raise TicktoneError("is damaged, or no checkpoint; use another", path) from None
    if not isinstance(checkpoint, dict) or checkpoint.get("format") != FORMAT:
        raise TicktoneError("is no checkpoint of a training by this version of ticktone", path)
    return checkpoint


def check_resumable(
    checkpoint: Checkpoint, recipe: Recipe, songs: SongSelection, path: Path
) -> None:
    """Refuse to resume with another network, other examples or other songs.

    The rest of a recipe may change on the way; with the loss or the validation, the best score
    begins anew.

    Raises
    ------
    TicktoneError
    """
    was, now = recipe_from(checkpoint["recipe"]).as_table(), recipe.as_table()
    if was["network"]["name"] == now["network"]["name"]:  # written out or not, options are alike
        was["network"]["options"] = network_options(checkpoint)
        now["network"]["options"] = complete_options(recipe.network.name, recipe.network.options)
    fixed = {
        "network.name": ("network", "name"),
        "network.options": ("network", "options"),
        "machine.seed": ("machine", "seed"),
        **{
            f"examples.{key}": ("examples", key)
            for key in (
                *("sample_rate", "window_length", "hop_length", "fft_length", "window"),
                *("frames", "context", "target", "clip", "batch"),
            )
        },
    }
    for name, (section, key) in fixed.items():
        if was[section][key] != now[section][key]:
            raise TicktoneError(
                f"was trained with {name} {was[section][key]}, the recipe has "
                f"{now[section][key]}; use the recipe it began with, or another --run",
                path,
            )
    now_there = _fingerprints(songs)
    if any(checkpoint["songs"][name] != now_there[name] for name in ("training", "voices")):
        raise TicktoneError(
            "was trained on other songs than the recipe's data; name the same or another --run",
            path,
        )


def network_from(checkpoint: Checkpoint) -> MaskNetwork:
    """Return a checkpoint's network in evaluation mode, on the CPU; averaged where it was.

    Parameters
    ----------
    checkpoint : Checkpoint

    Returns
    -------
    MaskNetwork
    """
    network = make_network(checkpoint["network"]["name"], **network_options(checkpoint))
    network.load_state_dict(_output_weights(checkpoint))
    network.eval()
    return network


def network_options(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return all options of a checkpoint's network, defaults included.

    Checkpoints of earlier versions hold only those that their recipe named; one default has
    changed since.
    """
    name, options = checkpoint["network"]["name"], checkpoint["network"]["options"]
    if name == "3w-unet":
        options = {"channels": 9, "convolutions": 2, **options}
    return complete_options(name, options)


def load_pretrained(network: MaskNetwork, checkpoint: Checkpoint, path: Path) -> AnyNormalisation:
    """Load a checkpoint's weights (averaged where they were) and return its normalisation.

    Parameters
    ----------
    network : MaskNetwork
        Changed in place.
    checkpoint : Checkpoint
    path : Path
        Of the checkpoint, for the message.

    Returns
    -------
    Normalisation, LevelNormalisation, Scaling or LevelScaling

    Raises
    ------
    TicktoneError
        If they are another network's.
    """
    try:
        network.load_state_dict(_output_weights(checkpoint))
    except RuntimeError:
        raise TicktoneError(
            f"has the weights of another network than {network.name}", path
        ) from None
    return normalisation_from(checkpoint["normalisation"])


def _output_weights(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return the weights that are validated and exported: averaged where they were."""
    weights: dict[str, Any] = (checkpoint["ema"] or checkpoint)["weights"]
    return weights


def _fingerprints(songs: SongSelection) -> dict[str, list[list[Any]]]:
    return {
        name: [[song.name, song.frames, song.sample_rate] for song in getattr(songs, name)]
        for name in ("training", "validation", "voices")
    }
