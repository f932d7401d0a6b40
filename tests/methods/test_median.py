import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import median_filter

import ticktone
from tests.support.sounds import music
from ticktone.methods.median import Median, median_along


@given(length=st.integers(1, 40), kernel=st.integers(1, 33), seed=st.integers(0, 99))
def test_running_median_equals_its_definition(length, kernel, seed):
    values = np.random.default_rng(seed).random((3, length))
    index = np.arange(length)[:, np.newaxis] + np.arange(kernel) - kernel // 2
    index %= 2 * length  # mirrored, edges repeated
    index = np.where(index < length, index, 2 * length - 1 - index)
    expected = np.sort(values[:, index], axis=-1)[..., kernel // 2]
    assert np.array_equal(median_along(values, kernel, -1), expected)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("kernel", [2, 5, 17, 30])
def test_running_median_equals_scipys(rng, axis, kernel):
    values = rng.random((20, 30, 40)).astype(np.float32)
    size = [1, 1, 1]
    size[axis] = kernel
    found = median_along(values, kernel, axis)
    assert found.dtype == np.float32
    assert np.array_equal(found, median_filter(values, size, mode="reflect"))


def test_kernels_mean_the_same_at_every_rate():
    for rate in (8000, 22_050, 44_100, 48_000, 96_000, 192_000):
        (stage,) = Median().stages(rate)
        assert stage.frames * stage.stft.hop_length / rate == pytest.approx(0.36, rel=0.1)
        assert stage.bins * rate / stage.stft.size == pytest.approx(667.5, rel=0.1)
    (stage,) = Median().stages(44_100)
    assert (stage.stft.size, stage.stft.hop_length) == (2048, 512)
    assert (stage.frames, stage.bins) == (31, 31)


@pytest.mark.parametrize(
    "changed",
    [
        {"power": 1.0},
        {"power": float("inf")},
        {"margin": 1.5},
        {"window_length": 1024},
        {"hop_length": 256},
        {"harmonic_seconds": 0.1},
        {"percussive_hertz": 300.0},
        {"harmonic_frames": 9},
        {"percussive_bins": 9},
    ],
)
def test_every_option_changes_something(changed):
    audio = music(0.5)
    plain, other = (ticktone.separate(audio, 44_100, "median", **how) for how in ({}, changed))
    assert not np.allclose(plain.percussive, other.percussive, atol=1e-4)


@pytest.mark.parametrize(
    "options",
    [
        {"power": 0},
        {"margin": 0.9},
        {"margin": float("inf")},
        {"harmonic_frames": 0},
        {"hop_length": 0},
        {"percussive_hertz": -1.0},
        {"harmonic_seconds": float("inf")},
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        Median(**options)
