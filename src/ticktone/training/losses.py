"""What training makes small. Every loss is a mean over examples, in float32.

A loss is told the masks [shape=(batch, 2, bins - 1, frames)], harmonic first, and the `Spectra`,
and answers with one number for each source.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from ticktone.stft import STFT
from ticktone.training.recipe import LossSettings
from ticktone.training.spectra import Spectra, inverse, with_nyquist

Loss = Callable[[Tensor, Spectra], Tensor]


def make_loss(settings: LossSettings, stft: STFT) -> Loss:
    """Make a loss by its settings.

    Returns
    -------
    callable
        From masks and `Spectra` to a Tensor [shape=()], the sum of both sources' losses, each
        times its lambda.
    """
    name, weights = settings.name, (settings.lambda_harmonic, settings.lambda_percussive)

    def loss(masks: Tensor, spectra: Spectra) -> Tensor:
        if name == "si_sdr":
            losses = si_sdr(masks.float(), spectra, stft)
        elif name == "error_norm":
            losses = error_norm(masks.float(), spectra)
        else:
            losses = _ON_MAGNITUDES[name](*magnitudes(masks.float(), spectra))
        return losses @ losses.new_tensor(weights)

    return loss


def magnitudes(masks: Tensor, spectra: Spectra) -> tuple[Tensor, Tensor]:
    """Give the estimated and the true magnitudes, linear, of the bins that the network sees.

    Returns
    -------
    estimates, targets : Tensor [shape=(batch, 2, bins - 1, frames)]
    """
    bins = masks.shape[-2]
    mixture, *sources = (spectrogram.abs()[:, :bins] for spectrogram in spectra)
    return masks * mixture[:, None], torch.stack(sources, dim=1)


def masked_mse(estimates: Tensor, targets: Tensor) -> Tensor:
    """Lordelo et al. 2019, equation (3), as the mean squared error that the text calls it."""
    return (estimates - targets).square().mean((0, 2, 3))


def masked_l1(estimates: Tensor, targets: Tensor) -> Tensor:
    """Mean absolute error: loud bins count for less than in equation (3)."""
    return (estimates - targets).abs().mean((0, 2, 3))


def log_l1(estimates: Tensor, targets: Tensor) -> Tensor:
    """Mean absolute error of log1p magnitudes: loud and soft bins count more alike."""
    return (estimates.log1p() - targets.log1p()).abs().mean((0, 2, 3))


_ON_MAGNITUDES = {"masked_mse": masked_mse, "masked_l1": masked_l1, "log_l1": log_l1}


def error_norm(masks: Tensor, spectra: Spectra) -> Tensor:
    """Norm of each example's error, between complex spectrograms, the mixture's phase being kept.

    It asks within an example for what SDR asks, and between examples gives each its loudness.
    """
    mixture, *sources = spectra
    errors = with_nyquist(masks) * mixture[:, None] - torch.stack(sources, dim=1)
    return (errors.abs().square().sum((2, 3)) + 1e-6).sqrt().mean(0)


def si_sdr(masks: Tensor, spectra: Spectra, stft: STFT) -> Tensor:
    """Negative scale-invariant SDR in dB of the sound, the mixture's phase being kept.

    Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019. A thousandth of the mixture's
    energy is added to both sides of the ratio: silent sources are then no singularity, and no
    example is worth more than 30 dB.
    """
    mixture, *sources = spectra
    floor = 1e-3 * inverse(stft, mixture).square().sum(-1) + 1e-9
    losses = []
    for mask, source in zip(with_nyquist(masks).unbind(1), sources, strict=True):
        estimate, target = inverse(stft, mask * mixture), inverse(stft, source)
        scale = (estimate * target).sum(-1) / (target.square().sum(-1) + 1e-9)
        wanted = scale[:, None] * target
        wanted_energy = wanted.square().sum(-1) + floor
        error_energy = (estimate - wanted).square().sum(-1) + floor
        losses.append(-10 * torch.log10(wanted_energy / error_energy).mean())
    return torch.stack(losses)
