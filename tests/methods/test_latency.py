"""What `ticktone methods` prints as look-ahead is what a stream holds back."""

import numpy as np
import pytest

import ticktone
from ticktone import Separator
from ticktone.methods import DEFAULT
from ticktone.methods.base import Stage
from ticktone.methods.network import Network

RATE = 44_100
FEED = 128  # samples at a time


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Divide by halves: what is held back depends on the lengths alone."""

    def halves(self, magnitude, wanted=slice(None)):
        return magnitude[..., wanted] / 2, magnitude[..., wanted] / 2

    methods = (Separator(name).method for name in ticktone.methods() if name not in models())
    kinds = {type(stage) for method in methods for stage in method.stages(RATE)}
    for kind in kinds:
        monkeypatch.setattr(kind, "divide", halves)

    def masks(self, magnitude):
        edge = self.card.least_margin
        inner = magnitude[..., edge : magnitude.shape[-1] - edge]
        return np.full((len(magnitude), 2, *inner.shape[2:]), 0.5, np.float32)

    monkeypatch.setattr(Network, "_masks", masks)


def models():
    from ticktone.models import models

    return models()


def in_shortest_blocks(method):
    shortest: list[Stage] = list(method.stages(RATE))
    frames = shortest[0].grid if method.name == "nmf" else 1  # its segments are half a minute
    return Separator(method, block_frames=frames)


def held_back(separator, seconds, rate=RATE):
    """Feed a stream and return the most seconds of it for which there was no answer yet."""
    taken = given = most = 0

    def blocks():
        nonlocal taken, most
        noise = np.random.default_rng(0).standard_normal(int(seconds * rate)).astype("f4")
        for start in range(0, len(noise), FEED):
            yield noise[start : start + FEED]
            taken += FEED
            most = max(most, taken - given)

    for parts in separator.stream(blocks(), rate):
        given += len(parts.harmonic)
    return most / rate


@pytest.mark.slow
@pytest.mark.parametrize("name", ticktone.methods())
def test_a_stream_in_the_shortest_blocks_holds_back_what_is_promised(name):
    method = Separator(name).method
    promised = method.latency(RATE)
    held = held_back(in_shortest_blocks(method), promised + 1)
    assert held <= promised + FEED / RATE
    if method.refinement(RATE) is None:
        assert promised - held < 0.05  # less, where no sample falls on the worst place
    else:  # the two grids, of which one divides the other, are never both at their worst
        assert held > 0.75 * promised


@pytest.mark.slow
@pytest.mark.parametrize("rate", [RATE, 48_000])
@pytest.mark.parametrize("name", ["median", "hpr", DEFAULT, "folded-3w-unet-causal"])
def test_a_separator_tells_what_its_stream_holds_back(name, rate):
    separator = Separator(name)
    promised = separator.latency(rate, channels=1)
    held = held_back(separator, 2 * promised + 1, rate)
    assert held <= promised + FEED / rate
    assert held > 0.7 * promised


def test_a_stream_of_a_causal_network_answers_at_once_without_being_told():
    assert held_back(Separator("folded-3w-unet-causal"), 2) < 0.062


def test_shorter_blocks_hold_back_less():
    assert Separator("median", block_frames=8).latency(RATE) < Separator("median").latency(RATE)


def test_a_rate_that_a_method_does_not_work_at_has_no_latency():
    with pytest.raises(ValueError, match="sample rate"):
        Separator().latency(10)
