"""The exponential moving average of the weights being trained."""

from copy import deepcopy

import torch

from ticktone.networks.mask_network import MaskNetwork


class Ema:
    """The moving average of a network's weights.

    Parameters
    ----------
    network : MaskNetwork
        The one to follow.
    decay : float
        How much of the average survives a step. It begins smaller, (1 + n) / (10 + n) at step n,
        so that the random weights of the beginning are soon forgotten.

    Attributes
    ----------
    network : MaskNetwork
        The average; normalisation statistics are averaged like weights.
    steps : int
        How often it was updated.
    """

    def __init__(self, network: MaskNetwork, decay: float, steps: int = 0) -> None:
        self.network = deepcopy(network).requires_grad_(False)
        self.decay = decay
        self.steps = steps

    @torch.no_grad()
    def update(self, network: MaskNetwork) -> None:
        """Move the average towards the network."""
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        followed = network.state_dict()
        for name, mean in self.network.state_dict().items():
            if mean.is_floating_point():
                mean.lerp_(followed[name], 1 - decay)
            else:
                mean.copy_(followed[name])
        self.steps += 1
