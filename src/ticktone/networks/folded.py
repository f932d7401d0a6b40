"""Our own network: three kernel shapes in every layer, on a spectrogram folded along frequency.

It joins the kernels of Lordelo et al. 2019 (square, along frequency, along time) in every layer,
where theirs has a branch for each, and works on a spectrogram whose neighbouring bins have become
maps, where the work is: `docs/our-network.md` tells what was tried.
"""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn

from ticktone.networks.blocks import PlainBlock, ThreeWayLayer, check_positive_integers
from ticktone.networks.branches import EncoderDecoder, receptive_field, three_kernels
from ticktone.networks.mask_network import MaskNetwork, initialise


class BinOffset(nn.Module):
    """Adds a learnt number to every bin of every map.

    Parameters
    ----------
    maps, bins : int
    """

    def __init__(self, maps: int, bins: int) -> None:
        super().__init__()
        self.offset = nn.Parameter(torch.zeros(maps, bins, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Add the numbers. `x` and the result: [shape=(batch, maps, bins, frames)]."""
        return x + self.offset


class FoldedThreeWayUNet(MaskNetwork):
    """A U-Net of layers with three kernel shapes, on a folded spectrogram, with one mask.

    Folding is a convolution of `fold` bins by one frame with a stride of `fold` bins, so that no
    attack is blurred; unfolding gives each bin back its own number. The harmonic mask is 1 minus
    the percussive one.

    Parameters
    ----------
    fold : int
        Bins that become one.
    channels : sequence of int
        Maps at each scale, finest first: multiples of three.
    convolutions : int
        Layers at each scale, on the way down and on the way up.
    kernel_length : int
        Coarse bins of the upright kernel and frames of the lying one; odd.
    causal : bool
        Whether a frame's mask depends on no frame after it, but for the others of the coarsest
        scale's frame: at most `look_ahead`.
    audio_channels : int
        Channels of a recording that it is shown together, so that what lies left and what lies
        right helps to tell them apart; each gets masks of its own.
    bins : int
        How many it is shown. Each coarse bin has a number of its own in every map then, so that
        the network knows high from low. 0: any number, and all are alike to it.

    Raises
    ------
    ValueError
        If an option but `bins` is not a whole number of at least 1, `channels` are no multiples of
        three, `kernel_length` is even, or `bins` is no multiple of what folding and the coarsest
        scale ask for.
    """

    name: ClassVar[str] = "folded-3w-unet"
    paper: ClassVar[str] = "ticktone; kernels after Lordelo, Benetos, Dixon, Ahlbäck 2019"

    def __init__(
        self,
        fold: int = 4,
        channels: Sequence[int] = (24, 48, 96),
        convolutions: int = 1,
        kernel_length: int = 13,
        causal: bool = False,
        audio_channels: int = 1,
        bins: int = 0,
    ) -> None:
        check_positive_integers(
            fold=fold,
            convolutions=convolutions,
            kernel_length=kernel_length,
            audio_channels=audio_channels,
        )
        super().__init__()
        layer = partial(ThreeWayLayer, kernels=three_kernels(kernel_length), causal=causal)

        def block(inputs: int, outputs: int) -> PlainBlock:
            widths = (inputs, *[outputs] * (convolutions - 1))
            return PlainBlock([layer(width, outputs) for width in widths])

        folding = [nn.Conv2d(audio_channels, channels[0], (fold, 1), stride=(fold, 1))]
        position = [BinOffset(channels[0], bins // fold)] if bins else []
        self.fold = nn.Sequential(*folding, *position, nn.BatchNorm2d(channels[0]), nn.ReLU())
        self.branch = EncoderDecoder(block, channels, inputs=channels[0])
        self.head = nn.Conv2d(channels[0], audio_channels * fold, kernel_size=1)
        self.channels, self.fold_bins = audio_channels, fold
        self.grid = 2**self.branch.poolings
        self.bins, self.bins_grid = bins, fold * self.grid
        if bins % self.bins_grid:
            raise ValueError(f"bins must be a multiple of {self.bins_grid}, not {bins}")
        self.context, self.look_ahead = receptive_field([self.branch], (0, 0), self.grid)
        self.apply(initialise)

    def masks(self, x: Tensor) -> Tensor:
        """See `MaskNetwork`."""
        folded = self.head(self.branch(self.fold(x)))
        folded = folded.unflatten(1, (self.channels, self.fold_bins)).flatten(0, 1)
        percussive = torch.sigmoid(folded.transpose(1, 2).flatten(1, 2)[:, None])
        return torch.cat((1 - percussive, percussive), dim=1)
