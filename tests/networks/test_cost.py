import pytest
import torch

from tests.networks.conftest import THIN, U_SHAPED
from ticktone.networks import make_network
from ticktone.networks.cost import multiply_adds


def test_every_layer_of_a_small_network_by_hand() -> None:
    fine, coarse = 512 * 128, 256 * 64  # bins times frames
    encoder, bottleneck, decoder = fine * 9 * 1, coarse * 9 * 1 * 2, fine * 9 * 2
    up = coarse * 2 * 4  # two maps, to four places each
    heads = fine * 2
    expected = encoder + bottleneck + up + decoder + heads
    assert multiply_adds(make_network("unet", channels=1, poolings=1)) == expected


def test_3w_mdensenet_takes_22_gflop_for_a_patch() -> None:
    assert 2 * multiply_adds(make_network("3w-mdensenet")) == pytest.approx(22e9, rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("name", U_SHAPED)
def test_cost_grows_with_frames_on_the_grid(name: str) -> None:
    network = make_network(name, **THIN[name])
    patch = multiply_adds(network)
    assert multiply_adds(network, frames=384) == 3 * patch
    assert multiply_adds(network, frames=125) == patch


def test_layers_that_are_no_convolutions_by_hand() -> None:
    options = {"bins": 20, "encoder_bins": 5, "decoder": 7, "denoiser": 3}
    network = make_network("mad-twinnet", sequence=9, context=2, **options)
    encoder = 9 * 2 * 3 * (5 * 5 + 5 * 5)  # a context for the encoder alone
    decoder = 5 * 3 * (10 * 7 + 7 * 7)
    linear = 5 * (7 * 20 + 20 * 3 + 3 * 20)
    assert multiply_adds(network, frames=9) == encoder + decoder + linear


def test_the_network_stays_as_it_was() -> None:
    network = make_network("unet", channels=2)
    multiply_adds(network)
    assert network.training
    assert all(parameter.device == torch.device("cpu") for parameter in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())
