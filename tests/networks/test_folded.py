from collections.abc import Callable

import pytest
import torch

from ticktone.networks import make_network
from ticktone.networks.blocks import ThreeWayLayer
from ticktone.networks.mask_network import MaskNetwork

Maker = Callable[..., MaskNetwork]


def test_parameters_and_work_of_the_default() -> None:
    network = make_network("folded-3w-unet")
    assert sum(p.numel() for p in network.parameters()) == 165_220
    assert network.bins_grid == 4 * 4


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("fold", 8),
        ("channels", [24, 48, 48, 96]),
        ("convolutions", 2),
        ("kernel_length", 7),
        ("causal", True),
        ("audio_channels", 2),
        ("bins", 512),
    ],
)
def test_every_option_changes_the_network(option: str, value: object) -> None:
    def traits(**options: object) -> tuple[int, int, int, int]:
        network = make_network("folded-3w-unet", **options)
        count = sum(p.numel() for p in network.parameters())
        return count, network.context, network.look_ahead, network.bins_grid

    assert traits(**{option: value}) != traits()


def test_a_causal_network_sees_nothing_after_its_coarsest_frame(lively: Maker) -> None:
    network = lively("folded-3w-unet", fold=4, channels=[3, 6, 9], causal=True)
    assert (network.look_ahead, network.grid) == (3, 4)
    x = torch.rand(1, 1, 64, 40)
    other = x.clone()
    other[..., 20:] += 1
    with torch.no_grad():
        before, after = network(x), network(other)
    assert torch.equal(before[..., :20], after[..., :20])
    assert (before[..., 20] != after[..., 20]).any()


def test_the_masks_are_one_and_the_rest(lively: Maker) -> None:
    with torch.no_grad():
        harmonic, percussive = lively("folded-3w-unet")(torch.rand(1, 1, 64, 20))[0]
    torch.testing.assert_close(harmonic + percussive, torch.ones_like(harmonic))
    assert percussive.std() > 0.01


def test_bins_come_back_where_they_were(lively: Maker) -> None:
    """One layer reaches one coarse bin of four to either side, and no further."""
    network = lively("folded-3w-unet", fold=4, channels=[3], kernel_length=3)
    x = torch.rand(1, 1, 64, 9)
    other = x.clone()
    other[:, :, 30] += 1  # in the coarse bin 7: 28 to 31
    with torch.no_grad():
        moved = (network(x) != network(other)).any(dim=3).any(dim=1)[0]
    assert set(torch.nonzero(moved)[:, 0].tolist()) == set(range(24, 36))


def test_a_three_way_layer_is_its_layers_side_by_side() -> None:
    torch.manual_seed(1)
    layer = ThreeWayLayer(2, 6, [(3, 3), (5, 1), (1, 7)]).eval()
    x = torch.rand(1, 2, 9, 9)
    with torch.no_grad():
        shares = layer(x).split(2, dim=1)
        for share, part in zip(shares, layer.layers, strict=True):
            torch.testing.assert_close(share, part(x))
    assert [part[0].kernel_size for part in layer.layers] == [(3, 3), (5, 1), (1, 7)]  # type: ignore[index]
    assert layer.reach == (3, 3)


def test_position_tells_high_from_low(lively: Maker) -> None:
    network = lively("folded-3w-unet", fold=4, channels=[3], bins=64)
    x = torch.rand(1, 1, 4, 9).repeat(1, 1, 16, 1)  # the same in every coarse bin
    offset = network.get_parameter("fold.1.offset")

    def difference() -> float:
        with torch.no_grad():  # of two coarse bins out of the padding's reach
            masks = network(x)
        return float((masks[:, :, 28:32] - masks[:, :, 32:36]).abs().max())

    assert difference() < 1e-5
    torch.nn.init.normal_(offset)
    assert difference() > 1e-3


def test_each_of_two_channels_gets_masks_of_its_own(lively: Maker) -> None:
    network = lively("folded-3w-unet", audio_channels=2)
    left, right = torch.rand(2, 3, 64, 32).unbind(0)
    with torch.no_grad():
        masks = network(torch.stack((left, right), dim=1))
        other = network(torch.stack((left, 1 - right), dim=1))
    assert masks.shape == (6, 2, 64, 32)
    assert torch.allclose(masks.sum(1), torch.ones(6, 64, 32))
    assert not torch.allclose(masks[0::2], masks[1::2], atol=0.01)
    assert not torch.allclose(masks[0::2], other[0::2], atol=0.01)  # left hears of right
