from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from tests.networks.conftest import THIN, U_SHAPED
from ticktone.networks.mask_network import MaskNetwork


def export(network: MaskNetwork, path: Path) -> None:
    axes = {0: "batch", 3: "frames"}
    torch.onnx.export(
        network,
        (torch.zeros(1, 1, 512, 20),),
        path,
        dynamo=False,  # the other exporter needs a package more
        input_names=["magnitude"],
        output_names=["masks"],
        dynamic_axes={"magnitude": axes, "masks": axes},
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript-based:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The feature will be removed:DeprecationWarning:torch.onnx")
@pytest.mark.parametrize("name", U_SHAPED)
def test_an_exported_network_gives_the_same_masks(
    name: str, lively: Callable[..., MaskNetwork], tmp_path: Path
) -> None:
    network = lively(name, **THIN[name])
    export(network, tmp_path / "network.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        tmp_path / "network.onnx", options, providers=["CPUExecutionProvider"]
    )
    for batch, frames in ((1, 1), (3, 17), (1, 100), (1, 128), (1, 300)):
        x = torch.rand(batch, 1, 512, frames)
        (masks,) = session.run(["masks"], {"magnitude": x.numpy()})
        with torch.no_grad():
            expected = network(x).numpy()
        np.testing.assert_allclose(masks, expected, rtol=0, atol=1e-4)
