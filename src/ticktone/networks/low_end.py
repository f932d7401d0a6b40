"""The networks that divide the low end anew, where kick and bass share a few bins.

The one is shown what another network has found there and the medians of that
(`ticktone.methods.refinement`), and corrects the mask which these make: its last layer begins with
zeros, so before it has learnt anything the mask is that of the medians. The causal one
(`ticktone.methods.live_low_end`) is shown the mixture alone, and nothing that comes later.
"""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.functional import avg_pool1d, pad

FLOOR = 0.03  # of the level, added to magnitudes before their logarithm is taken
POWER = 1.3  # of the mask that the medians make
TINY = 1e-5  # of the level, likewise, of medians
SILENT = 1e-8  # a level, so that nothing is divided by zero


class Layer(nn.Module):
    """A convolution, and beside it what the whole low end does at a frame, added to the input.

    Parameters
    ----------
    maps : int
    dilation : int
        Frames from one column of the kernel to the next.
    causal : bool
        Whether the kernel's columns lie at a frame and before it, not around it.
    """

    def __init__(self, maps: int, dilation: int, causal: bool = False) -> None:
        super().__init__()
        self.edges = (2 * dilation, 0) if causal else (dilation, dilation)
        self.activation = nn.PReLU(maps)
        self.convolution = nn.Conv2d(maps, maps, 3, padding=(1, 0), dilation=(1, dilation))
        self.of_all_bins = nn.Conv2d(maps, maps, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[shape=(batch, maps, bins, frames)] to the same."""
        of_all: Tensor = self.of_all_bins(x.mean(dim=2, keepdim=True))
        around: Tensor = self.convolution(pad(self.activation(x), self.edges))
        return x + of_all + around


class _Row(nn.Module):
    """A short row of dilated convolutions over low bins, from `inputs` maps to one."""

    def __init__(
        self, inputs: int, bins: int, maps: int, dilations: Sequence[int], causal: bool
    ) -> None:
        super().__init__()
        self.bins = bins
        self.edges = (2, 0) if causal else (1, 1)
        self.first = nn.Conv2d(inputs, maps, (5, 3), padding=(2, 0))
        self.position = nn.Parameter(torch.zeros(maps, bins, 1))
        self.layers = nn.Sequential(*[Layer(maps, dilation, causal) for dilation in dilations])
        self.last = nn.Conv2d(maps, 1, (5, 1), padding=(2, 0))

    def logits(self, shown: Tensor) -> Tensor:
        """[shape=(batch, inputs, bins, frames)] to [shape=(batch, 1, bins, frames)]."""
        y: Tensor = self.layers(self.first(pad(shown, self.edges)) + self.position)
        logits: Tensor = self.last(functional.relu(y))
        return logits


class LowEnd(_Row):
    """A short row of dilated convolutions over low bins.

    Parameters
    ----------
    bins : int
        How many it is shown.
    maps : int
    dilations : sequence of int
        Of each layer, in frames.

    Attributes
    ----------
    shown : int
        How many magnitudes it is shown of each bin.
    context : int
        Frames before and after a frame on which its mask depends.
    """

    shown: ClassVar[int] = 4

    def __init__(
        self, bins: int = 93, maps: int = 16, dilations: Sequence[int] = (1, 2, 4, 8, 16, 1)
    ) -> None:
        super().__init__(5, bins, maps, dilations, causal=False)
        for parameter in self.last.parameters():
            nn.init.zeros_(parameter)
        self.context = 1 + sum(dilations)

    def forward(self, magnitude: Tensor) -> Tensor:
        """Return the percussive mask of the sum of both parts.

        Whatever is shown is brought to one level first, so that the mask does not depend on it.

        Parameters
        ----------
        magnitude : Tensor [shape=(batch, 4, bins, frames)]
            Of the harmonic and the percussive part, and their medians.

        Returns
        -------
        Tensor [shape=(batch, 1, bins, frames)]
        """
        x = magnitude / (_level(magnitude[:, :1] + magnitude[:, 1:2]) + SILENT)
        logs = torch.log(x[:, :2] + FLOOR)
        both = torch.log(x[:, :1] + x[:, 1:2] + FLOOR)
        powers = torch.log(x[:, :2].square() + FLOOR**2)
        found = powers[:, 1:] - powers[:, :1]
        smoothed = torch.log(x[:, 2:] + TINY)
        medians = (POWER * (smoothed[:, 1:] - smoothed[:, :1])).clamp(-12, 12)
        shown = torch.cat((logs, both, medians / 4, found / 4), dim=1)
        return torch.sigmoid(medians + self.logits(shown))


class CausalLowEnd(_Row):
    """A short row of dilated convolutions over the mixture's low bins, none of which looks ahead.

    Parameters
    ----------
    bins : int
        How many it is shown.
    maps : int
    dilations : sequence of int
        Of each layer, in frames.

    Attributes
    ----------
    shown : int
        How many magnitudes it is shown of each bin.
    context : int
        Frames before a frame on which its mask depends, but for the level, which is that of as
        many frames before each of them.
    """

    shown: ClassVar[int] = 1

    def __init__(
        self, bins: int = 47, maps: int = 16, dilations: Sequence[int] = (1, 2, 4, 8, 16, 1)
    ) -> None:
        super().__init__(1, bins, maps, dilations, causal=True)
        self.context = 2 * (1 + sum(dilations))

    def forward(self, magnitude: Tensor) -> Tensor:
        """Return the percussive mask of the mixture.

        Parameters
        ----------
        magnitude : Tensor [shape=(batch, 1, bins, frames)]

        Returns
        -------
        Tensor [shape=(batch, 1, bins, frames)]
        """
        logs = torch.log(magnitude / (self._level(magnitude) + SILENT) + FLOOR)
        return torch.sigmoid(self.logits(logs))

    def _level(self, magnitude: Tensor) -> Tensor:
        """As `_level`, of the frames up to each. [shape=(batch, 1, 1, frames)]."""
        energy = magnitude.square().mean(dim=2)
        energies, squares = (
            avg_pool1d(pad(x, (self.context, 0)), self.context + 1, 1)
            for x in (energy, energy.square())
        )
        return (squares / (energies + SILENT**2)).sqrt()[:, :, None]


def _level(magnitude: Tensor) -> Tensor:
    """Return how loud it is where it is loud, so that silence beside it changes nothing.

    Of the energy of each frame the mean, each weighted by itself. [shape=(batch, 1, bins, frames)]
    to [shape=(batch, 1, 1, 1)].
    """
    energy = magnitude.square().mean(dim=2, keepdim=True)
    weighted = energy.square().sum(dim=3, keepdim=True)
    return (weighted / (energy.sum(dim=3, keepdim=True) + SILENT**2)).sqrt()
