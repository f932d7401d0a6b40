import numpy as np
import pytest

from ticktone.stft import STFT
from ticktone.stretch.attacks import find_attacks
from ticktone.stretch.overlap_add import overlap_add
from ticktone.stretch.phase_vocoder import phase_vocoder

RATE = 44_100
HOP = 128
ONSETS = np.arange(0.2, 1.7, 0.21)


def stretched(audio, speed, **how):
    return np.concatenate(list(overlap_add([np.atleast_2d(audio)], speed, HOP, **how)), axis=-1)


def bursts(decay, seconds=2.0):
    """Bursts of noise at `ONSETS`."""
    rng = np.random.default_rng(5)
    sound = np.zeros(int(seconds * RATE))
    time = np.arange(int(0.1 * RATE)) / RATE
    for onset in ONSETS:
        at = round(onset * RATE)
        sound[at : at + len(time)] += rng.standard_normal(len(time)) * np.exp(-time / decay)
    return sound


def spread(sound, speed):
    """Return how long bursts last: two standard deviations of their energy, in ms."""
    near, found = int(0.03 * RATE), []
    for onset in ONSETS / speed:
        at = round(onset * RATE)
        energy = sound[max(0, at - near) : at + near].astype(np.float64) ** 2
        time = np.arange(len(energy)) * 1000 / RATE
        middle = np.average(time, weights=energy)
        found.append(2 * np.sqrt(np.average((time - middle) ** 2, weights=energy)))
    return np.mean(found)


@pytest.mark.parametrize("speed", [0.25, 0.5, 0.8, 1.3, 2, 4])
def test_an_attack_sounds_once_as_it_was_and_where_it_should(speed):
    sound = bursts(0.0005)
    slow = stretched(sound, speed)[0]
    assert spread(slow, speed) == pytest.approx(spread(sound, 1), rel=0.1)
    for onset in ONSETS:
        at, wanted = round(onset * RATE), round(onset * RATE / speed)
        struck = sound[at - 8 : at + 40]
        around = slow[wanted - 200 : wanted + 240]
        place = np.correlate(around, struck, "valid").argmax()
        assert abs(place - 192) < 64 * abs(1 / speed - 1) + 1  # 64: where the attack is taken to be
        np.testing.assert_allclose(around[place : place + 48], struck, atol=1e-6)


@pytest.mark.parametrize("speed", [0.5, 2])
def test_attacks_are_sharper_than_a_phase_vocoder_s(speed):
    sound = bursts(0.0005)
    vocoded = np.concatenate(list(phase_vocoder([sound[np.newaxis]], speed, STFT(4096, 1024))), -1)
    assert spread(stretched(sound, speed)[0], speed) < spread(vocoded[0], speed) / 4


def test_the_paper_s_way_lays_an_attack_down_several_times():
    sound = bursts(0.0005)
    assert spread(stretched(sound, 0.5, lock_attacks=False)[0], 0.5) > 2 * spread(sound, 1)


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25])
def test_a_drum_keeps_its_pitch(speed):
    time = np.arange(int(0.3 * RATE)) / RATE
    sound = bursts(0.002)
    for onset in ONSETS:
        at = round(onset * RATE)
        stroke = np.sin(2 * np.pi * 100 * time) * np.exp(-time / 0.12)
        sound[at : at + len(time)] += 3 * stroke[: len(sound) - at]

    def pitch(slow):
        spectrum = np.abs(np.fft.rfft(slow, 2**19)) ** 2
        frequency = np.fft.rfftfreq(2**19, 1 / RATE)
        smooth = np.convolve(spectrum, np.hanning(300), "same")
        smooth[(frequency < 40) | (frequency > 250)] = 0
        return frequency[smooth.argmax()]

    assert pitch(stretched(sound, speed)[0]) == pytest.approx(100, rel=0.04)
    paper = pitch(stretched(sound, speed, lock_attacks=False)[0])
    assert abs(paper - 100) > 10


def test_channels_are_taken_from_the_same_places():
    sound = bursts(0.01)
    both = stretched(np.array([sound, -0.5 * sound]), 0.7)
    np.testing.assert_array_equal(both[1], np.float32(-0.5) * both[0])


def test_at_speed_1_it_is_the_recording(rng):
    audio = (rng.standard_normal((2, 20_000)) / 8).astype(np.float32)
    for lock in (True, False):
        assert np.array_equal(stretched(audio, 1.0, lock_attacks=lock), audio)


def test_attacks_are_found_where_they_are_and_wherever_an_excerpt_begins():
    sound = bursts(0.003)
    noise = np.random.default_rng(1).standard_normal(len(sound)) / 100
    found = find_attacks((sound + noise)[np.newaxis], 0, 32, 512)
    assert len(found) == len(ONSETS)
    assert abs(found - np.rint(ONSETS * RATE)).max() <= 64
    for start in (1000, 4321):
        later = find_attacks((sound + noise)[np.newaxis, start:], start, 32, 512)
        assert np.array_equal(later, found)


def test_a_quieter_recording_has_the_same_attacks():
    sound = bursts(0.003)[np.newaxis]
    assert np.array_equal(find_attacks(sound, 0, 32, 512), find_attacks(sound / 1000, 0, 32, 512))
