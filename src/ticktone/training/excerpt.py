"""Excerpts of songs, at another sample rate or speed where wanted."""

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.datasets import Song

Samples = NDArray[np.float32]
_REACH = 10  # zero crossings of the resampling filter to either side


def resampling_step(song: Song, sample_rate: int) -> Fraction:
    """Return how many of a song's samples make one sample at another rate (Hz)."""
    return Fraction(song.sample_rate, sample_rate)


def length_at_rate(song: Song, sample_rate: int) -> int:
    """Return how many samples a song has at another rate (Hz)."""
    return int(song.frames / resampling_step(song, sample_rate))


def excerpt(song: Song, part: str, start: int, samples: int, step: Fraction) -> Samples:
    """Read an excerpt in mono; what lies outside the song is silent.

    Parameters
    ----------
    song : Song
    part : {"mixture", "harmonic", "percussive"}
    start : int
        In samples of the song; may be negative.
    samples : int
        How many to return.
    step : Fraction
        How many of the song's samples each of them stands for: 1 leaves the sound as it is, more
        makes it faster and higher. Resampled by a windowed sinc filter (Kaiser, beta 5).

    Returns
    -------
    ndarray [shape=(samples,)]
    """
    if step == 1:
        return _read(song, part, start, samples)
    from scipy.signal import resample_poly  # slow to import, and mostly not needed

    up, down = step.denominator, step.numerator
    turns = -(-(_REACH * max(up, down) // up + 2) // down)  # whole turns of the polyphase filter
    before = turns * down
    sound = _read(song, part, start - before, 2 * before + int(samples * step) + 1)
    resampled: Samples = resample_poly(sound, up, down, window=_filter(max(up, down)))
    return resampled[turns * up : turns * up + samples]


@lru_cache(maxsize=64)
def _filter(rate: int) -> Any:
    from scipy.signal import firwin

    taps = firwin(2 * _REACH * rate + 1, 1 / rate, window=("kaiser", 5.0))
    return taps.astype(np.float32)


def _read(song: Song, part: str, start: int, samples: int) -> Samples:
    sound = np.zeros(samples, np.float32)
    first, last = max(start, 0), min(start + samples, song.frames)
    if first < last:
        sound[first - start : last - start] = song.mono(part, first, last - first)
    return sound
