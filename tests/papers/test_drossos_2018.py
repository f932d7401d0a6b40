"""Drossos et al., "... with deep neural networks and phase recovery", IWAENC 2018: its baseline."""

import numpy as np
import pytest

import ticktone
from ticktone.methods.kam import KAM, Kernel, median_over

RATE = 44_100
SETTINGS = (
    {"window_length": 2049, "hop_length": 384, "fft_length": 4096},
    {"window_length": 4096, "hop_length": 1024},
)
PERCUSSIVE_BINS = (3, 14, 19, 46)


def stage(**options):
    (found,) = KAM(**options).stages(RATE)
    return found


def sdr(reference, estimate):
    return 10 * np.log10(np.sum(reference**2) / np.sum((reference - estimate) ** 2))


def tones_and_hits(seconds):
    """Decaying harmonic tones, and drums 3.29 dB louder than they."""
    rng = np.random.default_rng(3)
    time = np.arange(int(seconds * RATE)) / RATE
    tones, hits = np.zeros_like(time), np.zeros_like(time)
    for start in range(0, len(time), RATE // 2):
        since, pitch = time[: len(time) - start], 110 * 2 ** (rng.integers(24) / 12)
        for k in range(1, 11):
            tones[start:] += np.sin(2 * np.pi * k * pitch * since) / k * np.exp(-since / 0.6)
    for start in range(RATE // 4, len(time), RATE // 2):
        since = time[: len(time) - start]
        cycles = 50 * since - 4 * np.exp(-since / 0.03)  # of a drum whose pitch falls
        hits[start:] += np.sin(2 * np.pi * cycles) * np.exp(-since / 0.08)
        hits[start:] += rng.standard_normal(len(since)) * np.exp(-since / 0.03)
    return tones, hits * np.sqrt(10**0.329 * np.sum(tones**2) / np.sum(hits**2))


def test_the_second_setting_and_six_iterations_are_the_default():
    found, published = stage(), stage(**SETTINGS[1])
    assert found.iterations == 6
    assert (found.stft.window_length, found.stft.size) == (4096, 4096)
    assert found.stft.hop_length == published.stft.hop_length == 1024
    assert found.bands == published.bands


@pytest.mark.parametrize(("setting", "total"), [(SETTINGS[0], 1106.0), (SETTINGS[1], 2211.38)])
def test_the_window_is_a_symmetric_hamming_window(setting, total):
    found = stage(**setting).stft
    assert found.bins == 2049
    assert found.taper.sum() == pytest.approx(total, abs=1e-6)


def test_the_bands_edges():
    # The highest bin, which the paper's code leaves out, is in the last band.
    assert [band.bins.stop for band in stage().bands] == [23, 278, 928, 2049]


@pytest.mark.parametrize("setting", SETTINGS)
def test_published_kernels_are_one_frame_long(setting):
    found = stage(kernels="published", **setting)
    assert [band.harmonic for band in found.bands] == [(1, 1)] * 4
    assert [band.percussive for band in found.bands] == [(bins, 1) for bins in PERCUSSIVE_BINS]
    assert found.context == 0


@pytest.mark.parametrize(
    ("setting", "harmonic", "percussive"),
    [(SETTINGS[0], (11, 11, 11, 46), (2, 1, 1, 11)), (SETTINGS[1], (4, 4, 4, 17), (1, 1, 1, 4))],
)
def test_intended_kernels_take_seconds_for_seconds(setting, harmonic, percussive):
    found = stage(**setting)
    assert [band.harmonic for band in found.bands] == [(1, frames) for frames in harmonic]
    expected = list(zip(PERCUSSIVE_BINS, percussive, strict=True))
    assert [band.percussive for band in found.bands] == expected
    assert found.context == 6 * (max(harmonic) // 2)


@pytest.mark.parametrize(("length", "rank"), [(3, 2), (14, 7), (19, 10), (46, 23)])
def test_the_rank_and_the_centre_of_a_kernel(length, rank):
    values = np.arange(100.0)[:, np.newaxis]
    # Of values in order, the one of that rank is the kernel's centre.
    assert median_over(values, Kernel(length, 1))[50, 0] == 50
    alone = np.zeros_like(values)
    alone[50 : 50 + length - rank] = 1  # as many ones as lie above the median
    assert not median_over(alone, Kernel(length, 1)).any()
    alone[50 + length - rank] = 1
    assert median_over(alone, Kernel(length, 1)).any()


def test_published_kernels_leave_a_click_between_the_parts():
    click = np.zeros(RATE)
    click[RATE // 2] = 1
    harmonic, percussive = ticktone.separate(click, RATE, "kam", kernels="published")
    np.testing.assert_allclose(harmonic, percussive, atol=1e-3)
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    harmonic, percussive = ticktone.separate(tone, RATE, "kam", kernels="published")
    middle = slice(RATE // 4, -RATE // 4)
    assert np.sum(harmonic[middle] ** 2) > 1000 * np.sum(percussive[middle] ** 2)


@pytest.mark.slow
@pytest.mark.parametrize("setting", SETTINGS)
def test_published_kernels_do_worse_than_a_constant_gain(setting):
    tones, hits = tones_and_hits(2.0)
    mixture = tones + hits
    gain = np.vdot(mixture, hits) / np.vdot(mixture, mixture)
    floor = sdr(hits, gain * mixture)
    published, intended = (
        ticktone.separate(mixture, RATE, "kam", kernels=kernels, **setting)
        for kernels in ("published", "intended")
    )
    assert -3.29 < sdr(tones, published.harmonic) < 0
    assert 0 < sdr(hits, published.percussive) < floor
    assert sdr(tones, intended.harmonic) > sdr(tones, published.harmonic) + 4
    assert sdr(hits, intended.percussive) > floor + 2
