"""Training of the networks that refine the low end, from examples on disk."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
import torch
from numpy.typing import NDArray
from torch import nn

from ticktone.errors import TicktoneError
from ticktone.models.card import PROVENANCE, song_list
from ticktone.models.refiner import LowEndCard
from ticktone.networks.low_end import CausalLowEnd, LowEnd
from ticktone.options import setting
from ticktone.storage.atomic import write_whole
from ticktone.training.low_end_task import LowEndTask, NetworkT
from ticktone.training.onnx_export import as_onnx

CHECKPOINT = "low-end.pt"
_EVERY = 200  # steps from one checkpoint to the next


@dataclass(frozen=True)
class FitSettings:
    """How it is trained.

    Parameters
    ----------
    steps, batch : int
    samples : int
        Of an example, at the lower rate.
    learning_rate : float
        Falls in a line to a fiftieth.
    weight_decay : float
    average : float
        How much of the average of the weights, which is what comes out, survives a step.
    seed : int
    """

    steps: int = setting(3000, least=1)
    batch: int = setting(12, least=1)
    samples: int = setting(5520, least=1024)
    learning_rate: float = setting(2e-3, least=0)
    weight_decay: float = setting(1e-3, least=0)
    average: float = setting(0.998, least=0, most=1)
    seed: int = setting(0, least=0)


def fit(
    task: LowEndTask[NetworkT],
    files: Sequence[Path],
    folder: Path,
    settings: FitSettings,
    told: Callable[[int, float], None] = lambda step, loss: None,
) -> NetworkT:
    """Train it, or go on where a checkpoint in the folder was left.

    Parameters
    ----------
    task : LowEndTask
    files : sequence of Path
        As `ticktone.training.low_end_examples.draw` gives them.
    folder : Path
        For the checkpoint.
    settings : FitSettings
    told : callable
        Is given the step and the mean loss since the last time, at each checkpoint.

    Returns
    -------
    Module
        The task's, in evaluation mode.

    Raises
    ------
    TicktoneError
        If the loss is no longer finite, or the checkpoint is of other settings.
    """
    examples = _load(files, settings.samples)
    torch.manual_seed(settings.seed)
    network, average = task.network(), task.network()
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=settings.weight_decay)
    average.load_state_dict(network.state_dict())
    parts: dict[str, Any] = {"network": network, "average": average, "optimiser": optimiser}
    how = {"network": type(network).__name__, **asdict(settings)}
    step, path = 0, folder / CHECKPOINT
    if path.exists():
        saved = torch.load(path, weights_only=True)
        if saved["settings"] != how:
            raise TicktoneError("is of other settings; choose another --run, or remove it", path)
        step = saved["step"]
        for name, part in parts.items():
            part.load_state_dict(saved[name])
    losses: list[float] = []
    while step < settings.steps:
        rng = np.random.default_rng([settings.seed, step])
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * _share(step, settings.steps)
        batch = task.batch(examples, settings.batch, settings.samples, rng)
        loss = task.loss(network, batch)
        if not torch.isfinite(loss):
            raise TicktoneError(f"the loss is not finite at step {step}", path)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 50.0)
        optimiser.step()
        step += 1
        losses.append(loss.item())
        _follow(average, network, min(settings.average, step / (step + 20)))
        if step % _EVERY == 0 or step == settings.steps:
            state = {name: part.state_dict() for name, part in parts.items()}
            state |= {"step": step, "settings": how}
            write_whole(path, partial(torch.save, state))
            told(step, float(np.mean(losses)))
            losses.clear()
    return average.eval()


def _load(files: Sequence[Path], samples: int) -> NDArray[np.float32]:
    arrays = [array for path in files if len(array := np.load(path))]
    length = min(array.shape[-1] for array in arrays)
    if length < samples:
        raise TicktoneError(f"examples are {length} samples long, not {samples}", files[0])
    return np.concatenate([array[..., :length] for array in arrays])


def _share(step: int, steps: int) -> float:
    """Of the learning rate: rises for fifty steps, then falls in a line."""
    return min(1.0, (step + 1) / 50) * max(0.02, 1 - step / steps)


@torch.no_grad()
def _follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    for mean, value in zip(average.parameters(), network.parameters(), strict=True):
        mean.lerp_(value, 1 - decay)


def write_low_end(
    network: LowEnd | CausalLowEnd, path: Path, licence: str, training: dict[str, Any]
) -> None:
    """Write it as ONNX, and its card beside it.

    Parameters
    ----------
    network : LowEnd or CausalLowEnd
    path : Path
    licence : str
    training : dict
        What its card tells of it; the ``names`` of the songs go to a list of their own.

    Raises
    ------
    TicktoneError
        If they cannot be written.
    """
    content = as_onnx(network, network.bins, 2 * network.context, maps=network.shown)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    digest = hashlib.sha256(content).hexdigest()
    told, names = song_list(training)
    card = LowEndCard(licence=licence, sha256=digest, parameters=parameters, training=told)
    (path.parent / PROVENANCE).mkdir(parents=True, exist_ok=True)
    songs = path.parent / PROVENANCE / f"{told['songs_sha256']}.txt"
    write_whole(songs, lambda file: file.write(names))
    write_whole(path, lambda file: file.write(content))
    write_whole(path.with_suffix(".toml"), lambda file: tomli_w.dump(asdict(card), file))
