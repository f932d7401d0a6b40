"""What the network of the low end learns: to divide anew what another network has found."""

from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import pad

from ticktone.methods.refinement import BINS, FRAMES, LOW, TRANSFORM
from ticktone.networks.low_end import LowEnd
from ticktone.training.spectra import transform

SILENCE = 1400  # samples at the most, at the ends of some examples

NetworkT = TypeVar("NetworkT", bound=nn.Module)
Signals = NDArray[np.float32]


class LowEndTask(Protocol[NetworkT]):
    """A network, what it is shown, and how its answer is judged."""

    def network(self) -> NetworkT:
        """Return one that has learnt nothing."""
        ...

    def batch(self, examples: Signals, size: int, samples: int, rng: np.random.Generator) -> Tensor:
        """Draw a batch. [shape=(examples, signals, length)] to (size, signals, samples)."""
        ...

    def loss(self, network: NetworkT, batch: Tensor) -> Tensor:
        """Return the norm of the error of the percussive part, of examples at one level."""
        ...


class LowEndOfParts:
    """For `ticktone.methods.refinement`: the parts that another network has found are there."""

    def network(self) -> LowEnd:
        """See `LowEndTask`."""
        return LowEnd(LOW)

    def batch(self, examples: Signals, size: int, samples: int, rng: np.random.Generator) -> Tensor:
        """See `LowEndTask`; harmonic, percussive, and the percussive part found."""
        return torch.from_numpy(drawn(examples, size, samples, rng))

    def loss(self, network: LowEnd, batch: Tensor) -> Tensor:
        """See `LowEndTask`."""
        harmonic, percussive, found = (transform(TRANSFORM, part) for part in batch.unbind(1))
        mixture = (harmonic + percussive)[:, :LOW]
        level = mixture.abs().square().mean((1, 2)).sqrt() + 1e-6
        with torch.autocast("cpu", torch.bfloat16):
            mask = network(_shown(harmonic + percussive - found, found))[:, 0]
        error = (mask.float() * mixture - percussive[:, :LOW]).abs().square().sum((1, 2))
        norms: Tensor = (error / level.square() + 0.1).sqrt()
        return norms.mean()


def drawn(examples: Signals, size: int, samples: int, rng: np.random.Generator) -> Signals:
    """Draw excerpts of examples; four begin or end in silence, as songs do."""
    chosen = rng.integers(len(examples), size=size)
    starts = rng.integers(examples.shape[-1] - samples + 1, size=size)
    batch = np.stack(
        [
            examples[index, :, start : start + samples]
            for index, start in zip(chosen, starts, strict=True)
        ]
    )
    for index in range(min(4, size)):
        silent = int(rng.integers(SILENCE))
        if index % 2:
            batch[index, :, :silent] = 0
        else:
            batch[index, :, samples - silent :] = 0
    return batch


def _shown(harmonic: Tensor, percussive: Tensor) -> Tensor:
    """As `ticktone.methods.refinement` shows it. [shape=(batch, 4, LOW, frames)]."""
    parts = (harmonic.abs(), percussive.abs())
    over_time = _median(parts[0][:, :LOW], FRAMES, -1)
    over_frequency = _median(parts[1], BINS, -2)[:, :LOW]
    return torch.stack([*(part[:, :LOW] for part in parts), over_time, over_frequency], dim=1)


def _median(x: Tensor, length: int, axis: int) -> Tensor:
    half = length // 2
    edges = (half, half, 0, 0) if axis == -1 else (0, 0, half, half)
    padded = pad(x[:, None], edges, mode="replicate")[:, 0]
    medians: Tensor = padded.unfold(axis, length, 1).median(-1).values
    return medians
