"""Encoder-decoders side by side, and the masks made of their maps.

The arrangement is that of Lordelo, Benetos, Dixon and Ahlbäck, "Investigating kernel shapes and
skip connections for deep learning-based harmonic-percussive separation", WASPAA 2019, figure 4.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from ticktone.networks.blocks import Kernel, PlainBlock, Reach
from ticktone.networks.mask_network import MASKS, MaskNetwork, initialise

SQUARE: Kernel = (3, 3)


def three_kernels(length: int) -> tuple[Kernel, Kernel, Kernel]:
    """Return three kernels: square, along frequency (percussive), along time (harmonic).

    >>> three_kernels(13)
    ((3, 3), (13, 1), (1, 13))
    """
    return SQUARE, (length, 1), (1, length)


class EncoderDecoder(nn.Module):
    """Blocks at ever coarser scales and back, with a skip at every scale (a U-Net's skeleton).

    A scale is reached by 2x2 max pooling and left by a 2x2 transposed convolution of stride 2; its
    decoder sees the maps that come up beside those of its encoder.

    Parameters
    ----------
    block : callable
        Makes a block from the number of maps that go in and that come out.
    widths : sequence of int
        Maps at each scale, finest first; one more than there are poolings.
    inputs : int
        Maps that go in.
    """

    def __init__(
        self, block: Callable[[int, int], PlainBlock], widths: Sequence[int], inputs: int = 1
    ) -> None:
        super().__init__()
        encoders = [block(*widths_of) for widths_of in pairwise((inputs, *widths))]
        decoders = [block(2 * width, width) for width in widths[:-1]]
        self.encoders = nn.ModuleList(encoders[:-1])
        self.bottleneck = encoders[-1]
        self.ups = nn.ModuleList(
            nn.ConvTranspose2d(coarse, fine, kernel_size=2, stride=2)
            for fine, coarse in pairwise(widths)
        )
        self.decoders = nn.ModuleList(decoders)
        self.outputs = widths[0]
        self.poolings = len(decoders)
        self._encoder_reaches = [block.reach for block in encoders[:-1]]
        self._decoder_reaches = [block.reach for block in decoders]

    def forward(self, x: Tensor) -> Tensor:
        """Run the branch.

        Parameters
        ----------
        x : Tensor [shape=(batch, inputs, bins, frames)]
            Bins and frames are multiples of ``2 ** poolings``.

        Returns
        -------
        Tensor [shape=(batch, outputs, bins, frames)]
        """
        skips = []
        for encode in self.encoders:
            x = encode(x)
            skips.append(x)
            x = functional.max_pool2d(x, kernel_size=2)
        x = self.bottleneck(x)
        for scale in reversed(range(self.poolings)):
            x = self.decoders[scale](torch.cat((self.ups[scale](x), skips[scale]), dim=1))
        return x

    def input_span(self, first: int, last: int) -> tuple[int, int]:
        """Return the first and last input frame on which output frames `first` to `last` depend.

        Follows the layers from the output back to the input, in frames of each layer's own scale:
        a block reaches its own reach, frame i of a transposed convolution comes from frame i // 2,
        and frame i of a pooling from frames 2 i and 2 i + 1. The skips need no look: the way
        through the coarser scales contains them, for it widens the span at every step.
        """
        for before, after in self._decoder_reaches:
            first, last = (first - before) // 2, (last + after) // 2
        before, after = self.bottleneck.reach
        first, last = first - before, last + after
        for before, after in reversed(self._encoder_reaches):
            first, last = 2 * first - before, 2 * last + 1 + after
        return first, last


class BranchNetwork(MaskNetwork):
    """Branches that see the same input, whose maps become two masks, which need not add up to 1.

    Parameters
    ----------
    branches : sequence of EncoderDecoder
        All with the same number of poolings.
    final : PlainBlock, optional
        Sees the maps of all branches. Default: the masks are made of these directly.
    """

    paper: ClassVar[str] = "Lordelo, Benetos, Dixon, Ahlbäck 2019"

    def __init__(self, branches: Sequence[EncoderDecoder], final: PlainBlock | None = None) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.final = nn.Identity() if final is None else final
        maps = sum(branch.outputs for branch in branches) if final is None else final.outputs
        self.heads = nn.Conv2d(maps, MASKS, kernel_size=1)  # the paper's two, side by side
        self.grid = self.bins_grid = 2 ** branches[0].poolings
        self.context, self.look_ahead = receptive_field(
            branches, (0, 0) if final is None else final.reach, self.grid
        )
        self.apply(initialise)

    def masks(self, x: Tensor) -> Tensor:
        """See `MaskNetwork`."""
        maps = torch.cat([branch(x) for branch in self.branches], dim=1)
        return torch.sigmoid(self.heads(self.final(maps)))


def receptive_field(
    branches: Sequence[EncoderDecoder], final_reach: Reach, grid: int
) -> tuple[int, int]:
    """Return the frames before and after a frame on which its output depends, at most.

    The maximum over all positions on the grid.
    """
    context = look_ahead = 0
    for frame in range(grid):
        for branch in branches:
            first, last = branch.input_span(frame - final_reach[0], frame + final_reach[1])
            context, look_ahead = max(context, frame - first), max(look_ahead, last - frame)
    return context, look_ahead
