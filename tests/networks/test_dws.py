"""The depthwise-separable Masker: Pyykkönen, Mimilakis, Drossos and Virtanen, MMSP 2020."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.networks.masker_denoiser import answers, in_onnx, parameters
from ticktone.networks import make_network
from ticktone.networks.dws import DepthwiseSeparableBlock, widths_of

SMALL = {"blocks": 2, "channels": 6, "bins": 100, "denoiser": 9}


def small(**options: Any) -> Any:
    """Make a network in evaluation mode whose normalisation has seen data."""
    torch.manual_seed(2)
    network: Any = make_network("dws", **{**SMALL, **options})
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network(torch.rand(4, 1, network.bins, 40))
    return network.eval()


@pytest.fixture
def x() -> Tensor:
    return torch.rand(2, 1, 100, 40, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("blocks", "channels", "expected"),
    [
        *[(1, 32, 4_736_418), (3, 64, 4_771_266), (5, 64, 4_783_426), (5, 128, 4_922_754)],
        *[(7, 256, 5_594_114), (9, 256, 5_741_058), (11, 32, 4_756_578), (11, 256, 5_888_002)],
    ],
)
def test_parameters(blocks: int, channels: int, expected: int) -> None:
    with torch.device("meta"):
        assert parameters(make_network("dws", blocks=blocks, channels=channels)) == expected


def test_the_default_has_the_papers_share_of_mad_twinnets_parameters() -> None:
    with torch.device("meta"):
        share = (
            make_network("dws").parameters_in_use / make_network("mad-twinnet").parameters_in_use
        )
    assert round(100 * share, 2) == 20.57


def test_shapes_of_the_paper() -> None:
    assert widths_of(2049) == (409, 814, 162, 32)
    with torch.device("meta"):
        network: Any = make_network("dws").eval()
        maps = network.encoder(torch.zeros(2, 1, 2049, 40))
        assert maps.shape == (2, 256, 409, 40)
        maps = network.up(maps)
        assert maps.shape == (2, 256, 814, 40)
        assert network.reduce(network.decoder(maps)).shape == (2, 8, 32, 40)
        assert network(torch.zeros(2, 1, 2049, 40)).shape == (2, 2, 2049, 40)
    assert network.mask.in_features == 256


def test_a_block_is_depthwise_then_pointwise_and_normalised_after_each() -> None:
    block = DepthwiseSeparableBlock(6, 6, 5, 0.1)
    assert [type(layer) for layer in block] == [
        *(nn.Conv2d, nn.LeakyReLU, nn.BatchNorm2d, nn.Conv2d, nn.ReLU, nn.BatchNorm2d),
        *(nn.MaxPool2d, nn.Dropout2d),
    ]
    assert parameters(block) == 6**2 + 31 * 6
    assert isinstance(block[0], nn.Conv2d)
    assert block[0].groups == 6


def test_the_denoiser_has_the_last_word(x: Tensor) -> None:
    network = small()
    kept = x[:, 0].transpose(1, 2)
    with torch.no_grad():
        first = network.masker(kept) * kept
        final = network.denoiser(first) * first
        harmonic, percussive = network(x).unbind(1)
    torch.testing.assert_close(percussive * x[:, 0], final.transpose(1, 2))
    torch.testing.assert_close(harmonic + percussive, torch.ones_like(harmonic))
    assert final.std() > 0.001


@pytest.mark.parametrize(
    "change",
    [{"blocks": 3}, {"channels": 7}, {"skips": True}, {"denoiser": 8}, {"context": 2}],
    ids=str,
)
def test_every_option_changes_the_masks(change: dict[str, Any], x: Tensor) -> None:
    assert not answers(small(), x, small(**change))


def test_dropout_is_for_training(x: Tensor) -> None:
    network = small(dropout=0.5).train()
    with torch.no_grad():
        assert not torch.equal(network(x).masks, network(x).masks)
        network.eval()
        assert torch.equal(network(x), network(x))
        network = small(dropout=0.0).train()
        assert torch.equal(network(x).masks, network(x).masks)


@pytest.mark.parametrize("blocks", [1, 4])
def test_the_context_is_that_of_the_layers(blocks: int) -> None:
    network = small(blocks=blocks).double()
    assert network.context == 2 * (blocks + 3)
    x = torch.rand(1, 1, 100, 60, dtype=torch.float64)
    other = x.clone()
    other[..., 30] += 1
    with torch.no_grad():
        moved = (network(x) != network(other)).any(dim=2).any(dim=1)[0].nonzero()[:, 0]
    assert moved.min() == 30 - network.context
    assert moved.max() == 30 + network.context


def test_with_a_context_neighbours_are_seen_and_not_answered_for(x: Tensor) -> None:
    with_context, without = small(context=10, sequence=60), small()
    longer = torch.rand(1, 1, 100, 60, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        masks = with_context(longer)
        assert masks.shape == (1, 2, 100, 40)
        torch.testing.assert_close(masks, without(longer)[..., 10:50])


def test_every_parameter_learns(x: Tensor) -> None:
    network = small().train()
    training_output = network(x)
    assert training_output.auxiliary_masks.keys() == network.weights.keys()
    (
        training_output.masks[:, 1].square().mean()
        + training_output.auxiliary_masks["masker"][:, 1].mean()
    ).backward()
    for key, parameter in network.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all(), key
        assert parameter.ndim == 1 or parameter.grad.any(), key


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"skips": True}, {"context": 10, "sequence": 60}], ids=str)
def test_the_file_gives_the_same_masks(options: dict[str, Any]) -> None:
    network = small(**options)
    run, _ = in_onnx(network)
    for batch, frames in ((1, 21), (3, 60), (1, 200)):
        x = torch.rand(batch, 1, 100, frames)
        with torch.no_grad():
            expected = network(x)
        torch.testing.assert_close(run(x), expected, rtol=0, atol=1e-5)
