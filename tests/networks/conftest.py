from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from ticktone.networks import make_network
from ticktone.networks.mask_network import MaskNetwork

# Encoder-decoders that take any number of bins on their grid.
U_SHAPED = ("3w-mdensenet", "mdensenet", "3w-unet", "unet", "folded-3w-unet")
# Few channels: how far a network sees does not depend on them.
THIN: dict[str, dict[str, Any]] = {
    "folded-3w-unet": {"fold": 8, "channels": [6, 9, 12]},
    "3w-mdensenet": {"growth": 2},
    "mdensenet": {"growth": 2},
    "3w-unet": {"channels": 2},
    "unet": {"channels": 2},
}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)  # the tests run side by side already


@pytest.fixture
def lively() -> Callable[..., MaskNetwork]:
    """Networks in evaluation mode whose normalisation has seen data, so that no layer is idle."""

    def make(name: str, **options: Any) -> MaskNetwork:
        torch.manual_seed(1)
        network = make_network(name, **options)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = 1.0
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias)
        with torch.no_grad():
            network(torch.rand(2, 1, 64, 64))
        return network.eval()

    return make
