"""The second look at the low end that some networks ask for."""

import numpy as np
import pytest

import ticktone
from tests.support.sounds import music
from ticktone.methods.network import Network
from ticktone.methods.refinement import make_refinement
from ticktone.streaming.refine import refined

RATE = 44_100
TIME = np.arange(4 * RATE) / RATE
# A bass that changes its note twice a second, and kicks between that do not ring for long.
BASS = 0.3 * np.sin(2 * np.pi * np.where(TIME % 1 < 0.5, 65.4, 98.0) * TIME)
KICKS = np.exp(-(TIME % 0.4) * 30) * np.sin(2 * np.pi * (55 * TIME - 4 * np.exp(-TIME % 0.4 * 40)))


def refine(harmonic, percussive, rate=RATE, **options):
    """Refine two parts [shape=(channels, samples)]."""
    found = np.stack([harmonic, percussive]).astype(np.float32)
    pieces = np.split(found, range(10_000, found.shape[-1], 10_000), axis=-1)
    stage = make_refinement(rate, one_mask=True)
    blocks = refined(stage, pieces, rate, **options)
    return np.concatenate(list(blocks), axis=-1)


def error_db(estimate, source):
    inner = slice(RATE // 2, -RATE // 2)
    return 10 * np.log10(
        np.sum((estimate - source)[..., inner] ** 2) / np.sum(source[..., inner] ** 2)
    )


@pytest.mark.parametrize("channels", [1, 2])
def test_a_bass_that_leaks_into_the_drums_goes_back(channels):
    bass, kicks = (np.tile(part, (channels, 1)) for part in (BASS, KICKS))
    leaky = 0.8 * kicks + 0.3 * bass
    _, percussive = refine(bass + kicks - leaky, leaky)
    assert error_db(percussive, kicks) < error_db(leaky, kicks) - 3


def test_the_sum_stays_and_so_does_what_lies_above():
    harmonic, percussive = music(3.0), music(3.0)[:, ::-1]
    after = refine(harmonic, percussive)
    np.testing.assert_allclose(after.sum(axis=0), harmonic + percussive, atol=1e-6)
    moved = np.abs(np.fft.rfft(after[1] - percussive))
    frequencies = np.fft.rfftfreq(percussive.shape[-1], 1 / RATE)
    assert moved[:, frequencies < 500].max() > 100
    assert moved[:, frequencies > 600].max() < 0.01 * moved.max()


@pytest.mark.slow
def test_blocks_equal_the_whole():
    parts = music(5.0), music(5.0)[:, ::-1]
    whole = refine(*parts, block_frames=10_000)
    for block_frames in (1, 7):
        assert np.array_equal(refine(*parts, block_frames=block_frames), whole)


def test_silence_stays_silent():
    silence = np.zeros((2, RATE))
    assert not refine(silence, silence).any()


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 96_000])
def test_it_works_at_one_rate_whatever_the_recordings(rate):
    stage = make_refinement(rate, one_mask=True)
    assert rate / stage.decimation == pytest.approx(RATE / 32, rel=0.05)
    assert stage.stft.window_length / RATE * 32 == pytest.approx(0.186, abs=0.001)  # s


@pytest.mark.parametrize("gain", [1e-3, 100])
def test_a_softer_recording_is_refined_alike(gain):
    parts = music(4.0), music(4.0)[:, ::-1]
    usual = refine(*parts)
    softer = refine(*(gain * part for part in parts))
    np.testing.assert_allclose(softer / gain, usual, atol=1e-3)


def test_a_short_recording_is_refined_as_the_same_in_a_long_one():
    parts = np.stack([music(2.0), music(2.0)[:, ::-1]])
    silence = np.zeros_like(parts)
    long = refine(*np.concatenate([parts, silence, silence], axis=-1))
    np.testing.assert_allclose(refine(*parts)[..., :RATE], long[..., :RATE], atol=0.01)


@pytest.mark.slow
def test_the_default_refines_unless_told_otherwise():
    audio = music(2.0)
    usual, without = (ticktone.separate(audio, RATE, refine=how) for how in (None, False))
    assert not np.allclose(usual.percussive, without.percussive, atol=1e-4)
    assert Network(model="folded-3w-unet").refinement(RATE) is not None
    raw = ticktone.separate(audio, RATE, complement=False)
    np.testing.assert_allclose(raw.percussive, usual.percussive, atol=1e-6)
    np.testing.assert_allclose(raw.harmonic, usual.harmonic, atol=1e-5)


@pytest.mark.parametrize("sum_to_one", [True, False])
def test_what_is_refined_is_what_the_network_estimates(sum_to_one):
    audio, options = music(3.0), {"sum_to_one": sum_to_one, "one_mask": True, "complement": False}
    found = ticktone.separate(audio, RATE, "unet", **options)
    refined_parts = ticktone.separate(audio, RATE, "unet", refine=True, **options)
    np.testing.assert_allclose(
        np.stack(refined_parts), refine(found.harmonic, found.percussive), atol=1e-5
    )
