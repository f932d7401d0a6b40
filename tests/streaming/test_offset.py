"""A constant offset is no hit: it goes to the harmonic part, and nothing else changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ticktone
from tests.support.sounds import music
from ticktone.separator import Separator

RATE = 44_100
OFFSET = np.float32(0.1)


NETWORKS = [pytest.param(name, marks=pytest.mark.slow) for name in ("dws", "folded-3w-unet-causal")]


@pytest.mark.parametrize("method", ["median", "hpr", "diffusion", *NETWORKS])
@pytest.mark.parametrize("complement", [True, False])
def test_an_offset_makes_no_thump(method, complement):
    rng = np.random.default_rng(3)
    audio = (music(1.0) * np.linspace(0, 1, RATE) + 1e-4 * rng.standard_normal((2, RATE))).astype(
        np.float32
    )
    separator = Separator(method, complement=complement)
    plain, shifted = (separator.separate(x, RATE) for x in (audio, audio + OFFSET))
    difference = shifted.percussive - plain.percussive
    assert np.sqrt(np.mean(difference**2)) < 0.02 * OFFSET
    assert np.mean(shifted.harmonic - plain.harmonic) == pytest.approx(OFFSET, rel=0.02)


@pytest.mark.parametrize("method", ["median", "unet"])
def test_a_steady_offset_alone_is_harmonic(method):
    audio = np.zeros((2, RATE), np.float32)
    audio[1, 5000:] = OFFSET
    harmonic, percussive = ticktone.separate(audio, RATE, method)
    assert not percussive.any()
    assert np.array_equal(harmonic, audio)


@given(at=st.lists(st.integers(0, 20_000), max_size=3), silence=st.integers(0, 5000))
def test_however_it_arrives(at, silence):
    audio = music(20_000 / RATE) * np.float32(0.1) + OFFSET
    audio[:, :silence] = 0
    for complement in (True, False):
        separator = Separator("hpr", complement=complement)
        whole = separator.separate(audio, RATE)
        blocks = separator.stream(np.split(audio, sorted(at), axis=-1), RATE)
        for part, expected in zip(zip(*blocks, strict=True), whole, strict=True):
            np.testing.assert_allclose(np.concatenate(part, axis=-1), expected, atol=1e-6)


def test_a_stream_answers_no_later(monkeypatch):
    """What an offset is told from is no more than the method waits for anyway."""
    separator = Separator("median", block_frames=1)
    count = 0

    def blocks():
        nonlocal count
        for _ in range(200):
            count += 512
            yield music(512 / RATE) + OFFSET

    next(iter(separator.stream(blocks(), RATE)))
    assert count <= separator.method.latency(RATE) * RATE + 2 * 512


def test_music_without_an_offset_is_left_as_it_is_to_the_bit():
    from ticktone.streaming.offset import OffsetRemover

    remover = OffsetRemover(10_000)
    audio = music(1.0)
    passed = np.concatenate(list(remover.run(np.split(audio, 10, axis=-1))), axis=-1)
    assert np.array_equal(passed, audio)
    assert remover.offset is None
