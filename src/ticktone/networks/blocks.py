"""Layers in a row: the composite layer, and the blocks that the networks are built of.

The dense block is that of Huang et al., "Densely connected convolutional networks", CVPR 2017, in
the form of Lordelo et al. 2019 (section 2.1): convolution first, and only the last layer's maps
come out. Kernels are (bins, frames) throughout.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

Kernel = tuple[int, int]
Reach = tuple[int, int]  # frames before and after an output frame on which it depends
Activation = Callable[[], nn.Module]


def check_positive_integers(**options: int) -> None:
    """Refuse, by name, an option that is not a whole number of at least 1.

    Raises
    ------
    ValueError
    """
    for name, value in options.items():
        if type(value) is not int or value < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, not {value!r}")


class CompositeLayer(nn.Sequential):
    """Convolution, batch normalisation, activation; bins and frames stay as many as they are.

    The convolution pads with zeros by half a kernel. Lordelo et al. write 'valid' padding, but
    with it neither the dense concatenations nor the skips would fit: 'same' is what they describe.

    Parameters
    ----------
    inputs, outputs : int
        Maps.
    kernel : tuple of int
        Bins and frames, both odd.
    activation : callable
        Makes the activation.
    causal : bool
        Whether the kernel lies before its frame instead of around it.

    Attributes
    ----------
    outputs : int
    reach : tuple of int

    Raises
    ------
    ValueError
        If the kernel has no middle.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: Kernel,
        activation: Activation = nn.ReLU,
        causal: bool = False,
    ) -> None:
        if kernel[0] % 2 == 0 or kernel[1] % 2 == 0:
            raise ValueError(f"a kernel must be of odd lengths, not {kernel[0]} by {kernel[1]}")
        bins, frames = kernel[0] // 2, kernel[1] // 2
        padding = (bins, 0 if causal else frames)
        layers = [
            nn.Conv2d(inputs, outputs, kernel, padding=padding),
            nn.BatchNorm2d(outputs),
            activation(),
        ]
        if causal and frames:
            layers.insert(0, nn.ZeroPad2d((2 * frames, 0, 0, 0)))
        super().__init__(*layers)
        self.outputs = outputs
        self.reach: Reach = (2 * frames, 0) if causal else (frames, frames)


class ThreeWayLayer(nn.Module):
    """Composite layers side by side, each of its own kernel, that see the same and share the maps.

    Parameters
    ----------
    inputs, outputs : int
        Maps; each kernel makes as many of those that come out.
    kernels : sequence of tuple of int
        Bins and frames, all odd.
    causal : bool
        Whether the kernels lie before their frame instead of around it.

    Attributes
    ----------
    outputs : int
    reach : tuple of int

    Raises
    ------
    ValueError
        If the maps cannot be shared evenly, or a kernel has no middle.
    """

    def __init__(
        self, inputs: int, outputs: int, kernels: Sequence[Kernel], causal: bool = False
    ) -> None:
        super().__init__()
        share, left = divmod(outputs, len(kernels))
        if left:
            raise ValueError(f"{outputs} maps cannot be shared by {len(kernels)} kernels")
        layers = [CompositeLayer(inputs, share, kernel, causal=causal) for kernel in kernels]
        self.layers = nn.ModuleList(layers)
        self.outputs = outputs
        self.reach: Reach = max(layer.reach for layer in layers)

    def forward(self, x: Tensor) -> Tensor:
        """Run the layers. [shape=(batch, maps, bins, frames)]."""
        return torch.cat([layer(x) for layer in self.layers], dim=1)


class PlainBlock(nn.Module):
    """Composite layers in a row: each sees the one before it.

    Parameters
    ----------
    layers : sequence of CompositeLayer or ThreeWayLayer
        At least one.

    Attributes
    ----------
    outputs : int
        Maps that come out.
    reach : tuple of int
    """

    def __init__(self, layers: Sequence[CompositeLayer | ThreeWayLayer]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.outputs = layers[-1].outputs
        before, after = zip(*(layer.reach for layer in layers), strict=True)
        self.reach: Reach = (sum(before), sum(after))

    def forward(self, x: Tensor) -> Tensor:
        """Run the layers. [shape=(batch, maps, bins, frames)]."""
        for layer in self.layers:
            x = layer(x)
        return x


class DenseBlock(PlainBlock):
    """Composite layers each of which sees the block's input and all layers before it.

    Parameters
    ----------
    inputs : int
        Maps that go in; layer i sees ``inputs + (i - 1) * growth`` of them.
    growth : int
        Maps that each layer makes (k in the papers).
    layers : int
        (L in the papers.)
    kernel : tuple of int
        Bins and frames, both odd.
    activation : callable
        Makes the layers' activations.
    """

    def __init__(
        self,
        inputs: int,
        growth: int,
        layers: int,
        kernel: Kernel,
        activation: Activation = nn.ReLU,
    ) -> None:
        super().__init__(
            [CompositeLayer(inputs + i * growth, growth, kernel, activation) for i in range(layers)]
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the last layer's maps. [shape=(batch, maps, bins, frames)]."""
        maps = [x]
        for layer in self.layers:
            maps.append(layer(torch.cat(maps, dim=1)))
        return maps[-1]
