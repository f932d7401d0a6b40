"""Separation commutes with gain: the same recording at another level gives the same parts there."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

import ticktone
from ticktone.evaluation.measures import sdr

GAINS = (-40.0, -24.0, -12.0)  # dB


@pytest.mark.slow
@pytest.mark.parametrize("method", ticktone.methods())
def test_a_method_gives_the_same_parts_at_any_level(demo: Path, method: str) -> None:
    """To 50 dB of each part, with which its SDR of a source cannot change by 0.1 dB below 30 dB."""
    audio, sample_rate = soundfile.read(demo, dtype="float32", stop=2 * 44_100, always_2d=True)
    audio = audio.T
    parts = ticktone.separate(audio, sample_rate, method)
    for decibels in GAINS:
        gain = np.float32(10 ** (decibels / 20))
        softer = ticktone.separate(gain * audio, sample_rate, method)
        for part, found in zip(parts, softer, strict=True):
            assert sdr(part, found / gain) > 50
