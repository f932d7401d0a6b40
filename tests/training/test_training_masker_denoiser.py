"""MaD TwinNet and its convolutional successor, from a recipe to `ticktone.separate`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ticktone.at_once import separate
from ticktone.errors import TicktoneError
from ticktone.evaluation.measures import sdr
from ticktone.evaluation.protocols import find_protocol
from ticktone.methods import make_method
from ticktone.models import read_card
from ticktone.networks import make_network
from ticktone.separator import Separator
from ticktone.stft import STFT
from ticktone.training import TorchMethod, load, network_from, read_recipe, recipe_from, train
from ticktone.training.normalisation import Scaling, normalisation_from
from ticktone.training.onnx_export import export, export_network
from ticktone.training.song_selection import select_songs

pytestmark = pytest.mark.slow  # nearly all of it trains

RECIPES = Path(__file__).parents[2] / "recipes"
SMALL = {
    "mad-twinnet": {"bins": 129, "encoder_bins": 40, "denoiser": 30},
    "dws": {"bins": 129, "channels": 8, "blocks": 1, "denoiser": 30},
}
SEQUENCES = {"sequence": 24, "context": 4}


@pytest.fixture
def small(tiny):
    """Make a recipe for a small network on the short songs of `tiny`."""

    def make(name="mad-twinnet", **changes):
        return tiny(
            **{
                "network__name": name,
                "network__options": {**SMALL[name], **SEQUENCES},
                **{"examples__frames": 24, "examples__context": 4},
                **{"loss__name": "generalised_kl", "loss__lambda_harmonic": 0.0},
                **changes,
            }
        )

    return make


@pytest.fixture
def weights(small, tmp_path):
    def weights(name="mad-twinnet", **changes):
        folder = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        train(small(name, **changes), folder, device="cpu")
        return load(folder / "last.pt")["weights"]

    return weights


def same(one, other):
    return all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("name", list(SMALL))
def test_a_song_is_learnt_by_heart_and_separated_by_the_exported_file(name, stems, tmp_path):
    recipe = recipe_from(
        {
            "network": {"name": name, "options": {**SMALL[name], **SEQUENCES}},
            "data": {"path": str(stems(songs=1))},
            "examples": {
                **{"sample_rate": 16_000, "window_length": 256, "hop_length": 128},
                **{"frames": 24, "context": 4, "batch": 4},
            },
            "loss": {"name": "generalised_kl", "lambda_percussive": 1.0, "lambda_harmonic": 0.0},
            "optimiser": {"learning_rate": 0.005, "gradient_clip": 0.5},
            "schedule": {"steps": 240, "epochs": 1},
            "validation": {"fraction": 0.0},
        }
    )
    train(recipe, tmp_path / "run", device="cpu")
    checkpoint = load(tmp_path / "run" / "last.pt")
    model = tmp_path / "learnt.onnx"
    card = export(checkpoint, model, licence="MIT", data="one song")
    assert (card.patch_frames, card.margin_frames, card.least_margin) == (16, 4, 4)
    assert card.parameters == network_from(checkpoint).parameters_in_use
    assert card.normalisation == {"kind": "times factor", "factor": 1 / 16}
    (song,) = select_songs(recipe).training
    mixture = song.mono("mixture")
    found = separate(mixture, song.sample_rate, str(model))
    assert sdr(song.mono("percussive"), found.percussive) > 8
    assert sdr(song.mono("harmonic"), found.harmonic) > 8
    # and the network says the same in PyTorch
    normalisation = normalisation_from(checkpoint["normalisation"])
    method = TorchMethod(network_from(checkpoint), normalisation, recipe.examples.stft)
    alike = separate(mixture, song.sample_rate, method)
    np.testing.assert_allclose(found.percussive, alike.percussive, atol=1e-4)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A network of the papers' STFT, with random weights."""
    torch.manual_seed(4)
    network: Any = make_network("mad-twinnet", encoder_bins=20, denoiser=5).eval()
    path = tmp_path_factory.mktemp("models") / "wide.onnx"
    stft = STFT(2049, 384, 4096, "symmetric hamming")
    export_network(network, Scaling(1 / 64), path, name="mad-twinnet", stft=stft)
    return path


def test_the_card_tells_the_transform(model):
    card = read_card(model)
    assert card.stft == STFT(2049, 384, 4096, "symmetric hamming")
    assert (card.patch_frames, card.margin_frames, card.context) == (40, 10, 49)
    text = model.with_suffix(".toml").read_text()
    assert "symmetric hamming" in text


@pytest.mark.parametrize("samples", [1, 384 * 41, 50_000])
def test_no_frame_is_left_out_and_blocks_equal_the_whole(model, samples, rng):
    """The published code leaves out the first 10 frames and up to 600 at the end."""
    audio = rng.standard_normal((1, samples)).astype(np.float32) / 8
    whole, blocks = (
        Separator(str(model), block_frames=frames, complement=False).separate(audio, 44_100)
        for frames in (10**6, 40)
    )
    np.testing.assert_allclose(whole.harmonic + whole.percussive, audio, atol=1e-5)
    np.testing.assert_allclose(blocks.percussive, whole.percussive, atol=1e-5)
    for piece in np.array_split(whole.percussive[0], 5 if samples > 5 else 1):
        assert piece.any()


def test_a_mask_above_1_leaves_a_negative_harmonic_part_which_is_scored(tmp_path, rng):
    torch.manual_seed(4)
    network: Any = make_network("mad-twinnet", bins=129, encoder_bins=20, **SEQUENCES).eval()
    torch.nn.init.constant_(network.mask.bias, 1.5)
    torch.nn.init.constant_(network.denoiser.decoder.bias, 1.0)
    with torch.no_grad():
        assert (network(torch.rand(1, 1, 129, 30))[:, 1] > 1).float().mean() > 0.5
    path = tmp_path / "loud.onnx"
    export_network(network, Scaling(1 / 16), path, name="mad-twinnet", stft=STFT(256, 64))
    sources = (rng.standard_normal((2, 1, 80_000)) / 8).astype(np.float32)
    mixture = sources.sum(axis=0)
    for phase in ("mixture", "pu-hpss"):
        found = Separator(str(path), phase=phase, complement=False).separate(mixture, 44_100)
        estimates = np.stack([found.percussive, found.harmonic])
        assert np.sum(found.percussive**2) > np.sum(mixture**2)
        if phase == "mixture":
            np.testing.assert_allclose(estimates.sum(axis=0), mixture, atol=1e-4)
        for protocol in ("lordelo2019", "drossos2018"):
            scores = find_protocol(protocol).score(sources, estimates, 44_100)
            assert scores.unscored("SDR") == 0
        parts = separate(mixture, 44_100, str(path), phase=phase)
        np.testing.assert_allclose(sum(parts), mixture, atol=1e-6)


def test_a_margin_shorter_than_what_is_not_answered_for_is_refused(model):
    with pytest.raises(TicktoneError, match=r"margin_frames must be .* at least 10, not 9"):
        make_method(str(model), margin_frames=9)
    (longer,) = make_method(str(model), margin_frames=15, patch_frames=30).stages(44_100)
    magnitude = np.random.default_rng(0).gamma(1, 5, (1, 2049, 70)).astype(np.float32)
    assert longer.divide(magnitude)[1].shape == magnitude.shape


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"symmetric hamming"',
            '"kaiser"',
            "window must be one of .*, not 'kaiser'",
        ),
        (
            "margin_frames = 10",
            "margin_frames = 9",
            "at least least_margin .*, not 9",
        ),
    ],
)
def test_a_card_that_is_wrong_is_refused(model, tmp_path, old, new, message):
    copy = tmp_path / "copy.onnx"
    text = model.with_suffix(".toml").read_text()
    assert old in text
    copy.with_suffix(".toml").write_text(text.replace(old, new))
    with pytest.raises(TicktoneError, match=message):
        read_card(copy)


@pytest.mark.parametrize(
    "change",
    [
        *[{"loss__weights": {term: 3.0}} for term in ("masker", "twin", "states", "diagonal")],
        {"loss__weights": {"denoiser": 3.0}},
        {"examples__target": "harmonic_mean"},
        {"examples__target": "minimum"},
        {"examples__clip": 0.01},
        {"examples__window": "symmetric hamming"},
        {"examples__window_length": 200, "examples__fft_length": 256, "examples__hop_length": 100},
        {"optimiser__gradient_clip": 1e-7},
        {"network__options": {**SMALL["mad-twinnet"], **SEQUENCES, "residual": "reversed"}},
    ],
    ids=str,
)
def test_every_setting_changes_the_weights(weights, change):
    if not PLAIN:
        PLAIN.append(weights())
    assert not same(PLAIN[0], weights(**change))


PLAIN: list[dict] = []  # trained once for all of these


def test_the_diagonal_of_the_tagged_code_has_no_gradient(weights):
    """Its weight is 0.01 there, on a copy that is not learnt from: as if it were 0."""
    assert not same(weights(), weights(loss__weights={"diagonal": 0.0}))


@pytest.mark.parametrize("name", list(SMALL))
def test_resuming_is_exact(name, small, tmp_path):
    def learn(folder, epochs, resume=False):
        recipe = small(name, schedule__epochs=epochs, examples__clip=1.0, optimiser__ema=0.9)
        train(recipe, tmp_path / folder, device="cpu", resume=resume)
        return load(tmp_path / folder / "last.pt")

    whole = learn("whole", 3)
    learn("halves", 2)
    halves = learn("halves", 3, resume=True)
    assert same(whole["weights"], halves["weights"])
    assert same(whole["ema"]["weights"], halves["ema"]["weights"])
    assert whole["normalisation"] == halves["normalisation"] == {"factor": 1 / 16}


def test_learnt_at_one_level_it_separates_at_any(small, tmp_path, rng):
    train(small(examples__level=30.0), tmp_path / "run", device="cpu")
    checkpoint, model = load(tmp_path / "run" / "last.pt"), tmp_path / "levelled.onnx"
    card = export(checkpoint, model)
    assert card.normalisation["kind"] == "to one level, then times factor"
    assert card.normalisation["factor"] == 1 / 16
    assert card.normalisation["level"] == 30.0
    audio = rng.standard_normal(16_000).astype(np.float32)
    parts = separate(audio, 16_000, str(model))
    assert np.abs(parts.percussive).max() > 0.1
    softer = separate(np.float32(0.01) * audio, 16_000, str(model))
    for part, found in zip(parts, softer, strict=True):
        np.testing.assert_allclose(100 * found, part, atol=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"examples__window_length": 512}, "mad-twinnet needs 129 bins, .* 512 samples has"),
        ({"examples__context": 3}, r"examples\.context: mad-twinnet has 4 context frames"),
        ({"examples__range": [0.0, 5.0]}, r"examples\.range: mad-twinnet takes linear magnitudes"),
        ({"loss__weights": {"twn": 1.0}}, r"unknown key in \[loss\.weights\] .* mean twin\?"),
        ({"loss__weights": {"twin": "1"}}, r"loss\.weights\.twin must be a number .* not '1'"),
        ({"loss__weights": {"twin": -1.0}}, r"loss\.weights\.twin must be a number .* not -1"),
    ],
)
def test_recipes_that_cannot_work(small, tmp_path, change, message):
    with pytest.raises(TicktoneError, match=message):
        train(small(**change), tmp_path / "run", device="cpu")


@pytest.mark.parametrize("name", ["shipped-mad-twinnet", "shipped-dws"])
def test_the_small_ones_are_small_enough_to_ship(name, tmp_path):
    recipe = read_recipe(RECIPES / f"{name}.toml")
    network: Any = make_network(recipe.network.name, **recipe.network.options).eval()
    path = tmp_path / "small.onnx"
    card = export_network(
        network, Scaling(1 / 32), path, name=network.name, stft=recipe.examples.stft
    )
    assert path.stat().st_size < 3e6
    assert (card.patch_frames, card.margin_frames) == (40, 10)


def test_the_two_settings_differ_in_the_transform_alone():
    one, two = (read_recipe(RECIPES / f"mad-twinnet{end}.toml") for end in ("", "-2"))
    assert one.examples.stft == STFT(2049, 384, 4096, "symmetric hamming")
    assert two.examples.stft == STFT(4096, 1024, 4096, "symmetric hamming")
    tables = [recipe.as_table() for recipe in (one, two)]
    for table in tables:
        for key in ("window_length", "hop_length"):
            del table["examples"][key]
    assert tables[0] == tables[1]
