"""The cost of running a network."""

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from ticktone.networks.mask_network import MaskNetwork

BINS = 512


def multiply_adds(network: MaskNetwork, frames: int = 128) -> int:
    """Count the multiplications (each with its addition) of all matrices for one spectrogram.

    Everything else (normalisation, activations, poolings) costs little beside them, and at run
    time normalisation is folded into the convolutions.

    Parameters
    ----------
    network : MaskNetwork
    frames : int
        Of a spectrogram of 512 bins, or as many as the network sees; the default is the papers'
        patch, 1.5 s at 44.1 kHz.

    Returns
    -------
    int
        Those of the frames with which the network pads to its grid are counted too.
    """
    total = 0

    def count(module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        nonlocal total
        if isinstance(module, nn.ConvTranspose2d):  # every input goes to every output in reach
            total += inputs[0].numel() * module.weight[0].numel()
        elif isinstance(module, nn.Conv2d | nn.Linear):
            total += output.numel() * module.weight[0].numel()
        elif isinstance(module, nn.GRU):
            steps = inputs[0].shape[0] * inputs[0].shape[1]
            total += steps * sum(p.numel() for p in module.parameters() if p.ndim > 1)

    shadow = deepcopy(network).to("meta").eval()  # shapes only: nothing is computed
    for module in shadow.modules():
        module.register_forward_hook(count)
    with torch.no_grad():
        shadow(torch.zeros(1, network.channels, network.bins or BINS, frames, device="meta"))
    return total
