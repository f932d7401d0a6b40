import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticktone.stft import STFT, scaled_length


@given(
    samples=st.integers(0, 5000),
    window=st.integers(2, 600),
    divisor=st.integers(2, 9),
    padding=st.integers(0, 100),
)
def test_inverse_gives_the_signal_back(samples, window, divisor, padding):
    stft = STFT(window, max(1, window // divisor), window + padding)
    audio = np.random.default_rng(samples).standard_normal((2, samples))
    spectrogram = stft.forward(audio)
    assert spectrogram.shape == (2, stft.bins, stft.frames(samples))
    np.testing.assert_allclose(stft.inverse(spectrogram, samples), audio, atol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("window", ["hann", "hamming", ("kaiser", 4.0)])
@pytest.mark.parametrize(("length", "hop", "fft"), [(2048, 512, 2048), (800, 160, 1024)])
def test_equals_librosa(rng, window, length, hop, fft):
    audio = rng.standard_normal((2, 10_000)).astype(np.float32)
    stft = STFT(length, hop, fft, window)
    theirs = librosa.stft(audio, n_fft=fft, hop_length=hop, win_length=length, window=window)
    ours = stft.forward(audio)
    assert ours.dtype == np.complex64
    np.testing.assert_allclose(ours, theirs, atol=2e-4)
    theirs = librosa.istft(
        theirs, hop_length=hop, win_length=length, n_fft=fft, window=window, length=10_000
    )
    np.testing.assert_allclose(stft.inverse(ours, 10_000), theirs, atol=1e-5)


def test_window_may_be_given_as_samples(rng):
    audio = rng.standard_normal(3000)
    taper = librosa.filters.get_window("hann", 512)
    by_samples = STFT(512, 128, window=taper).forward(audio)
    np.testing.assert_allclose(by_samples, STFT(512, 128).forward(audio), atol=1e-12)


@pytest.mark.parametrize("divide_at", [1, 2, 5, 9])
def test_overlap_add_does_not_depend_on_its_division_to_the_bit(rng, divide_at):
    stft = STFT(512, 96)
    spectrogram = stft.forward(rng.standard_normal((2, 960)).astype(np.float32))
    silence = np.zeros((2, stft.tail_length), np.float32)
    whole = stft.overlap_add(spectrogram, silence)
    first = stft.overlap_add(spectrogram[..., :divide_at], silence)
    kept = divide_at * stft.hop_length
    second = stft.overlap_add(spectrogram[..., divide_at:], first[:, kept:])
    assert np.array_equal(np.concatenate([first[:, :kept], second], axis=1), whole)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((512, 257), "hop of 257"),
        ((512, 0), "hop"),
        ((1, 1), "window"),
        ((512, 128, 256), "fft_length"),
    ],
)
def test_refuses_what_would_lose_sound(arguments, message):
    with pytest.raises(ValueError, match=message):
        STFT(*arguments)


def test_refuses_a_window_of_another_length():
    with pytest.raises(ValueError, match="shape"):
        STFT(512, 128, window=np.ones(500)).forward(np.zeros(1000))


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_scaled_lengths_last_as_long_at_every_rate(rate):
    length = scaled_length(2048, rate)
    assert length & (length - 1) == 0
    assert 0.7 < (length / rate) / (2048 / 44_100) < 1.42
