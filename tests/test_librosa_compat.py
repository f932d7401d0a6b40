import librosa
import numpy as np
import pytest

import ticktone
from tests.support.sounds import music


@pytest.fixture(scope="module")
def audio():
    return music(2.0, channels=1)[0]


@pytest.fixture(scope="module")
def spectrogram(audio):
    return librosa.stft(audio)


OPTIONS = [
    {},
    {"power": 1.0},
    {"power": 3.5},
    {"power": np.inf},
    {"margin": 2.0},
    {"margin": (1.0, 3.0)},
    {"margin": 2.0, "power": np.inf},
    {"kernel_size": 17},
    {"kernel_size": (9, 45)},
    {"kernel_size": (8, 30)},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_masks_equal_librosas(spectrogram, options):
    theirs = librosa.decompose.hpss(spectrogram, mask=True, **options)
    ours = ticktone.hpss(S=np.abs(spectrogram), mask=True, **options)
    for our, their in zip(ours, theirs, strict=True):
        assert np.abs(our - their).max() <= 1e-6


@pytest.mark.parametrize("options", OPTIONS)
def test_spectrograms_equal_librosas(spectrogram, options):
    for S in (spectrogram, np.abs(spectrogram)):
        theirs = librosa.decompose.hpss(S, **options)
        for our, their in zip(ticktone.hpss(S, **options), theirs, strict=True):
            assert our.dtype == their.dtype
            np.testing.assert_allclose(our, their, atol=1e-4 * np.abs(S).max() / 100)


@pytest.mark.parametrize(
    "options",
    [
        *OPTIONS,
        {"n_fft": 1024},
        {"hop_length": 300},
        {"hop_length": 700},
        {"kernel_size": [17, 31], "margin": [1.0, 2.0]},
        {"pad_mode": "reflect"},
    ],
)
def test_time_series_equal_librosas(audio, options):
    theirs = librosa.effects.hpss(audio, **options)
    for our, their in zip(ticktone.hpss(audio, **options), theirs, strict=True):
        assert our.dtype == np.float32
        np.testing.assert_allclose(our, their, atol=2e-6)


def test_channels_are_separated_alone(audio):
    stereo = music(1.0, channels=2)
    together = ticktone.hpss(stereo)
    for channel in range(2):
        alone = ticktone.hpss(stereo[channel])
        for whole, part in zip(together, alone, strict=True):
            assert np.array_equal(whole[channel], part)


def test_frames_need_not_be_centred(audio):
    theirs = librosa.effects.hpss(audio, center=False)
    inner = slice(2048, -2560)  # nearer to the ends librosa divides by next to nothing
    for our, their in zip(ticktone.hpss(audio, center=False), theirs, strict=True):
        assert our.shape == audio.shape
        np.testing.assert_allclose(our[inner], their[inner], atol=2e-6)


def test_integer_spectrograms_are_taken(spectrogram):
    S = np.rint(10 * np.abs(spectrogram)).astype(int)
    for our, their in zip(ticktone.hpss(S=S), librosa.decompose.hpss(S), strict=True):
        np.testing.assert_allclose(our, their, atol=1e-4)


def test_a_spectrogram_is_told_by_its_rows_or_dtype(spectrogram):
    for S in (spectrogram, np.abs(spectrogram)):
        for part, other in zip(ticktone.hpss(S), ticktone.hpss(S=S), strict=True):
            assert np.array_equal(part, other)


def test_silence_is_divided_in_halves_or_dropped():
    nothing = np.zeros((20, 30), np.float32)
    assert all(np.all(mask == 0.5) for mask in ticktone.hpss(S=nothing, mask=True))
    assert all(np.all(mask == 0) for mask in ticktone.hpss(S=nothing, mask=True, margin=2))


@pytest.mark.parametrize(
    "changed",
    [
        {"n_fft": 1024},
        {"hop_length": 256},
        {"win_length": 1024},
        {"window": "hamming"},
        {"center": False},
        {"pad_mode": "reflect"},
    ],
)
def test_every_stft_option_changes_something(audio, changed):
    assert not np.allclose(ticktone.hpss(audio)[1], ticktone.hpss(audio, **changed)[1], atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "either"),
        ({"y": np.zeros(9), "S": np.zeros((9, 9))}, "either"),
        ({"y": np.zeros(9), "mask": True}, "masks"),
        ({"y": np.zeros(9, int)}, "floating"),
        ({"y": np.zeros(9), "center": False}, "do not fill a frame"),
        ({"S": np.zeros((9, 9)), "margin": 0.5}, "margin"),
        ({"S": np.zeros((9, 9)), "power": 0}, "power"),
        ({"S": np.zeros((9, 9)), "kernel_size": 0}, "kernel"),
    ],
)
def test_refuses_what_it_cannot_take(arguments, message):
    with pytest.raises(ValueError, match=message):
        ticktone.hpss(**arguments)
