"""Driedger, Müller, Ewert, "Improving time-scale modification ... separation", IEEE SPL 2014.

A phase vocoder keeps tones and smears attacks; short overlapping frames keep attacks and break
tones; each part by the one that suits it, summed, keeps both.
"""

import numpy as np
import pytest

from ticktone.separator import Separator
from ticktone.stft import STFT
from ticktone.stretch.overlap_add import overlap_add
from ticktone.stretch.phase_vocoder import phase_vocoder
from ticktone.stretch.stretcher import Stretcher, StretchSettings

RATE, SPEED = 44_100, 0.6
ONSETS = np.arange(0.3, 2.6, 0.31)  # seconds
TONES = (220.5, 277.2, 330.0, 441.0)  # Hz


@pytest.fixture(scope="module")
def stretched():
    """Bursts of noise above 6 kHz over a chord, by each of the three ways."""
    time = np.arange(3 * RATE) / RATE
    audio = np.sum([0.1 * np.sin(2 * np.pi * tone * time + tone) for tone in TONES], axis=0)
    rng = np.random.default_rng(1)
    burst = rng.standard_normal(2000) * np.exp(-np.arange(2000) / 200)
    spectrum = np.fft.rfft(burst)
    spectrum[np.fft.rfftfreq(2000, 1 / RATE) < 6000] = 0
    for onset in ONSETS:
        at = round(onset * RATE)
        audio[at : at + 2000] += 0.3 * np.fft.irfft(spectrum)
    audio = audio[np.newaxis]
    settings = StretchSettings(SPEED, lock_attacks=False)  # as the paper
    found = {
        "both": [Stretcher(settings, Separator("median")).stretch(audio, RATE)],
        "vocoder": phase_vocoder([audio], SPEED, STFT(4096, 1024)),
        "frames": overlap_add([audio], SPEED, 128, lock_attacks=False),
    }
    return {way: np.concatenate(list(blocks), axis=-1)[0] for way, blocks in found.items()}


def sharpness(sound):
    """Of the energy above 8 kHz, the share within 12 ms of where the attacks should be."""
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1 / RATE) < 8000] = 0
    high = np.fft.irfft(spectrum, len(sound)) ** 2
    after = np.arange(-round(0.004 * RATE), round(0.012 * RATE))
    near = np.unique((np.round(ONSETS / SPEED * RATE).astype(int)[:, np.newaxis] + after).ravel())
    return high[near].sum() / high.sum()


def purity(sound):
    """Of the energy below 3 kHz, the share within 4 Hz of the tones, in dB against the rest."""
    power = np.abs(np.fft.rfft(sound * np.blackman(len(sound)))) ** 2
    frequency = np.fft.rfftfreq(len(sound), 1 / RATE)
    low = frequency < 3000
    is_tone = np.any([abs(frequency - tone) < 4 for tone in TONES], axis=0)
    return 10 * np.log10(power[is_tone].sum() / power[low & ~is_tone].sum())


def test_a_phase_vocoder_alone_smears_attacks(stretched):
    assert sharpness(stretched["vocoder"]) < 0.75
    assert sharpness(stretched["both"]) > 0.9


def test_short_frames_alone_break_tones(stretched):
    assert purity(stretched["both"]) > purity(stretched["frames"]) + 15


def test_each_part_in_its_way_keeps_what_each_way_alone_keeps(stretched):
    assert sharpness(stretched["both"]) > 0.9 * sharpness(stretched["frames"])
    assert purity(stretched["both"]) > purity(stretched["vocoder"]) - 6
