"""What the causal network of the low end learns: to divide the mixture's, a window late."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from ticktone.methods.live_low_end import TRANSFORM
from ticktone.methods.refinement import DECIMATION
from ticktone.networks.low_end import CausalLowEnd
from ticktone.training.low_end_examples import RATIO
from ticktone.training.low_end_task import Signals, drawn
from ticktone.two_windows import TwoWindows

# `TRANSFORM` at the examples' lower rate, where its long window has the same bins.
LOWERED = TwoWindows(
    TRANSFORM.window_length // DECIMATION,
    TRANSFORM.hop_length // DECIMATION,
    long_length=TRANSFORM.long_length // DECIMATION,
    low_bins=TRANSFORM.low_bins,
    fade=TRANSFORM.fade,
)


class LowEndOfMixture:
    """For `ticktone.methods.live_low_end`.

    As only the mixture is shown, half of the harmonic parts get the percussive part of another
    example, and all at another ratio, within that of records.
    """

    def network(self) -> CausalLowEnd:
        """See `ticktone.training.low_end_task.LowEndTask`."""
        return CausalLowEnd(LOWERED.low_bins)

    def batch(self, examples: Signals, size: int, samples: int, rng: np.random.Generator) -> Tensor:
        """See `LowEndTask`; harmonic and percussive."""
        batch = drawn(examples[:, :2], size, samples, rng)
        others = drawn(examples[:, :2], size, samples, rng)
        swapped = rng.random(size) < 0.5
        batch[swapped, 1] = others[swapped, 1]
        levels = np.sqrt(np.square(batch).mean(axis=-1)) + 1e-9
        ratios = 10 ** (rng.uniform(*RATIO, size=size) / 20)
        signs = rng.choice([-1, 1], size=size)
        batch[:, 1] *= (signs * ratios * levels[:, 0] / levels[:, 1])[:, np.newaxis]
        return torch.from_numpy(batch)

    def loss(self, network: CausalLowEnd, batch: Tensor) -> Tensor:
        """See `LowEndTask`; of the sound, as it is laid down."""
        harmonic, percussive = batch.unbind(1)
        level = (harmonic + percussive).square().mean(1) + 1e-10
        wanted, mixture = (low_bins(sound) for sound in (percussive, harmonic + percussive))
        with torch.autocast("cpu", torch.bfloat16):
            mask = network(mixture.abs()[:, None])[:, 0]
        error = sound(mask.float() * mixture - wanted).square().sum(1)
        norms: Tensor = (error / level + 1).sqrt()
        return norms.mean()


def low_bins(audio: Tensor) -> Tensor:
    """As `TwoWindows.transform`. [shape=(batch, samples)] to [shape=(batch, bins, frames)]."""
    hop, length = LOWERED.hop_length, LOWERED.long_length
    frames = pad(audio, (length - hop, 0)).unfold(-1, length, hop)
    tapered = frames * torch.from_numpy(LOWERED.long_taper).float()
    low: Tensor = torch.fft.rfft(tapered)[..., : LOWERED.low_bins].transpose(1, 2)
    return low


def sound(low: Tensor) -> Tensor:
    """As `TwoWindows.overlap_add`, normalised. [shape=(batch, bins, frames)] to (batch, samples).

    The last hop is left out, which a later frame would complete.
    """
    hop, size = LOWERED.hop_length, LOWERED.size
    shares = torch.from_numpy(LOWERED.shares[1])
    frames = torch.fft.irfft(low.transpose(1, 2) * shares, LOWERED.long_length)[..., -size:]
    frames = frames * torch.from_numpy(LOWERED.long_synthesis).float()
    laid = frames[:, 1:, :hop] + frames[:, :-1, hop:]
    squares = LOWERED.taper**2
    weight = torch.from_numpy(squares[:hop] + squares[hop:]).float()
    sound: Tensor = (laid / weight).flatten(1)
    return sound
