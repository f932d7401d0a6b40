"""The second look at the low end of networks that answer at once."""

from typing import Any

import numpy as np
import pytest

from tests.support.sounds import music
from ticktone import Separator
from ticktone.errors import OptionError, TicktoneError
from ticktone.methods.live_low_end import CONTEXT, TRANSFORM, LiveMasks
from ticktone.methods.network import Network

RATE = 44_100
LIVE = "folded-3w-unet-causal"
TIME = np.arange(4 * RATE) / RATE
# A bass that changes its note twice a second, and kicks between that do not ring for long.
BASS = 0.3 * np.sin(2 * np.pi * np.where(TIME % 1 < 0.5, 65.4, 98.0) * TIME)
KICKS = np.exp(-(TIME % 0.4) * 30) * np.sin(2 * np.pi * (55 * TIME - 4 * np.exp(-TIME % 0.4 * 40)))


def percussive(audio, **options):
    return Separator(LIVE, **options).separate(audio.astype(np.float32), RATE).percussive


def error_db(estimate, source):
    return 10 * np.log10(np.square(estimate - source).sum() / np.square(source).sum())


@pytest.mark.slow
def test_kick_and_bass_are_told_apart_better():
    usual, without = (percussive(BASS + KICKS, refine=refine) for refine in (None, False))
    assert error_db(usual, KICKS) < error_db(without, KICKS) - 1


@pytest.mark.slow
def test_what_lies_above_stays():
    audio = music(3.0)
    moved = np.abs(np.fft.rfft(percussive(audio, refine=True) - percussive(audio, refine=False)))
    frequencies = np.fft.rfftfreq(audio.shape[-1], 1 / RATE)
    assert moved[:, frequencies < 400].max() > 100
    assert moved[:, frequencies > 700].max() < 0.01 * moved.max()


@pytest.mark.slow
def test_it_is_no_later():
    latencies = {Separator(LIVE, refine=refine).latency(RATE) for refine in (True, False)}
    assert len(latencies) == 1
    audio, other = music(3.0), music(3.0)
    other[:, RATE:] = 0
    known = RATE - round(latencies.pop() * RATE)
    np.testing.assert_array_equal(percussive(audio)[:, :known], percussive(other)[:, :known])


@pytest.mark.slow
def test_other_phases_see_the_short_window():
    audio = music(1.0)
    usual, recovered = (percussive(audio, phase=phase) for phase in ("mixture", "pu-hpss"))
    moved = np.abs(np.fft.rfft(recovered - usual))
    frequencies = np.fft.rfftfreq(audio.shape[-1], 1 / RATE)
    assert moved[:, frequencies > 700].max() > 0.1
    assert moved[:, frequencies < 350].max() < 0.1 * moved.max()


def test_the_network_is_shown_its_own_margin_and_the_small_one_its_context():
    shown: list[Any] = []

    def masks(magnitude):
        shown.append(magnitude)
        return np.full((1, 2, *magnitude.shape[2:]), 0.5, np.float32)

    magnitude = np.random.default_rng(0).random((1, 1, TRANSFORM.bins, CONTEXT + 4), np.float32)
    found = LiveMasks(masks, 32)(magnitude)
    assert found.shape == (1, 2, TRANSFORM.bins, CONTEXT + 4)
    np.testing.assert_array_equal(shown[0], magnitude[:, :, :513, CONTEXT - 32 :])
    np.testing.assert_array_equal(found[:, :, :513, -4:], 0.5)
    low = found[:, :, 513:, -4:]
    np.testing.assert_allclose(low.sum(axis=1), 1, atol=1e-6)
    assert low.std() > 0
    magnitude[..., 0] = 0  # beyond what it looks back at
    np.testing.assert_allclose(LiveMasks(masks, 32)(magnitude)[:, :, 513:, -4:], low, atol=0.01)
    longer = np.pad(magnitude, [(0, 0)] * 3 + [(12, 0)])
    again = LiveMasks(masks, CONTEXT + 12)(longer)
    np.testing.assert_allclose(again[:, :, 513:, -4:], found[:, :, 513:, -4:], atol=0.01)


@pytest.mark.torch
def test_other_windows_cannot_be_refined(tmp_path):
    from ticktone.networks import make_network
    from ticktone.training.normalisation import Normalisation
    from ticktone.training.onnx_export import export_network

    network: Any = make_network("folded-3w-unet", channels=[3, 6], causal=True).eval()
    path, name = tmp_path / "causal.onnx", "folded-3w-unet"
    export_network(network, Normalisation(0.0, 6.0), path, name=name, sample_rate=22_050)
    assert Network(model=str(path)).refinement(RATE) is None
    with pytest.raises(OptionError, match="1024 samples"):
        Network(model=str(path), refine=True)
    with pytest.raises(TicktoneError, match="1024 samples"):
        export_network(
            *(network, Normalisation(0.0, 6.0), path), name=name, sample_rate=22_050, refine=True
        )
