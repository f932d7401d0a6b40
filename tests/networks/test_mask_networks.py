from collections.abc import Callable
from typing import Any, cast

import pytest
import torch
from torch import nn

from tests.networks.conftest import THIN, U_SHAPED
from ticktone.networks import make_network
from ticktone.networks.branches import BranchNetwork
from ticktone.networks.mask_network import MaskNetwork

Maker = Callable[..., MaskNetwork]


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("3w-mdensenet", {}, 550_202),
        ("mdensenet", {}, 587_502),
        ("unet", {}, 579_602),
        ("3w-unet", {}, 585_418),
        ("3w-mdensenet", {"poolings": 3, "growth": 13}, 500_229),
        ("3w-mdensenet", {"layers": 5, "growth": 10}, 558_392),
        ("3w-mdensenet", {"layers": 5, "growth": 9, "poolings": 5}, 553_880),
        ("unet", {"channels": 17, "convolutions": 2}, 545_294),
        ("unet", {"channels": 18, "convolutions": 2}, 611_174),
        ("unet", {"channels": 9, "convolutions": 2, "poolings": 4}, 616_214),
        ("3w-unet", {"channels": 9, "convolutions": 2}, 583_598),
    ],
)
def test_parameters(name: str, options: dict[str, int], expected: int) -> None:
    assert parameters(make_network(name, **options)) == expected


def test_parameters_of_the_parts_of_3w_mdensenet() -> None:
    network = cast(BranchNetwork, make_network("3w-mdensenet"))
    assert [parameters(branch) for branch in network.branches] == [136_272, 195_216, 195_216]
    assert parameters(network.final) == 23_472
    assert parameters(network.heads) == 26


@pytest.mark.parametrize("name", ["3w-mdensenet", "3w-unet"])
def test_each_branch_has_its_kernel(name: str) -> None:
    kernels = [
        {
            module.kernel_size
            for module in branch.modules()
            if isinstance(module, nn.Conv2d) and not isinstance(module, nn.ConvTranspose2d)
        }
        for branch in cast(BranchNetwork, make_network(name)).branches
    ]
    assert kernels == [{(3, 3)}, {(13, 1)}, {(1, 13)}]


@pytest.mark.parametrize("name", ["3w-mdensenet", "3w-unet"])
def test_the_upright_branch_mixes_frames_only_by_pooling(name: str, lively: Maker) -> None:
    network = cast(BranchNetwork, lively(name, **THIN[name]))
    x = torch.rand(1, 1, 32, 3 * network.grid)
    upright, other = network.branches[1], x.clone()
    other[..., network.grid : 2 * network.grid] += 1
    with torch.no_grad():
        moved = (upright(x) != upright(other)).any(dim=2).any(dim=1)[0]
    inside = torch.zeros(3 * network.grid, dtype=torch.bool)
    inside[network.grid : 2 * network.grid] = True
    assert torch.equal(moved, inside)


@pytest.mark.parametrize("name", U_SHAPED)
@pytest.mark.parametrize("frames", [1, 2, 7, 8, 9, 15, 16, 17, 33])
def test_any_number_of_frames(name: str, frames: int) -> None:
    network = make_network(name, **THIN[name]).eval()
    with torch.no_grad():
        masks = network(torch.rand(2, 1, 32, frames))
    assert masks.shape == (2, 2, 32, frames)
    assert masks.dtype == torch.float32


@pytest.mark.parametrize("name", U_SHAPED)
def test_the_papers_patch(name: str) -> None:
    with torch.device("meta"):
        assert make_network(name).eval()(torch.zeros(1, 1, 512, 128)).shape == (1, 2, 512, 128)


@pytest.mark.parametrize("name", U_SHAPED)
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e4])
def test_masks_lie_between_0_and_1(name: str, scale: float, lively: Maker) -> None:
    with torch.no_grad():
        masks = lively(name, **THIN[name])(scale * torch.randn(2, 1, 32, 20))
    assert torch.all((masks >= 0) & (masks <= 1))


@pytest.mark.parametrize("name", ["3w-mdensenet", "mdensenet", "3w-unet", "unet"])
def test_the_masks_are_two_and_not_one_and_the_rest(name: str, lively: Maker) -> None:
    with torch.no_grad():
        harmonic, percussive = lively(name, **THIN[name])(torch.rand(1, 1, 32, 20))[0]
    assert (harmonic + percussive - 1).abs().max() > 1e-3


@pytest.mark.parametrize("name", U_SHAPED)
def test_the_last_multiple_of_the_grid_is_filled_with_silence(name: str, lively: Maker) -> None:
    network = lively(name, **THIN[name])
    x = torch.rand(1, 1, 32, 21)
    with torch.no_grad():
        padded = network(nn.functional.pad(x, (0, -21 % network.grid)))
        torch.testing.assert_close(network(x), padded[..., :21], rtol=0, atol=0)


@pytest.mark.parametrize("name", U_SHAPED)
@pytest.mark.parametrize(
    "shape", [(1, 1, 513, 16), (1, 2, 512, 16), (512, 16), (1, 1, 512, 0), (1, 1, 0, 16)]
)
def test_other_shapes_are_refused(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"the input has shape .* expected"):
        make_network(name, **THIN[name])(torch.zeros(shape))


@pytest.mark.parametrize("name", U_SHAPED)
def test_biases_begin_at_zero_and_a_seed_gives_the_same_weights(name: str) -> None:
    torch.manual_seed(5)
    one = make_network(name)
    torch.manual_seed(5)
    two = make_network(name)
    for parameter, same in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(parameter, same)
    for module in one.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            assert module.bias is not None
            assert torch.all(module.bias == 0)
            assert module.weight.std() > 0


@pytest.mark.parametrize("name", U_SHAPED)
def test_every_parameter_learns(name: str) -> None:
    torch.manual_seed(1)
    network = make_network(name, **THIN[name])
    x = torch.rand(2, 1, 32, 32)
    network(x).square().mean().backward()
    for key, parameter in network.named_parameters():
        assert parameter.grad is not None, key
        assert torch.all(torch.isfinite(parameter.grad)), key
    # a batch norm takes the bias before it out again, so only weights must move
    still = [
        key
        for key, parameter in network.named_parameters()
        if parameter.ndim > 1 and parameter.grad is not None and not parameter.grad.any()
    ]
    assert still == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "option"),
    [
        *[("mdensenet", option) for option in ("growth", "layers", "poolings")],
        *[("3w-mdensenet", o) for o in ("growth", "layers", "poolings", "kernel_length")],
        *[("unet", option) for option in ("channels", "convolutions", "poolings")],
        *[("3w-unet", o) for o in ("channels", "convolutions", "poolings", "kernel_length")],
    ],
)
def test_every_option_changes_the_network(name: str, option: str) -> None:
    def traits(**options: Any) -> tuple[int, int, int]:
        with torch.device("meta"):
            network = make_network(name, **options)
        return parameters(network), network.context, network.grid

    plain, changed = traits(), traits(**{option: 5})
    assert changed[0] != plain[0]
    assert (changed[1] != plain[1]) == (option not in ("growth", "channels"))
    assert (changed[2] != plain[2]) == (option == "poolings")
