"""MDenseNet and 3W-MDenseNet as Lordelo et al. use them, WASPAA 2019.

The multi-scale DenseNet is by Takahashi and Mitsufuji, "Multi-scale multi-band DenseNets for audio
source separation", WASPAA 2017. Lordelo et al. keep one growth rate at all scales, put the
convolution first in each layer, pool by maxima and estimate both sources at once.

Their paper gives neither growth rate nor number of scales. Of the combinations of both that give
the 555 thousand parameters it names, one agrees with its figures (four layers to a block, depth
four) as well: growth 12 with four poolings, 550 202 parameters.
"""

from functools import partial
from typing import ClassVar

from torch import nn

from ticktone.networks.blocks import DenseBlock, Kernel, check_positive_integers
from ticktone.networks.branches import SQUARE, BranchNetwork, EncoderDecoder, three_kernels

LEAKY_SLOPE = 0.3  # Keras's; the paper names none


def dense_branch(growth: int, layers: int, poolings: int, kernel: Kernel) -> EncoderDecoder:
    """Make an encoder-decoder of dense blocks that are alike at every scale.

    Parameters
    ----------
    growth, layers : int
        Of every dense block.
    poolings : int
    kernel : tuple of int
        Bins and frames, both odd.
    """

    def block(inputs: int, outputs: int) -> DenseBlock:
        return DenseBlock(inputs, outputs, layers, kernel)

    return EncoderDecoder(block, [growth] * (poolings + 1))


class MDenseNet(BranchNetwork):
    """One branch of dense blocks with square kernels; the masks are made of its last block.

    The defaults give 587 502 parameters, within the 550 to 610 thousand of the paper.

    Parameters
    ----------
    growth, layers : int
        Of every dense block: maps to a layer, and layers.
    poolings : int

    Raises
    ------
    ValueError
        If an option is not a whole number of at least 1.
    """

    name: ClassVar[str] = "mdensenet"

    def __init__(self, growth: int = 25, layers: int = 4, poolings: int = 4) -> None:
        check_positive_integers(growth=growth, layers=layers, poolings=poolings)
        super().__init__([dense_branch(growth, layers, poolings, SQUARE)])


class ThreeWayMDenseNet(BranchNetwork):
    """Three branches of dense blocks, and a dense block that sees them all.

    The branches' kernels are 3 x 3, `kernel_length` x 1 and 1 x `kernel_length` (bins x frames).
    Of the final block the paper tells that its activation is LeakyReLU; growth rate and layers are
    taken to be those of the others, its kernel to be square.

    Parameters
    ----------
    growth, layers : int
        Of every dense block: maps to a layer, and layers.
    poolings : int
    kernel_length : int
        Bins of the upright kernel and frames of the lying one; odd.

    Raises
    ------
    ValueError
        If an option is not a whole number of at least 1, or `kernel_length` is even.
    """

    name: ClassVar[str] = "3w-mdensenet"

    def __init__(
        self, growth: int = 12, layers: int = 4, poolings: int = 4, kernel_length: int = 13
    ) -> None:
        check_positive_integers(
            growth=growth, layers=layers, poolings=poolings, kernel_length=kernel_length
        )
        branches = [
            dense_branch(growth, layers, poolings, kernel)
            for kernel in three_kernels(kernel_length)
        ]
        leaky = partial(nn.LeakyReLU, LEAKY_SLOPE)
        super().__init__(branches, DenseBlock(3 * growth, growth, layers, SQUARE, leaky))
