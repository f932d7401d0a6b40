import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ticktone
from tests.support.sounds import music
from ticktone import Separator
from ticktone.methods.kam import KAM, KAMStage, Kernel, KernelBand, median_over
from ticktone.stft import STFT

FIRST_SETTING = {"window_length": 2049, "hop_length": 384, "fft_length": 4096}


def plain_median(values, bins, frames):
    """The lower median, bin by bin. [shape=(bins, frames)]"""
    sides = [((length - 1) // 2, length // 2) for length in (bins, frames)]
    padded = np.pad(values, sides, mode="symmetric")
    found = np.empty_like(values)
    for f, t in np.ndindex(values.shape):
        seen = np.sort(padded[f : f + bins, t : t + frames], axis=None)
        found[f, t] = seen[(len(seen) + 1) // 2 - 1]
    return found


def plain_kam(magnitude, bands, iterations, constant):
    """As published for one channel: on power spectra, with a constant in the Wiener filter."""
    power = magnitude.astype(np.float64) ** 2
    densities = np.stack([power / 2, power / 2])
    for _ in range(iterations):
        estimates = (densities / (densities.sum(0) + constant)) ** 2 * power
        for bins, *kernels in bands:
            for part, kernel in enumerate(kernels):
                densities[part, bins] = plain_median(estimates[part, bins], *kernel)
    return densities / (densities.sum(0) + constant) * magnitude


@given(
    shape=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    kernel=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    seed=st.integers(0, 99),
)
def test_median_over_a_rectangle_equals_its_definition(shape, kernel, seed):
    values = np.random.default_rng(seed).random((2, *shape)).astype(np.float32)
    found = median_over(values, Kernel(*kernel))
    assert found.dtype == np.float32
    for channel, plain in zip(found, values, strict=True):
        assert np.array_equal(channel, plain_median(plain, *kernel))


# The constant tells where both parts of a bin have come to nearly nothing, and only there.
@pytest.mark.parametrize(("constant", "most"), [(1e-30, 0), (1e-5, 0.01)])
def test_it_equals_the_published_loop_where_sound_is_loud(rng, constant, most):
    bands = (
        KernelBand(slice(0, 20), Kernel(1, 4), Kernel(3, 1)),
        KernelBand(slice(20, 33), Kernel(1, 5), Kernel(4, 2)),
    )
    magnitude = (10 + 100 * rng.random((1, 33, 30))).astype(np.float32)
    found = KAMStage(STFT(64, 16), bands, 6).divide(magnitude)
    expected = plain_kam(magnitude[0], bands, 6, constant)
    for part, other in zip(found, expected, strict=True):
        assert np.mean(abs(part[0] - other) > 1e-2) <= most
    np.testing.assert_allclose(sum(found), magnitude, rtol=1e-6)
    assert abs(found[0] - found[1]).max() > 50


@pytest.mark.parametrize("iterations", [1, 2, 3])
def test_context_is_how_far_a_frame_is_heard(rng, iterations):
    bands = (KernelBand(slice(0, 17), Kernel(1, 7), Kernel(5, 4)),)
    stage = KAMStage(STFT(32, 8), bands, iterations)
    assert stage.context == 3 * iterations
    magnitude = rng.random((1, 17, 60)).astype(np.float32)
    plain = stage.divide(magnitude)[0]
    magnitude[..., 30] = 5
    heard = np.flatnonzero(np.any(stage.divide(magnitude)[0] != plain, axis=(0, 1)))
    assert 30 - stage.context <= heard.min()
    assert heard.max() <= 30 + stage.context
    assert heard.max() - heard.min() > 2 * (stage.context - 3)


@pytest.mark.parametrize(
    "options", [{"kernels": "published"}, {"iterations": 2}, {**FIRST_SETTING, "iterations": 1}]
)
def test_blocks_equal_the_whole_to_the_bit(options):
    audio = music(1.5, channels=1)
    whole = ticktone.separate(audio, 44_100, "kam", **options)
    blocks = Separator("kam", block_frames=50, **options).stream([audio], 44_100)
    for part, expected in zip(zip(*blocks, strict=True), whole, strict=True):
        assert len(part) > 1
        assert np.array_equal(np.concatenate(part, axis=-1), expected)


def test_kernels_mean_the_same_at_every_rate():
    for rate in (44_100, 48_000, 88_200, 96_000, 192_000):
        (stage,) = KAM().stages(rate)
        bins_per_hertz, frames_per_second = stage.stft.size / rate, rate / stage.stft.hop_length
        edges = [band.bins.stop / bins_per_hertz for band in stage.bands[:3]]
        assert edges == pytest.approx([250, 3000, 10_000], abs=1 / bins_per_hertz)
        top = stage.bands[-1]
        assert top.harmonic.frames / frames_per_second == pytest.approx(0.4, rel=0.05)
        assert top.percussive.bins / bins_per_hertz == pytest.approx(500, rel=0.05)


@pytest.mark.parametrize(("rate", "count"), [(300, 1), (4000, 2), (8000, 3), (44_100, 4)])
def test_bands_cover_all_bins_that_there_are(rate, count):
    (stage,) = KAM().stages(rate)
    covered = np.concatenate([np.arange(stage.stft.bins)[band.bins] for band in stage.bands])
    assert np.array_equal(covered, np.arange(stage.stft.bins))
    assert len(stage.bands) == count


def test_the_level_does_not_matter():
    audio = music(0.5)
    loud = ticktone.separate(audio, 44_100, "kam").percussive
    soft = ticktone.separate(audio / 2**14, 44_100, "kam").percussive
    np.testing.assert_allclose(soft * 2**14, loud, atol=1e-4)
    assert abs(loud).max() > 0.1


@pytest.mark.parametrize(
    "changed",
    [
        {"kernels": "published"},
        {"iterations": 1},
        {"window_length": 2048},
        {"hop_length": 512},
        {"fft_length": 8192},
    ],
)
def test_every_option_changes_something(changed):
    audio = music(0.5)
    plain, other = (ticktone.separate(audio, 44_100, "kam", **how) for how in ({}, changed))
    assert not np.allclose(plain.percussive, other.percussive, atol=1e-4)


@pytest.mark.parametrize(
    "options", [{"kernels": "best"}, {"iterations": 0}, {"window_length": 0}, {"fft_length": 0}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        KAM(**options)
