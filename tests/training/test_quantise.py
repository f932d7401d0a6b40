"""Networks in eight bits."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import ticktone
from ticktone.datasets import open_dataset
from ticktone.networks import make_network
from ticktone.stft import STFT
from ticktone.training.normalisation import Normalisation
from ticktone.training.onnx_export import export_network
from ticktone.training.quantise import FRAMES, SONGS, magnitudes_of, quantise

RATE = 16_000


@pytest.fixture
def network():
    torch.manual_seed(3)
    network: Any = make_network("folded-3w-unet")
    torch.nn.init.normal_(network.head.weight)
    with torch.no_grad():
        network(torch.rand(4, 1, 512, 64))  # batch normalisation sees something
    return network.eval()


@pytest.mark.slow
def test_eight_bits_are_smaller_and_nearly_the_same(network, stems, tmp_path):
    songs = open_dataset(stems())
    paths = [tmp_path / "plain.onnx", tmp_path / "int8.onnx"]
    for path, calibration in zip(paths, (None, songs), strict=True):
        export_network(
            network,
            Normalisation(0.0, 5.55),
            path,
            name="folded-3w-unet",
            sample_rate=RATE,
            calibration=calibration,
        )
    plain, int8 = (path.stat().st_size for path in paths)
    assert int8 < 0.6 * plain
    song = next(iter(songs))
    expected, found = (
        ticktone.separate(song.mono("mixture"), RATE, str(path)).percussive for path in paths
    )
    error = np.sum((found - expected) ** 2) / np.sum(expected**2)
    assert 0 < error < 0.01
    assert "Conv" not in optimised(paths[1], tmp_path)  # each is done in eight bits, and so faster


def optimised(path, folder):
    """List what ONNX Runtime makes of a network's operations."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(folder / "optimised.onnx")
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    graph = onnx.load(options.optimized_model_filepath).graph
    return {node.op_type for node in graph.node}


def test_ranges_are_taken_from_songs_all_over_the_data_set(stems):
    songs = list(open_dataset(stems(songs=3)))
    stft = STFT(512, 128)
    found = list(magnitudes_of(songs, stft, RATE))
    assert [magnitude.shape for magnitude in found] == [(1, 1, 257, FRAMES)] * 3
    samples = (FRAMES - 1) * 128 + 512
    middle = songs[0].mono("mixture", (songs[0].frames - samples) // 2, samples)
    expected = np.abs(stft.transform(middle[np.newaxis]))
    np.testing.assert_allclose(found[0][0], expected, atol=1e-5)
    assert len(list(magnitudes_of(songs * 30, stft, RATE))) <= SONGS


@pytest.mark.slow
def test_no_songs_are_refused():
    with pytest.raises(ticktone.TicktoneError, match="no song"):
        quantise(b"", iter(()))
