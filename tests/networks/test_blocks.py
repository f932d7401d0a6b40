import pytest
import torch
from torch import nn

from ticktone.networks.blocks import CompositeLayer, DenseBlock, PlainBlock, check_positive_integers

KERNELS = [(3, 3), (13, 1), (1, 13), (5, 7), (1, 1)]


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def reached(module: nn.Module, maps: int, axis: int) -> set[int]:
    """Give the places along an axis that a change in the middle (place 20) reaches."""
    torch.manual_seed(1)
    before = torch.rand(1, maps, 41, 41)
    after = before.clone()
    after[:, :, 20, 20] += 1
    with torch.no_grad():
        moved = (module.eval()(before) != module(after)).any(dim=1)[0]
    return set(torch.nonzero(moved)[:, axis].tolist())


@pytest.mark.parametrize("kernel", KERNELS)
def test_composite_layer_keeps_bins_and_frames(kernel: tuple[int, int]) -> None:
    layer = CompositeLayer(3, 5, kernel)
    assert layer(torch.rand(2, 3, 16, 9)).shape == (2, 5, 16, 9)


def test_composite_layer_is_convolution_then_normalisation_then_activation() -> None:
    kinds = [type(module) for module in CompositeLayer(3, 5, (3, 3))]
    assert kinds == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU]
    assert isinstance(CompositeLayer(3, 5, (3, 3), nn.LeakyReLU)[2], nn.LeakyReLU)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_layer_mixes_only_what_its_kernel_spans(kernel: tuple[int, int]) -> None:
    for axis in (0, 1):
        half = kernel[axis] // 2
        layer = CompositeLayer(1, 8, kernel, nn.Identity)
        assert reached(layer, 1, axis) == set(range(20 - half, 21 + half))
    assert CompositeLayer(1, 8, kernel).reach == (kernel[1] // 2, kernel[1] // 2)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_causal_layer_looks_back_only(kernel: tuple[int, int]) -> None:
    layer = CompositeLayer(1, 8, kernel, nn.Identity, causal=True)
    assert reached(layer, 1, axis=1) == set(range(20, 20 + kernel[1]))
    assert layer.reach == (kernel[1] - 1, 0)


@pytest.mark.parametrize("block", ["plain", "dense"])
@pytest.mark.parametrize("kernel", [(3, 3), (7, 1), (1, 7)])
def test_a_block_reaches_as_far_as_its_layers_together(block: str, kernel: tuple[int, int]) -> None:
    made = (
        DenseBlock(2, 4, 3, kernel, nn.Identity)
        if block == "dense"
        else PlainBlock([CompositeLayer(n, 4, kernel, nn.Identity) for n in (2, 4, 4)])
    )
    reach = 3 * (kernel[1] // 2)
    assert made.reach == (reach, reach)
    assert reached(made, 2, axis=1) == set(range(20 - reach, 21 + reach))


@pytest.mark.parametrize(
    ("inputs", "kernel", "expected"),
    [
        (1, (3, 3), 8_352),
        (12, (3, 3), 13_104),
        (24, (3, 3), 18_288),
        (36, (3, 3), 23_472),
        (1, (13, 1), 12_000),
        (12, (1, 13), 18_864),
        (24, (13, 1), 26_352),
    ],
)
def test_dense_block_parameters(inputs: int, kernel: tuple[int, int], expected: int) -> None:
    """k (a (4 n + 6 k) + 12) for four layers with growth k = 12, n maps in, kernel area a."""
    assert parameters(DenseBlock(inputs, 12, 4, kernel)) == expected


@pytest.mark.slow
def test_dense_block_is_equation_2_of_the_paper() -> None:
    torch.manual_seed(1)
    block = DenseBlock(2, 3, 4, (3, 3)).eval()
    x = [torch.rand(1, 2, 8, 8)]
    for layer in block.layers:
        x.append(layer(torch.cat(x, dim=1)))
    assert block(x[0]).shape == (1, 3, 8, 8)
    torch.testing.assert_close(block(x[0]), x[4], rtol=0, atol=0)
    connections = sum(layer[0].in_channels for layer in block.layers)  # type: ignore[index]
    assert connections == 4 * 2 + (1 + 2 + 3) * 3


@pytest.mark.parametrize("kernel", [(2, 3), (3, 2), (4, 4)])
def test_a_kernel_without_middle_is_refused(kernel: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=f"{kernel[0]} by {kernel[1]}"):
        CompositeLayer(1, 1, kernel)


@pytest.mark.parametrize("value", [0, -1, 1.5, "4"])
def test_an_option_that_is_no_count_is_refused_by_name(value: int) -> None:
    with pytest.raises(ValueError, match="layers must be"):
        check_positive_integers(growth=3, layers=value)
