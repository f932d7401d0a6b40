"""U-Net and 3W-U-Net, with which Lordelo et al. (WASPAA 2019) compare their network.

The U-Net is by Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image
segmentation", MICCAI 2015; for sound, by Jansson et al., "Singing voice separation with deep U-Net
convolutional networks", ISMIR 2017. The paper says no more than that maps double at each scale,
kernels are square or those of the 3W-MDenseNet, there are no dense blocks, and 550 to 610 thousand
parameters. The sizes here are those that fit.
"""

from typing import ClassVar

from ticktone.networks.blocks import CompositeLayer, Kernel, PlainBlock, check_positive_integers
from ticktone.networks.branches import SQUARE, BranchNetwork, EncoderDecoder, three_kernels


def doubling_branch(
    channels: int, convolutions: int, poolings: int, kernel: Kernel
) -> EncoderDecoder:
    """Make an encoder-decoder of plain blocks whose maps double with each pooling.

    Parameters
    ----------
    channels : int
        Maps at the finest scale.
    convolutions : int
        Layers of every block.
    poolings : int
    kernel : tuple of int
        Bins and frames, both odd.
    """

    def block(inputs: int, outputs: int) -> PlainBlock:
        widths = (inputs, *[outputs] * (convolutions - 1))
        return PlainBlock([CompositeLayer(width, outputs, kernel) for width in widths])

    return EncoderDecoder(block, [channels * 2**scale for scale in range(poolings + 1)])


class UNet(BranchNetwork):
    """One branch with square kernels and maps that double with each pooling.

    The defaults give 579 602 parameters. With one or two convolutions to a scale and three or four
    poolings they are the only choice within the paper's range: two convolutions jump over it (three
    poolings, 17 channels: 545 294; 18 channels: 611 174; four poolings, 9 channels: 616 214). One
    convolution to a scale is also what the paper's model for this network, Jansson et al., has.

    Parameters
    ----------
    channels : int
        Maps at the finest scale.
    convolutions : int
        Layers at each scale, on the way down and on the way up.
    poolings : int

    Raises
    ------
    ValueError
        If an option is not a whole number of at least 1.
    """

    name: ClassVar[str] = "unet"

    def __init__(self, channels: int = 25, convolutions: int = 1, poolings: int = 3) -> None:
        check_positive_integers(channels=channels, convolutions=convolutions, poolings=poolings)
        super().__init__([doubling_branch(channels, convolutions, poolings, SQUARE)])


class ThreeWayUNet(BranchNetwork):
    """Three branches whose maps double with each pooling; the masks are made of all three.

    The branches' kernels are 3 x 3, `kernel_length` x 1 and 1 x `kernel_length` (bins x frames).
    The defaults give 585 418 parameters, at the depth of `UNet`: the two differ by their kernels
    and widths alone.

    Parameters
    ----------
    channels : int
        Maps of each branch at the finest scale.
    convolutions : int
        Layers at each scale, on the way down and on the way up.
    poolings : int
    kernel_length : int
        Bins of the upright kernel and frames of the lying one; odd.

    Raises
    ------
    ValueError
        If an option is not a whole number of at least 1, or `kernel_length` is even.
    """

    name: ClassVar[str] = "3w-unet"

    def __init__(
        self, channels: int = 13, convolutions: int = 1, poolings: int = 3, kernel_length: int = 13
    ) -> None:
        check_positive_integers(
            channels=channels,
            convolutions=convolutions,
            poolings=poolings,
            kernel_length=kernel_length,
        )
        super().__init__(
            [
                doubling_branch(channels, convolutions, poolings, kernel)
                for kernel in three_kernels(kernel_length)
            ]
        )
