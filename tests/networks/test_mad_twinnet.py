"""MaD TwinNet: Drossos, Magron, Mimilakis and Virtanen, IWAENC 2018, section 2."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.networks.masker_denoiser import answers, in_onnx, parameters
from ticktone.networks import make_network
from ticktone.networks.mad_twinnet import RESIDUALS, TwinNet
from ticktone.networks.mask_network import TrainingOutput

SMALL = {"bins": 40, "encoder_bins": 12, "denoiser": 9}


def small(**options: Any) -> Any:
    torch.manual_seed(2)
    network: Any = make_network("mad-twinnet", **{**SMALL, **options})
    for parameter in network.parameters():
        if parameter.ndim == 1:
            nn.init.normal_(parameter, std=0.3)  # that no layer is idle
    return network.eval()


@pytest.fixture
def x() -> Tensor:
    return torch.rand(2, 1, 40, 60, generator=torch.Generator().manual_seed(1))


def test_parameters_of_the_paper() -> None:
    with torch.device("meta"):
        network: Any = make_network("mad-twinnet")
    assert parameters(network) == 45_755_923
    assert network.parameters_in_use == 27_195_538
    assert parameters(network.encoder) == 6_651_360
    assert parameters(network.decoder) == 13_293_792
    assert parameters(network.mask) == 3_050_961
    assert parameters(network.denoiser) == 4_199_425
    assert parameters(network.twin) == 16_344_753 + 2_215_632


@pytest.mark.slow
def test_forty_frames_are_answered_for_of_sixty() -> None:
    with torch.device("meta"):
        network: Any = make_network("mad-twinnet")
        assert network.eval()(torch.zeros(3, 1, 2049, 60)).shape == (3, 2, 2049, 40)
        training_output = network.train()(torch.zeros(3, 1, 2049, 60))
    assert training_output.masks.shape == (3, 2, 2049, 40)
    assert network.patches == (40, 10)


@pytest.mark.parametrize("residual", RESIDUALS)
def test_every_layer_by_hand(residual: str, x: Tensor) -> None:
    network = small(residual=residual)
    mixture = x[:, 0].transpose(1, 2)
    with torch.no_grad():
        states, _ = network.encoder(mixture[..., :12])
        forward, backward = states[:, 10:50, :12], states[:, 10:50, 12:]
        low, kept = mixture[:, 10:50, :12], mixture[:, 10:50]
        places = torch.arange(39, -1, -1)
        second = {
            "aligned": backward + low,
            "reversed": backward[:, places] + low[:, places],
            "flipped": backward + low[:, places][..., torch.arange(11, -1, -1)],
        }[residual]
        decoded, _ = network.decoder(torch.cat((forward + low, second), dim=-1))
        first = torch.relu(network.mask(decoded)) * kept
        encoder, decoder = network.denoiser.encoder, network.denoiser.decoder
        final = torch.relu(decoder(torch.relu(encoder(first)))) * first
        harmonic, percussive = network(x).unbind(1)
    torch.testing.assert_close(percussive * kept.transpose(1, 2), final.transpose(1, 2))
    torch.testing.assert_close(harmonic + percussive, torch.ones_like(harmonic))
    assert final.std() > 0.01


@pytest.mark.parametrize(
    "change",
    [
        *[{"encoder_bins": 11}, {"decoder": 20}, {"denoiser": 8}, {"context": 11}],
        *[{"residual": "reversed"}, {"residual": "flipped"}],
    ],
    ids=str,
)
def test_every_option_changes_the_masks(change: dict[str, Any], x: Tensor) -> None:
    assert not answers(small(), x, small(**change))


def test_bins_and_sequence_are_what_it_is_shown() -> None:
    assert small(bins=41)(torch.rand(1, 1, 41, 60)).shape == (1, 2, 41, 40)
    assert small(sequence=50).patches == (30, 10)
    with pytest.raises(ValueError, match="with 40 bins and at least 21 frames"):
        small()(torch.rand(1, 1, 80, 60))
    with pytest.raises(ValueError, match="with 40 bins and at least 21 frames"):
        small()(torch.rand(1, 1, 40, 20))


def test_the_context_is_seen_by_the_encoder(x: Tensor) -> None:
    network = small()
    for frame in (9, 50):
        other = x.clone()
        other[..., :12, frame] += 1
        assert not answers(network, x, network, other)
        other = x.clone()
        other[..., 12:, frame] += 1  # bins that it does not see
        assert answers(network, x, network, other)


def test_in_training_it_answers_as_in_use(x: Tensor) -> None:
    network = small()
    with torch.no_grad():
        masks = network(x)
        training_output = network.train()(x)
    assert isinstance(training_output, TrainingOutput)
    assert torch.equal(training_output.masks, masks)
    assert (
        training_output.auxiliary_masks.keys() | training_output.penalties.keys()
        == network.weights.keys()
    )


def moved_by(term: Tensor, network: nn.Module) -> set[str]:
    """Name the layers that a term's gradient reaches."""
    network.zero_grad()
    term.backward()
    return {
        name.rpartition(".")[0]
        for name, parameter in network.named_parameters()
        if parameter.grad is not None and parameter.grad.any()
    }


def test_each_term_trains_what_it_should(x: Tensor) -> None:
    network = small().train()

    def moved(term: str) -> set[str]:
        training_output = network(x)
        terms = {
            **{key: masks[:, 1].sum() for key, masks in training_output.auxiliary_masks.items()}
        }
        terms |= {**training_output.penalties, "answer": training_output.masks[:, 1].sum()}
        return moved_by(terms[term], network)

    denoiser = {"denoiser.encoder", "denoiser.decoder"}
    assert moved("answer") == {"encoder", "decoder", "mask"} | denoiser
    assert moved("masker") == {"encoder", "decoder", "mask"}
    assert moved("twin") == {"encoder", "twin.decoder", "twin.mask"}
    assert moved("states") == {"encoder", "decoder", "twin.affine"}  # the twin is not drawn
    assert moved("diagonal") == {"mask"}
    assert moved("denoiser") == {"denoiser.decoder"}


def test_penalties_by_hand(x: Tensor) -> None:
    network = small().train()
    with torch.no_grad():
        penalties = network(x).penalties
    matrix, last = network.mask.weight.detach(), network.denoiser.decoder.weight.detach()
    diagonal = sum(abs(float(matrix[i, i])) for i in range(24))
    assert float(penalties["diagonal"]) == pytest.approx(diagonal, rel=1e-5)
    assert float(penalties["denoiser"]) == pytest.approx(float((last**2).sum()), rel=1e-5)


def test_the_distance_of_states_is_a_mean_of_norms() -> None:
    twin = TwinNet(2, 2, 3)
    nn.init.eye_(twin.affine.weight)
    nn.init.zeros_(twin.affine.bias)
    decoded = torch.tensor([[[3.0, 4.0], [0.0, 0.0]]], requires_grad=True)
    assert twin.distance(decoded, torch.zeros(1, 2, 2)).item() == pytest.approx(2.5)
    nothing = twin.distance(decoded, decoded)
    nothing.backward()
    assert nothing.item() == 0
    assert decoded.grad is not None
    assert decoded.grad.isfinite().all()


def test_the_twin_runs_backwards(x: Tensor) -> None:
    twin = TwinNet(12, 12, 40)
    encoded = torch.rand(1, 20, 12)
    other = encoded.clone()
    other[:, 9] += 1
    with torch.no_grad():
        moved = (twin(encoded) != twin(other)).any(dim=2)[0]
    assert moved[:10].all()
    assert not moved[10:].any()


def test_weights_begin_as_in_the_authors_code() -> None:
    network: Any = make_network("mad-twinnet", bins=300, encoder_bins=100)
    for layer, inputs, hidden in ((network.encoder, 100, 100), (network.decoder, 200, 200)):
        expected = math.sqrt(2 / (inputs + 3 * hidden))
        assert layer.weight_ih_l0.std().item() == pytest.approx(expected, rel=0.03)
        square = layer.weight_hh_l0.T @ layer.weight_hh_l0
        torch.testing.assert_close(square, torch.eye(hidden), atol=1e-4, rtol=0)
    expected = math.sqrt(2 / (200 + 300))
    assert network.mask.weight.std().item() == pytest.approx(expected, rel=0.03)
    assert not any(p.any() for name, p in network.named_parameters() if "bias" in name)


@pytest.mark.slow
@pytest.mark.parametrize("residual", RESIDUALS)
def test_the_file_gives_the_same_masks_without_the_twin(residual: str) -> None:
    network = small(residual=residual)
    run, weights = in_onnx(network)
    assert sum(weights.values()) < network.parameters_in_use + 100  # and a few lengths
    assert not any("twin" in name for name in weights)
    for batch, frames in ((1, 21), (1, 60), (3, 60), (2, 200)):
        x = torch.rand(batch, 1, 40, frames)
        with torch.no_grad():
            expected = network(x)
        torch.testing.assert_close(run(x), expected, rtol=0, atol=1e-5)
