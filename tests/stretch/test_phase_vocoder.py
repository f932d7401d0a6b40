import numpy as np
import pytest

from ticktone.stft import STFT
from ticktone.stretch.phase_vocoder import nearest_peaks, phase_vocoder

RATE = 44_100
TRANSFORM = STFT(4096, 1024)


def stretched(audio, speed, stft=TRANSFORM):
    return np.concatenate(list(phase_vocoder([np.atleast_2d(audio)], speed, stft)), axis=-1)


def sine(frequency, samples=RATE, phase=0.0):
    return np.sin(2 * np.pi * frequency * np.arange(samples) / RATE + phase)


def noise_below(audio, frequencies):
    """Return how many dB below the tones everything else is, off the ends."""
    piece = audio[RATE // 4 : RATE // 4 + 8192].astype(np.float64)
    time = 2 * np.pi * np.arange(len(piece)) / RATE
    basis = np.array([f(hertz * time) for hertz in frequencies for f in (np.sin, np.cos)]).T
    rest = piece - basis @ np.linalg.lstsq(basis, piece, rcond=None)[0]
    return 10 * np.log10((piece**2).sum() / (rest**2).sum())


@pytest.mark.parametrize("speed", [0.25, 0.5, 0.8, 1.3, 2, 4])
def test_a_sine_keeps_its_frequency_its_level_and_its_purity(speed):
    slow = stretched(sine(1000.3, int(2 * RATE * max(speed, 0.5))), speed)[0]
    assert noise_below(slow, [1000.3]) > 90
    assert slow[RATE // 4 : -RATE // 4].std() == pytest.approx(np.sqrt(0.5), rel=1e-3)


@pytest.mark.parametrize("speed", [0.5, 1.3])
def test_the_tones_of_a_chord_stay_pure(speed):
    chord = [220.5, 277.2, 329.6, 440.0, 554.4]
    slow = stretched(sum(sine(f, 2 * RATE, f) for f in chord), speed)[0]
    assert noise_below(slow, chord) > 40


def test_bass_notes_two_and_a_half_bins_apart_are_peaks_of_their_own():
    bass = [55.0, 82.5, 110.5]
    assert noise_below(stretched(sum(sine(f, 2 * RATE, f) for f in bass), 0.8)[0], bass) > 12


def test_locking_to_peaks_keeps_the_level_of_a_voice_with_vibrato(monkeypatch):
    time = np.arange(2 * RATE) / RATE
    phase = 2 * np.pi * 330 * time + 8 * np.sin(2 * np.pi * 5.5 * time)
    voice = sum(np.sin(k * phase) / k for k in range(1, 12))

    def loss():
        slow = stretched(voice, 0.8)[0, 8192:-8192]
        return -20 * np.log10(slow.std() / voice.std())

    assert loss() < 0.6
    module = phase_vocoder.__globals__
    monkeypatch.setitem(
        module, "nearest_peaks", lambda power: np.tile(np.arange(power.shape[1]), (len(power), 1))
    )
    assert loss() > 2


@pytest.mark.parametrize("speed", [0.6, 1.7])
def test_phases_between_channels_stay_what_they_were(speed, rng):
    left, right = sine(700, 2 * RATE), 0.4 * sine(700, 2 * RATE, -1.1)
    slow = stretched(np.array([left, right]), speed)[:, 8192:-8192]
    spectrum = np.fft.rfft(slow[:, : RATE // 2] * np.hanning(RATE // 2))[:, 350]
    assert np.angle(spectrum[0] / spectrum[1]) == pytest.approx(1.1, abs=1e-3)
    assert abs(spectrum[1] / spectrum[0]) == pytest.approx(0.4, rel=1e-3)
    one = rng.standard_normal(RATE) / 8
    twice = stretched(np.array([one, one]), speed)
    assert np.array_equal(*twice)


def test_channels_that_differ_keep_their_relation_in_noise_too(rng):
    left = rng.standard_normal(2 * RATE) / 8
    right = np.roll(left, 20)  # a delay of 0.45 ms
    slow = stretched(np.array([left, right]), 0.7).astype(np.float64)
    aligned = np.corrcoef(slow[0, 9000:-9000], np.roll(slow[1], -20)[9000:-9000])[0, 1]
    assert aligned > 0.95
    alone = [stretched(channel, 0.7)[0].astype(np.float64) for channel in (left, right)]
    unlocked = np.corrcoef(alone[0][9000:-9000], np.roll(alone[1], -20)[9000:-9000])[0, 1]
    assert aligned > unlocked + 0.02


def test_at_speed_1_it_is_the_recording(rng):
    audio = rng.standard_normal((2, 30_000)) / 8
    np.testing.assert_allclose(stretched(audio, 1.0), audio, atol=1e-6)


def test_silence_stays_silent():
    assert not stretched(np.zeros(20_000), 0.7).any()


def test_peaks_own_the_bins_nearest_to_them():
    power = np.array([[0, 0, 1, 5, 1, 0, 0, 2, 9, 2, 0.0], np.zeros(11)])
    found = nearest_peaks(power)
    assert found[0].tolist() == [3] * 6 + [8] * 5
    assert found[1].tolist() == list(range(11))
