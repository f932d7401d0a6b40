"""Panning: sources between left and right, for networks that see both channels."""

import torch
from torch import Tensor
from torch.nn import functional

from ticktone.training.spectra import Spectra

HARD = 0.25  # share of the panned sources that lie at one side
FAINTEST = -40.0  # dB, of such a source at the other side
SLANT = 6.0  # dB; standard deviation of the level difference of the others
SPREAD = 6.0  # dB; the same of its course over frequency: instruments lie apart from each other
NODES = 6  # of that course


def in_channels(spectra: Spectra, channels: int, pan: float = 0.0) -> Spectra:
    """Return spectra of channels in place of those of examples.

    Parameters
    ----------
    spectra : Spectra [shape=(batch, bins, frames)]
        In mono.
    channels : int
        1 or 2.
    pan : float
        Probability that an example's sources are panned, by gains that differ between the
        channels, drawn for each source: a quarter of them hard to one side, the others with a
        difference of level that changes with frequency. The source's power stays what it was.
        If not, all channels are the same. Only for two channels.

    Returns
    -------
    Spectra [shape=(batch * channels, bins, frames)]
        An example's channels follow each other.
    """
    if channels == 1:
        return spectra
    sources = torch.stack(spectra[1:], dim=1)[:, :, None]
    batch, bins, device = len(sources), sources.shape[-2], sources.device
    panned = torch.rand(batch, 1, 1, 1) < pan
    gains = torch.where(panned, _gains(batch, bins), torch.ones(()))[..., None].to(device)
    harmonic, percussive = (gains * sources).transpose(1, 2).flatten(0, 1).unbind(1)
    return Spectra(harmonic + percussive, harmonic, percussive)


def _gains(batch: int, bins: int) -> Tensor:
    """Draw the gains of each source's channels. [shape=(batch, 2, channels, bins)]."""
    course = functional.interpolate(
        torch.randn(batch, 2, NODES), bins, mode="linear", align_corners=True
    )
    difference = SLANT * torch.randn(batch, 2, 1) + SPREAD * course
    sides = torch.sign(torch.rand(batch, 2, 1) - 0.5)
    hard = sides * FAINTEST * torch.rand(batch, 2, 1).sqrt()
    difference = torch.where(torch.rand(batch, 2, 1) < HARD, hard, difference)
    left, right = 10 ** (difference / 40), 10 ** (-difference / 40)
    return torch.stack((left, right), dim=2) * (2 / (left**2 + right**2)).sqrt()[:, :, None]
