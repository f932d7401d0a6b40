"""An STFT that sees the low end in a longer window."""

import numpy as np
import pytest

from ticktone.stft import STFT
from ticktone.two_windows import TwoWindows

RATE = 44_100
TRANSFORM = TwoWindows(1024, 512)


def tone(frequency):
    return np.sin(2 * np.pi * frequency * np.arange(RATE) / RATE)[np.newaxis].astype(np.float32)


def error_db(audio, spectrogram):
    heard = TRANSFORM.inverse(spectrogram, RATE)
    inner = slice(5000, -5000)
    return 10 * np.log10(
        np.square((heard - audio)[:, inner]).sum() / np.square(audio[:, inner]).sum()
    )


@pytest.mark.parametrize(
    ("frequency", "most"), [(50, -60), (200, -60), (380, -28), (450, -18), (520, -22), (1000, -60)]
)
def test_there_and_back_is_the_same_but_for_a_little_at_the_crossover(frequency, most):
    audio = tone(frequency)
    assert error_db(audio, TRANSFORM.forward(audio)) < most


@pytest.mark.parametrize(("frequency", "is_low"), [(50, True), (380, True), (560, False)])
def test_a_tone_is_heard_from_the_window_that_is_for_it(frequency, is_low):
    audio = tone(frequency)
    spectrogram = TRANSFORM.forward(audio)
    bins = np.arange(TRANSFORM.bins) >= TRANSFORM.short.bins
    spectrogram[:, bins != is_low] = 0
    assert error_db(audio, spectrogram) < -20


def test_two_low_tones_lie_apart_that_are_one_to_the_short_window():
    magnitude = np.abs(TRANSFORM.forward(tone(80) + tone(120)))[0, :, 40]
    low = magnitude[TRANSFORM.short.bins :]
    assert low[9] < 0.5 * min(low[7:9].max(), low[10:12].max())  # 97 Hz
    assert magnitude[:6].argmax() in (2, 3)  # between them


def test_its_short_window_is_as_before(rng):
    audio = rng.standard_normal((2, 5000))
    short = STFT(1024, 512).forward(audio)
    np.testing.assert_allclose(TRANSFORM.forward(audio)[:, : TRANSFORM.short.bins], short)


def test_no_frame_takes_in_what_comes_after_its_short_window(rng):
    audio = rng.standard_normal((1, 20_000))
    later = audio.copy()
    later[:, 10_240:] = 0
    frames = (10_240 - 512) // 512 + 1  # centred on 0 to 9728, so they end at 10,240
    one, other = (TRANSFORM.forward(x)[..., :frames] for x in (audio, later))
    np.testing.assert_array_equal(one, other)
