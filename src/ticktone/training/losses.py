"""Loss functions. Every loss is a mean over examples, in float32.

A loss maps the masks [shape=(batch, 2, bins, frames)], harmonic first, and the `Spectra` to one
number for each source. The masks may lack the Nyquist bin and frames at both ends.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from ticktone.errors import TicktoneError, unknown
from ticktone.networks.mask_network import MaskNetwork, TrainingOutput
from ticktone.stft import STFT
from ticktone.training.recipe import LossSettings
from ticktone.training.spectra import Spectra, inverse, with_nyquist

Loss = Callable[[Tensor | TrainingOutput, Spectra], Tensor]

KL_FLOOR = 1e-6  # of magnitudes, as in the code of Drossos et al. 2018


def make_loss(
    settings: LossSettings, stft: STFT, weights: Mapping[str, float] | None = None
) -> Loss:
    """Return the loss that the settings describe.

    Parameters
    ----------
    settings : LossSettings
    stft : STFT
    weights : dict of str to float, optional
        Of the other terms of a `TrainingOutput`; see `loss_weights`.

    Returns
    -------
    callable
        From masks and `Spectra` to a Tensor [shape=()], the sum of both sources' losses, each
        times its lambda. From a `TrainingOutput`: this sum for its masks, plus those of its
        auxiliary masks and its penalties, each times its weight.
    """
    name, lambdas = settings.name, (settings.lambda_harmonic, settings.lambda_percussive)

    def of_masks(masks: Tensor, spectra: Spectra) -> Tensor:
        masks, spectra = masks.float(), _crop_context(spectra, masks.shape[-1])
        if name == "si_sdr":
            losses = si_sdr(masks, spectra, stft)
        elif name == "error_norm":
            losses = error_norm(masks, spectra, settings.low_bins, settings.low_weight)
        elif name == "generalised_kl":
            losses = generalised_kl(*(x / math.sqrt(stft.size) for x in magnitudes(masks, spectra)))
        else:
            losses = _ON_MAGNITUDES[name](*magnitudes(masks, spectra))
        return losses @ losses.new_tensor(lambdas)

    def loss(output: Tensor | TrainingOutput, spectra: Spectra) -> Tensor:
        if isinstance(output, Tensor):
            return of_masks(output, spectra)
        weighted = {key: of_masks(masks, spectra) for key, masks in output.auxiliary_masks.items()}
        terms = [(weights or {})[key] * x for key, x in (weighted | output.penalties).items()]
        return of_masks(output.masks, spectra) + torch.stack(terms).sum()

    return loss


def loss_weights(settings: LossSettings, network: MaskNetwork) -> dict[str, float]:
    """Return the weights of the terms of a network's `TrainingOutput`.

    They are the network's own, but for those that the recipe names.

    Raises
    ------
    TicktoneError
        If the network has no such term, or a weight is no number from 0 on.
    """
    for name, value in settings.weights.items():
        if name not in network.weights:
            what = f"key in [loss.weights] for {network.name}"
            raise TicktoneError(unknown(what, name, tuple(network.weights)))
        if type(value) not in (int, float) or not 0 <= value < math.inf:
            raise TicktoneError(
                f"loss.weights.{name} must be a number of at least 0, not {value!r}"
            )
    return {**network.weights, **settings.weights}


def _crop_context(spectra: Spectra, frames: int) -> Spectra:
    """Return the spectra without the context frames, for which there are no masks."""
    edge = (spectra.mixture.shape[-1] - frames) // 2
    return Spectra(*(spectrogram[..., edge : edge + frames] for spectrogram in spectra))


def magnitudes(masks: Tensor, spectra: Spectra) -> tuple[Tensor, Tensor]:
    """Return the estimated and the true magnitudes, linear, of the bins that the network sees.

    Returns
    -------
    estimates, targets : Tensor [shape=(batch, 2, bins, frames)]
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
    """Mean absolute error of log1p magnitudes: loud and soft bins count more alike.

    Estimates that are negative, as what a mask greater than 1 leaves of the mixture, count as zero.
    """
    return (estimates.clamp(min=0).log1p() - targets.log1p()).abs().mean((0, 2, 3))


def generalised_kl(estimates: Tensor, targets: Tensor) -> Tensor:
    """Generalised Kullback-Leibler divergence, summed over bins (Drossos et al. 2018, section 4).

    The scale matters: magnitudes are to be divided by the root of the FFT's length. Negative
    estimates count as zero.
    """
    estimates = estimates.clamp(min=0)
    ratios = torch.log(targets + KL_FLOOR) - torch.log(estimates + KL_FLOOR)
    return (targets * ratios + estimates - targets).sum(2).mean((0, 2))


_ON_MAGNITUDES = {"masked_mse": masked_mse, "masked_l1": masked_l1, "log_l1": log_l1}


def error_norm(
    masks: Tensor, spectra: Spectra, low_bins: int = 0, low_weight: float = 1.0
) -> Tensor:
    """Norm of each example's error, between complex spectrograms, the mixture's phase being kept.

    It asks within an example for what SDR asks, and between examples gives each its loudness. The
    energy of the error in the `low_bins` lowest bins is multiplied by `low_weight`.
    """
    mixture, *sources = spectra
    errors = _all_bins(masks, mixture) * mixture[:, None] - torch.stack(sources, dim=1)
    energies = errors.abs().square().sum(3)
    energy = low_weight * energies[..., :low_bins].sum(2) + energies[..., low_bins:].sum(2)
    return (energy + 1e-6).sqrt().mean(0)


def si_sdr(masks: Tensor, spectra: Spectra, stft: STFT) -> Tensor:
    """Negative scale-invariant SDR in dB of the sound, the mixture's phase being kept.

    Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019. A thousandth of the mixture's
    energy is added to both sides of the ratio: silent sources are then no singularity, and no
    example is worth more than 30 dB.
    """
    mixture, *sources = spectra
    floor = 1e-3 * inverse(stft, mixture).square().sum(-1) + 1e-9
    losses = []
    for mask, source in zip(_all_bins(masks, mixture).unbind(1), sources, strict=True):
        estimate, target = inverse(stft, mask * mixture), inverse(stft, source)
        scale = (estimate * target).sum(-1) / (target.square().sum(-1) + 1e-9)
        wanted = scale[:, None] * target
        wanted_energy = wanted.square().sum(-1) + floor
        error_energy = (estimate - wanted).square().sum(-1) + floor
        losses.append(-10 * torch.log10(wanted_energy / error_energy).mean())
    return torch.stack(losses)


def _all_bins(masks: Tensor, mixture: Tensor) -> Tensor:
    """Return masks for all bins, the Nyquist bin included."""
    return masks if masks.shape[-2] == mixture.shape[-2] else with_nyquist(masks)
