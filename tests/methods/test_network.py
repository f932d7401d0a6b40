"""Exported networks, from PyTorch to `ticktone.separate`."""

import multiprocessing
import os
import shutil
import threading
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

import ticktone
from tests.support.patience import PATIENCE
from tests.support.sounds import music
from ticktone.methods import DEFAULT, make_method
from ticktone.methods.alike import alike
from ticktone.methods.network import Network, NetworkStage
from ticktone.methods.patch_views import Patches
from ticktone.models import read_card
from ticktone.networks import make_network
from ticktone.networks.mask_network import MaskNetwork
from ticktone.stft import STFT
from ticktone.training.inference import MagnitudeToMasks
from ticktone.training.normalisation import Normalisation
from ticktone.training.onnx_export import export_network

RATE = 44_100
APART = ({}, {"one_mask": False})
ALIKE = ({}, {"one_mask": True})


def lively_network() -> MaskNetwork:
    """A small network whose masks depend on what it sees."""
    torch.manual_seed(3)
    network: Any = make_network("3w-unet", channels=3, poolings=2, convolutions=2)
    for parameter in network.heads.parameters():
        torch.nn.init.normal_(parameter)
    with torch.no_grad():
        network(torch.rand(4, 1, 64, 64))  # batch norm sees something
    return network.eval()


@pytest.fixture(scope="module")
def network():
    return lively_network()


@pytest.fixture(scope="module")
def model(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "small.onnx"
    export_network(network, Normalisation(0.0, 6.0), path, name="3w-unet", licence="MIT")
    return path


@pytest.fixture
def copy(model, tmp_path):
    for file in (model, model.with_suffix(".toml")):
        shutil.copy(file, tmp_path)
    return tmp_path / model.name


@pytest.mark.slow
@pytest.mark.parametrize("frames", [1, 17, 130])
def test_onnx_gives_pytorchs_masks(network, model, frames):
    magnitude = np.random.default_rng(0).gamma(1, 5, (2, 1, 513, frames)).astype(np.float32)
    with torch.no_grad():
        expected = MagnitudeToMasks(network, Normalisation(0.0, 6.0))(torch.tensor(magnitude))
    stage: Any
    (stage,) = make_method(str(model)).stages(RATE)
    found = stage.network(magnitude)
    assert found.shape == (2, 2, 513, frames)
    assert np.abs(found - expected.numpy()).max() < 1e-4
    assert found.std() > 0.01


def test_the_card_says_what_the_network_is(network, model):
    card = read_card(model)
    assert (card.name, card.network, card.licence) == ("small", "3w-unet", "MIT")
    assert card.parameters == sum(p.numel() for p in network.parameters())
    assert (card.context, card.look_ahead) == (network.context, network.look_ahead)
    assert card.grid == network.grid
    assert (card.sample_rate, card.stft) == (44_100, STFT(1024, 512))
    assert card.normalisation["maximum"] == 6.0


def test_parts_sum_to_the_recording_and_follow_the_masks(model):
    audio = np.rint(music(2.0) * 2**15).astype(np.float32) / 2**15
    parts = ticktone.separate(audio, RATE, str(model), one_mask=False)
    assert np.array_equal(parts.harmonic + parts.percussive, audio)
    stage: Any
    (stage,) = make_method(str(model), one_mask=False).stages(RATE)
    stft = STFT(1024, 512)
    spectrogram = stft.forward(audio)
    magnitude = np.abs(spectrogram)
    _, percussive = stage.divide(magnitude)
    mask = percussive / np.maximum(magnitude, 1e-12)
    expected = stft.inverse(spectrogram * mask, audio.shape[1])
    np.testing.assert_allclose(parts.percussive, expected, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("block_frames", "one_mask"), [(60, False), (60, True), (150, False)])
def test_blocks_equal_the_whole(model, block_frames, one_mask):
    audio = music(2.0)
    whole, blocks = (
        ticktone.Separator(str(model), block_frames=frames, one_mask=one_mask).separate(audio, RATE)
        for frames in (10**6, block_frames)
    )
    np.testing.assert_allclose(blocks.percussive, whole.percussive, atol=1e-5)


@pytest.mark.parametrize("block_frames", [None, 40])
@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (47, [48]),  # which is less than a patch; all are rounded up to the grid
        (150, [152, 32 + 24]),
        (300, [128 + 32, 32 + 128 + 32, 32 + 48]),
    ],
)
def test_nothing_is_shown_from_beyond_the_ends(model, monkeypatch, block_frames, frames, expected):
    shown = []
    masks = Network._masks
    monkeypatch.setattr(
        Network, "_masks", lambda self, patch: shown.append(patch.shape[-1]) or masks(self, patch)
    )
    separator = ticktone.Separator(str(model), block_frames=block_frames, one_mask=True)
    audio = music((frames - 0.5) * 512 / RATE)
    parts = separator.separate(audio, RATE)
    assert sorted(set(shown)) == sorted(set(expected))
    monkeypatch.undo()
    at_once = ticktone.Separator(str(model), one_mask=True).separate(audio, RATE)
    np.testing.assert_allclose(parts.percussive, at_once.percussive, atol=1e-5)


@pytest.mark.slow
def test_with_a_margin_as_wide_as_its_context_patches_equal_one_run(network, model):
    magnitude = np.random.default_rng(0).gamma(1, 5, (1, 513, 400)).astype(np.float32)
    margin = -(-network.context // network.grid) * network.grid
    stage: Any
    (stage,) = make_method(str(model), margin_frames=margin, patch_frames=64).stages(RATE)
    at_once = NetworkStage(stage.network, stage.stft, Patches(400, 0, 0))
    inner = slice(margin, -margin)  # at the ends padding is seen, which is not the same everywhere
    assert margin < 190
    for part, expected in zip(stage.divide(magnitude), at_once.divide(magnitude), strict=True):
        np.testing.assert_allclose(part[..., inner], expected[..., inner], atol=1e-4)


def test_a_causal_network_streams_within_100_ms(tmp_path):
    network: Any = make_network("folded-3w-unet", channels=[3, 6, 9], causal=True).eval()
    path = tmp_path / "causal.onnx"
    export_network(network, Normalisation(0.0, 6.0), path, name="folded-3w-unet", patch_frames=4)
    taken = given_back = held = 0

    def blocks():
        nonlocal taken, held
        for block in np.split(music(2.0)[:, :88_064], 88_064 // 64, axis=1):
            taken += 64
            yield block
            held = max(held, taken - given_back)

    for parts in ticktone.Separator(str(path), block_frames=4).stream(blocks(), RATE):
        given_back += parts.harmonic.shape[-1]
    assert held < 0.1 * RATE


@pytest.mark.parametrize(
    "options",
    [
        {"one_mask": True},
        {"sum_to_one": False},
        {"refine": True},
        {"patch_frames": 64},
        {"margin_frames": 0},
    ],
)
def test_every_option_changes_something(model, options):
    audio = music(1.8)
    plain, other = (ticktone.separate(audio, RATE, str(model), **how) for how in ({}, options))
    assert not np.allclose(plain.percussive, other.percussive, atol=1e-5)


def test_shared_masks_are_made_of_the_mean_magnitude(model):
    magnitude = np.random.default_rng(0).gamma(1, 5, (2, 513, 200)).astype(np.float32)
    (shared,) = make_method(str(model), one_mask=True).stages(RATE)
    mean = magnitude.mean(axis=0, keepdims=True)
    for part, of_mean in zip(shared.divide(magnitude), shared.divide(mean), strict=True):
        np.testing.assert_allclose(part / magnitude, np.repeat(of_mean / mean, 2, 0), atol=1e-5)


def test_channels_that_lie_apart_get_masks_of_their_own(model):
    tones, clicks = music(1.0, channels=1), np.zeros((1, RATE), np.float32)
    clicks[:, :: RATE // 4] = 0.9
    wide = np.concatenate((tones, clicks))
    parts, each = (ticktone.separate(wide, RATE, str(model), **how) for how in APART)
    assert np.array_equal(parts.percussive, each.percussive)


@pytest.mark.parametrize("level", [1.0, 0.7, 0.0])
def test_channels_that_are_alike_share_their_masks(model, level):
    audio = music(1.0, channels=1) * np.array([[1.0], [level]], np.float32)
    parts, shared = (ticktone.separate(audio, RATE, str(model), **how) for how in ALIKE)
    assert np.array_equal(parts.percussive, shared.percussive)


def test_which_masks_are_shared_does_not_depend_on_the_gain(model):
    rng = np.random.default_rng(0)
    mean = rng.gamma(1, 5, (1, 40, 1, 16, 20)).astype(np.float32)
    own = rng.gamma(1, 5, (1, 40, 2, 16, 20)).astype(np.float32)
    patches = mean + np.linspace(0, 50, 40, dtype=np.float32)[:, None, None, None] * own
    found = alike(patches)[0]
    assert found[0]
    assert not found[-1]
    for gain in np.array([1e-4, 1e4], np.float32):
        assert np.array_equal(alike(gain * patches)[0], found)


def test_masks_sum_to_one_or_are_the_networks_own(model):
    magnitude = np.random.default_rng(0).gamma(1, 5, (1, 513, 128)).astype(np.float32)
    magnitude[:, 9] = 0
    one: Any
    own: Any
    (one,), (own,) = (
        make_method(str(model), sum_to_one=flag, margin_frames=0).stages(RATE)
        for flag in (True, False)
    )
    masks = own.network(magnitude[:, np.newaxis])[0]
    np.testing.assert_allclose(own.divide(magnitude), magnitude * masks[:, None], atol=1e-4)
    shared = magnitude * masks[:, None] / masks.sum(0)
    np.testing.assert_allclose(one.divide(magnitude), shared, atol=1e-4)
    np.testing.assert_allclose(sum(one.divide(magnitude)), magnitude, atol=1e-4)


def test_threads_change_nothing_but_who_runs_the_network(model, monkeypatch):
    names = set()
    masks = Network._masks

    def watched(self, magnitude):
        names.add(threading.current_thread().name)
        return masks(self, magnitude)

    monkeypatch.setattr(Network, "_masks", watched)
    audio = music(3.0)
    one = ticktone.separate(audio, RATE, str(model), threads=1, one_mask=False)
    assert names == {threading.current_thread().name}
    two = ticktone.separate(audio, RATE, str(model), threads=2, one_mask=False)
    assert len(names) > 2  # its own, and those of the pools
    np.testing.assert_allclose(one.percussive, two.percussive, atol=1e-6)


@pytest.mark.parametrize("rate", [8000, 48_000, 96_000])
@pytest.mark.parametrize("samples", [0, 1, 7, 8000])
def test_other_sample_rates_are_kept(model, rate, samples):
    audio = music(1.0, rate, 1)[:, :samples]
    parts = ticktone.separate(audio, rate, str(model))
    assert parts.harmonic.shape == parts.percussive.shape == audio.shape
    np.testing.assert_allclose(parts.harmonic + parts.percussive, audio, atol=2**-23)
    if samples == 8000:
        assert parts.percussive.std() > 1e-3


def test_its_parts_may_have_another_phase_than_the_mixtures(model):
    audio = music(1.0, 22_050)
    mixture, whole, blocks = (
        ticktone.separate(audio, 22_050, str(model), **how)
        for how in ({}, {"phase": "pu-hpss"}, {"phase": "pu-hpss", "block_frames": 40})
    )
    assert abs(whole.percussive - mixture.percussive).max() > 1e-3
    np.testing.assert_allclose(blocks.percussive, whole.percussive, atol=1e-5)


def test_what_is_above_the_models_band_stays_with_the_harmonic_part(model):
    time = np.arange(2 * 96_000) / 96_000
    whistle = 0.3 * np.sin(2 * np.pi * 30_000 * time)
    parts = ticktone.separate(whistle, 96_000, str(model))
    assert parts.percussive[2000:-2000].std() < 1e-4


def test_the_command_line_takes_a_model_by_its_path(model, song, run, tmp_path):
    path = song("a.wav", 1.0, 48_000)
    done = run("separate", path, "-m", model, "-O", "one_mask=false")
    assert done.returncode == 0, done.stderr
    parts = [soundfile.read(tmp_path / f"a.{part}.wav")[0] for part in ("harmonic", "percussive")]
    assert np.array_equal(sum(parts), soundfile.read(path)[0])


def test_a_corrupt_model_is_refused(copy, run, song):
    content = bytearray(copy.read_bytes())
    content[1000] ^= 1
    copy.write_bytes(content)
    done = run("separate", song("a.wav", 0.2), "-m", copy)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "small.onnx: is not the file that its card was written for (sha256 differs)" in line


def test_a_file_that_is_no_model_is_refused(copy):
    import hashlib

    card = copy.with_suffix(".toml")
    old = read_card(copy).sha256
    copy.write_bytes(b"no model")
    card.write_text(card.read_text().replace(old, hashlib.sha256(b"no model").hexdigest()))
    with pytest.raises(ticktone.TicktoneError, match="cannot be loaded by ONNX Runtime"):
        ticktone.separate(music(0.1), RATE, str(copy))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("grid =", "grit =", "unknown key .grit.; did you mean grid"),
        ("grid = 4\n", "", "grid is missing"),
        ("name =", "extra = 1\nname =", "unknown key 'extra'"),
        ("sample_rate = 44100", 'sample_rate = "fast"', "must be a whole number, not 'fast'"),
        ("name =", "name", "cannot be read"),
        ("sample_rate = 44100", "sample_rate = 0", "sample_rate must be at least 1000, not 0"),
        ("grid = 4", "grid = 0", "grid must be at least 1, not 0"),
        ("patch_frames = 128", "patch_frames = 7", "not on its grid of 4"),
        ("margin_frames = 32", "margin_frames = -4", "margin_frames must be at least 0"),
    ],
)
def test_a_card_that_is_wrong_is_refused(copy, old, new, message):
    card = copy.with_suffix(".toml")
    text = card.read_text()
    assert old in text
    card.write_text(text.replace(old, new, 1))
    with pytest.raises(ticktone.TicktoneError, match=f"small.toml: .*{message}"):
        ticktone.separate(music(0.1), RATE, str(copy))


def test_a_card_of_another_window_is_refused(copy):
    card = copy.with_suffix(".toml")
    card.write_text(card.read_text().replace("window_length = 1024", "window_length = 2048"))
    with pytest.raises(
        ticktone.TicktoneError, match=r"small.onnx: does not fit its card"
    ) as caught:
        ticktone.separate(music(0.1), RATE, str(copy))
    assert "\n" not in str(caught.value)


def test_a_model_without_a_card_is_refused(copy):
    copy.with_suffix(".toml").unlink()
    with pytest.raises(ticktone.TicktoneError, match=r"small.onnx: has no card"):
        make_method(str(copy))
    with pytest.raises(ticktone.TicktoneError, match=r"nothing.onnx: has no card"):
        make_method("nothing.onnx")


@pytest.mark.parametrize("options", [{"patch_frames": 30}, {"margin_frames": -4}])
def test_lengths_off_the_networks_grid_are_refused(model, options):
    with pytest.raises(ticktone.TicktoneError, match="must be a multiple of 4"):
        make_method(str(model), **options)


@pytest.mark.parametrize("direction", ["context", "look_ahead"])
def test_a_network_that_looks_further_than_it_says_is_not_exported(direction, tmp_path):
    broken = lively_network()
    setattr(broken, direction, 2)
    with pytest.raises(ticktone.TicktoneError, match="its layers say 2"):
        export_network(broken, Normalisation(0.0, 6.0), tmp_path / "a.onnx", name="3w-unet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_threads_work_in_a_forked_process_too():
    separator = ticktone.Separator(DEFAULT, threads=2)
    audio = music(6.0)
    expected = separator.separate(audio, 44_100).percussive
    context = multiprocessing.get_context("fork")
    with context.Pool(1) as pool:
        found = pool.apply_async(separator.separate, (audio, 44_100)).get(PATIENCE)
    np.testing.assert_array_equal(found.percussive, expected)
