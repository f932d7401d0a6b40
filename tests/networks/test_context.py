from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from tests.networks.conftest import THIN, U_SHAPED
from ticktone.networks import make_network
from ticktone.networks.mask_network import MaskNetwork

Maker = Callable[..., MaskNetwork]
THINNEST = [
    ("3w-mdensenet", {"growth": 1}),
    ("mdensenet", {"growth": 1}),
    ("3w-unet", {"channels": 1}),
    ("unet", {"channels": 1}),
]


@pytest.mark.parametrize(
    ("name", "context", "grid"),
    [
        *[("3w-mdensenet", 1123, 16), ("mdensenet", 199, 16), ("3w-unet", 139, 8), ("unet", 29, 8)],
        ("folded-3w-unet", 63, 4),
    ],
)
def test_context_and_grid_of_the_defaults(name: str, context: int, grid: int) -> None:
    network = make_network(name)
    assert (network.context, network.look_ahead, network.grid) == (context, context, grid)


def test_context_of_3w_mdensenet_by_hand() -> None:
    """The lying branch has the longest way: four layers of 6 frames at each scale, both ways."""
    scales = 4 * 6 * (1 + 2 + 4 + 8 + 16 + 8 + 4 + 2 + 1)
    final, off_the_grid = 4 * 1, 2**4 - 1
    assert make_network("3w-mdensenet").context == scales + final + off_the_grid


def transparent(network: MaskNetwork) -> MaskNetwork:
    """Make every weight 1 and every bias 0: what is not 0 anywhere then shows at the output."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.ones_(module.weight)
    return network.double().eval()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "more"),
    [
        *[(*thin, more) for thin in THINNEST for more in ({}, {"poolings": 2}, {"poolings": 1})],
        *[("folded-3w-unet", {}, {"channels": [3] * scales}) for scales in (1, 2, 3, 4)],
        *[("folded-3w-unet", {"causal": True}, {"channels": [3] * scales}) for scales in (1, 3)],
    ],
)
def test_the_derived_context_is_exact(
    name: str, options: dict[str, int], more: dict[str, Any]
) -> None:
    network = transparent(make_network(name, **options, **more))
    assert more or network.context == make_network(name).context  # width does not matter
    middle = network.grid * (network.context // network.grid + 2)
    x = torch.zeros(network.grid, 1, max(16, network.bins_grid), 2 * middle, dtype=torch.float64)
    ahead, back = set(), set()
    for offset in range(network.grid):  # one impulse for each place on the grid
        x[offset, ..., middle + offset] = 1
    with torch.no_grad():
        touched = (network(x) != 0.5).any(dim=2).any(dim=1)
    for offset in range(network.grid):
        frames = torch.nonzero(touched[offset])[:, 0]
        ahead |= {middle + offset - int(frames.min())}
        back |= {int(frames.max()) - middle - offset}
    assert (max(back), max(ahead)) == (network.context, network.look_ahead)


@pytest.mark.slow
@pytest.mark.parametrize("name", U_SHAPED)
@pytest.mark.parametrize("offset", [0, 5, 15])
def test_a_frame_changes_nothing_beyond_the_context(name: str, offset: int, lively: Maker) -> None:
    network = lively(name, **THIN[name])
    place = network.context + 20 + offset
    x = torch.rand(1, 1, max(16, network.bins_grid), 2 * place + 1)
    other = x.clone()
    other[..., place] += 10
    with torch.no_grad():
        moved = (network(x) != network(other)).any(dim=2).any(dim=1)[0]
    near = (torch.arange(2 * place + 1) - place).abs() <= network.context
    assert moved[place]
    assert not torch.any(moved & ~near)


@pytest.mark.slow
@pytest.mark.parametrize("name", U_SHAPED)
def test_blocks_equal_the_whole(name: str, lively: Maker) -> None:
    network = lively(name, **THIN[name])
    context, grid, block = network.context, network.grid, 50
    frames = 2 * context + 3 * block + 1  # no multiple of the grid
    x = torch.rand(1, 1, max(16, network.bins_grid), frames)
    with torch.no_grad():
        whole = network(x)
        for start in (0, context + block, frames - block):  # at the ends, and between
            stop = min(start + block, frames)
            begin = max(0, start - context) // grid * grid
            seen = x[..., begin : stop + context]
            part = network(seen)[..., start - begin : stop - begin]
            torch.testing.assert_close(part, whole[..., start:stop], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", U_SHAPED)
def test_blocks_must_start_on_the_grid(name: str, lively: Maker) -> None:
    network = lively(name, **THIN[name])
    start = network.context + network.grid
    x = torch.rand(1, 1, max(16, network.bins_grid), 2 * start)
    with torch.no_grad():
        whole = network(x)[..., start]
        part = network(x[..., 1:])[..., start - 1]
    assert (part - whole).abs().max() > 1e-3
