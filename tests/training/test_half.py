"""Networks whose weights are stored in sixteen bits."""

import numpy as np
import onnxruntime
import pytest
import torch

import ticktone
from tests.support.sounds import music
from ticktone.networks import make_network
from ticktone.training.normalisation import Normalisation
from ticktone.training.onnx_export import export_network


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    network = make_network("folded-3w-unet")
    for parameter in network.head.parameters():
        torch.nn.init.normal_(parameter)
    with torch.no_grad():
        network(torch.rand(4, 1, 512, 64))  # batch normalisation sees something
    return network.eval()


@pytest.fixture(scope="module")
def paths(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    paths = [folder / "whole.onnx", folder / "half.onnx"]
    for path, half in zip(paths, (False, True), strict=True):
        export_network(
            *(network, Normalisation(0.0, 5.55), path),
            name="folded-3w-unet",
            half_precision=half,
        )
    return paths


@pytest.mark.slow
def test_half_precision_halves_the_file_and_leaves_the_parts_as_they_were(paths):
    whole, half = (path.stat().st_size for path in paths)
    assert 0.45 * whole < half < 0.6 * whole
    audio = music(1.0)
    expected, found = (ticktone.separate(audio, 44_100, str(path)).percussive for path in paths)
    error = np.sum((found - expected) ** 2) / np.sum(expected**2)
    assert 0 < error < 10**-6.5


def test_it_computes_in_whole_precision(paths, tmp_path):
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    onnxruntime.InferenceSession(paths[1], options, providers=["CPUExecutionProvider"])
    import onnx

    model = onnx.load(tmp_path / "optimised.onnx")
    kinds = {tensor.data_type for tensor in model.graph.initializer}
    assert onnx.TensorProto.FLOAT in kinds
    assert onnx.TensorProto.FLOAT16 not in kinds  # cast once, at loading
