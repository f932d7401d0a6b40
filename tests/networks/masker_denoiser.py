"""What the tests of MaD TwinNet and of its convolutional successor share."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from ticktone.networks.mask_network import MaskNetwork
from ticktone.training.onnx_export import as_onnx


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def answers(one: MaskNetwork, x: Tensor, other: MaskNetwork, y: Tensor | None = None) -> bool:
    """Whether two networks, or one for two inputs, give the same masks."""
    with torch.no_grad():
        masks, others = one(x), other(x if y is None else y)
    return masks.shape == others.shape and torch.allclose(masks, others, atol=1e-6)


def in_onnx(network: MaskNetwork) -> tuple[Callable[[Tensor], Tensor], dict[str, int]]:
    """Export a network; give what runs it, and the sizes of the weights in the file."""
    content = as_onnx(network, network.bins, 2 * network.edge + 20)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    weights: Any = onnx.load(io.BytesIO(content)).graph.initializer

    def run(x: Tensor) -> Tensor:
        return torch.from_numpy(session.run(None, {"magnitude": x.numpy()})[0])

    return run, {weight.name: int(np.prod(weight.dims)) for weight in weights}
