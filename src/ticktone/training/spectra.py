"""Sound to a network's input, and its output back to sound; in PyTorch, on any device."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from ticktone.networks.mask_network import MaskNetwork
from ticktone.stft import STFT
from ticktone.training.normalisation import AnyNormalisation


class Spectra(NamedTuple):
    """Spectrograms of examples, complex, all of one shape. [shape=(batch, bins, frames)]."""

    mixture: Tensor
    harmonic: Tensor
    percussive: Tensor


def transform(stft: STFT, audio: Tensor) -> Tensor:
    """Compute the STFT of every whole frame, as `STFT.transform` does.

    Parameters
    ----------
    stft : STFT
    audio : Tensor [shape=(batch, samples)]

    Returns
    -------
    Tensor [shape=(batch, bins, frames)]
        complex64.
    """
    return torch.stft(
        audio,
        n_fft=stft.size,
        hop_length=stft.hop_length,
        window=_taper(stft, audio),
        center=False,
        return_complex=True,
    )


def inverse(stft: STFT, spectrogram: Tensor) -> Tensor:
    """Compute the sound, but for half a frame at either end, where too few frames overlap.

    Parameters
    ----------
    stft : STFT
    spectrogram : Tensor [shape=(batch, bins, frames)]

    Returns
    -------
    Tensor [shape=(batch, (frames - 1) * hop_length)]
    """
    frames = spectrogram.shape[-1]
    taper = _taper(stft, spectrogram.real)
    tapered = torch.fft.irfft(spectrogram, stft.size, dim=1) * taper[:, None]
    weight = (taper**2)[None, :, None].expand(1, -1, frames)
    half, length = stft.size // 2, (frames - 1) * stft.hop_length
    laid, weight = (_overlap_add(stft, x)[:, half : half + length] for x in (tapered, weight))
    return laid / weight


def _overlap_add(stft: STFT, frames: Tensor) -> Tensor:
    """Sum overlapping frames. [shape=(batch, size, frames)] to [shape=(batch, samples)]."""
    samples = (frames.shape[-1] - 1) * stft.hop_length + stft.size
    size, hop = (1, stft.size), (1, stft.hop_length)
    return functional.fold(frames, (1, samples), size, stride=hop)[:, 0, 0]


def _taper(stft: STFT, like: Tensor) -> Tensor:
    return torch.as_tensor(stft.taper, dtype=like.dtype, device=like.device)


def compute_spectra(stft: STFT, sources: Tensor) -> Spectra:
    """Compute the spectrograms of examples.

    Parameters
    ----------
    stft : STFT
    sources : Tensor [shape=(batch, 2, samples)]
        Harmonic and percussive; the mixture is their sum.

    Returns
    -------
    Spectra
    """
    harmonic, percussive = (transform(stft, source) for source in sources.unbind(1))
    return Spectra(harmonic + percussive, harmonic, percussive)


def training_targets(stft: STFT, spectra: Spectra, target: str, clip: float) -> Spectra:
    """Return what is to be estimated in place of the sources, each with its source's phase.

    Parameters
    ----------
    stft : STFT
    spectra : Spectra
    target : str
        As `ticktone.training.example_settings.ExampleSettings` has it.
    clip : float
        So, too: greatest magnitude of mixture and targets; 0: none.

    Returns
    -------
    Spectra
    """
    mixture, *sources = spectra
    if target != "source":
        sources = [_TARGETS[target](mixture.abs(), source.abs()) * source for source in sources]
    if clip:
        most = clip * math.sqrt(stft.size)
        mixture, *sources = (_clipped(spectrogram, most) for spectrogram in (mixture, *sources))
    return Spectra(mixture, *sources)


def _harmonic_mean(mixture: Tensor, source: Tensor) -> Tensor:
    return 2 * mixture / (mixture + source).clamp(min=_TINY)


def _minimum(mixture: Tensor, source: Tensor) -> Tensor:
    return (mixture / source.clamp(min=_TINY)).clamp(max=1)


_TINY = torch.finfo(torch.float32).tiny
# What a source's magnitude is multiplied by to be the target.
_TARGETS = {"harmonic_mean": _harmonic_mean, "minimum": _minimum}


def _clipped(spectrogram: Tensor, most: float) -> Tensor:
    return spectrogram * (most / spectrogram.abs().clamp(min=_TINY)).clamp(max=1)


def network_input(
    network: MaskNetwork, normalisation: AnyNormalisation, magnitude: Tensor
) -> Tensor:
    """Return a network's input: the magnitude, normalised, of the bins that the network uses.

    [shape=(..., bins, frames)], Nyquist included.
    """
    return normalisation(magnitude if network.sees_nyquist else magnitude[..., :-1, :])


def with_nyquist(masks: Tensor) -> Tensor:
    """Return masks whose Nyquist bin, which a network does not see, has that of the bin below.

    [shape=(..., bins - 1, frames)] to [shape=(..., bins, frames)].
    """
    return torch.cat((masks, masks[..., -1:, :]), dim=-2)
