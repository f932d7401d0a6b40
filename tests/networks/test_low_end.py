"""The network that refines the low end."""

import numpy as np
import pytest
import torch

from ticktone.methods.median import soft_mask
from ticktone.networks.low_end import LowEnd
from ticktone.training.onnx_export import as_onnx

pytestmark = pytest.mark.torch


@pytest.fixture
def shown():
    generator = torch.Generator().manual_seed(0)
    return torch.rand(1, 4, 93, 120, generator=generator) + 0.05


@pytest.fixture
def lively():
    """A network whose last layer does something, as after training."""
    torch.manual_seed(0)
    network = LowEnd().eval()
    torch.nn.init.normal_(network.last.weight, std=0.3)
    return network


def test_parameters_and_context():
    network = LowEnd()
    assert sum(parameter.numel() for parameter in network.parameters()) == 18_433
    assert network.context == 33


@pytest.mark.parametrize("option", [{"bins": 80}, {"maps": 8}, {"dilations": (1, 2)}])
def test_every_option_changes_it(option):
    def traits(network):
        return sum(parameter.numel() for parameter in network.parameters()), network.context

    assert traits(LowEnd(**option)) != traits(LowEnd())


def test_before_it_has_learnt_it_gives_the_mask_of_the_medians(shown):
    mask = LowEnd()(shown).detach().numpy()[0, 0]
    harmonic, percussive = shown[0, 2:].numpy()
    np.testing.assert_allclose(mask, soft_mask(percussive, harmonic, 1.3, 0.5), atol=1e-4)


def test_it_looks_as_far_as_it_says(shown, lively):
    before = lively(shown)
    for place in (0, 119):
        other = shown.clone()
        other[..., place] = shown[..., place].flip(2)  # whose level is the same
        changed = (lively(other) - before).abs().amax((0, 1, 2)) > 1e-3
        assert (changed.nonzero() - place).abs().max() <= lively.context


def test_what_it_says_depends_neither_on_level_nor_on_silence_beside(shown, lively):
    mask = lively(shown)
    torch.testing.assert_close(lively(1e-3 * shown), mask, atol=1e-3, rtol=0)
    silence = torch.zeros(1, 4, 93, 200)
    longer = lively(torch.cat((shown, silence), dim=3))[..., : 120 - lively.context]
    torch.testing.assert_close(longer, mask[..., : 120 - lively.context], atol=1e-3, rtol=0)


def test_exported_it_says_the_same(shown, lively):
    import onnxruntime

    session = onnxruntime.InferenceSession(as_onnx(lively, 93, 80, maps=4))
    (mask,) = session.run(None, {"magnitude": shown.numpy()})
    np.testing.assert_allclose(mask, lively(shown).detach().numpy(), atol=1e-5)
