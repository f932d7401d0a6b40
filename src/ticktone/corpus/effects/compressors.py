"""Dynamic range compression.

After Giannoulis, Massberg and Reiss, "Digital dynamic range compressor design: a tutorial and
analysis", Journal of the Audio Engineering Society 60(6), 2012: feed-forward, with a soft knee and
smooth branching peak detection of the gain reduction in dB.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ticktone.corpus.effects.levels import Sound, gain, match_level

_FRAME = 32  # samples: 0.7 ms at 44.1 kHz, shorter than the attack of most compressors
_KNEE_DB = 6.0
_FLOOR = 1e-6  # -120 dB


def compress(
    sound: Sound,
    sample_rate: int,
    *,
    threshold_db: float,
    ratio: float,
    attack: float = 0.01,
    release: float = 0.1,
    makeup: float | Literal["auto"] = "auto",
) -> Sound:
    """Compress: make the loud softer, both channels alike.

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    threshold_db : float
        Peak level in dB of full scale, with a knee of 6 dB around it.
    ratio : float
        At least 1: how many dB the input must rise above the threshold for one of the output.
    attack, release : float
        Time constants in seconds: when 63 % of a step of the gain is done.
    makeup : float or "auto"
        dB to add; "auto" keeps the level (see `level_db`).

    Returns
    -------
    ndarray [shape=(2, samples)]

    Raises
    ------
    ValueError
        If the ratio is less than 1, or a time is negative.
    """
    if not ratio >= 1 or attack < 0 or release < 0:
        raise ValueError("ratio must be at least 1, attack and release not negative")
    if not sound.shape[1]:
        return sound
    curve = gains(sound, sample_rate, threshold_db, ratio, attack, release)
    if makeup == "auto":
        return match_level(sound * curve, sound, sample_rate)
    return gain(sound * curve, makeup)


def gains(
    sound: Sound,
    sample_rate: int,
    threshold_db: float,
    ratio: float,
    attack: float,
    release: float,
) -> NDArray[np.float32]:
    """Compute the factors that `compress` applies, without makeup. [shape=(samples,)].

    Applied to the parts of a mixture, the mixture's own factors compress it as a whole: the parts
    still add up to it.
    """
    starts = np.arange(0, sound.shape[1], _FRAME)
    peaks = np.maximum.reduceat(np.abs(sound).max(axis=0), starts)
    over = 20 * np.log10(np.maximum(peaks, _FLOOR)) - threshold_db
    reduction = (1 - 1 / ratio) * _soft_knee(over)
    smooth = _smooth(reduction, attack * sample_rate / _FRAME, release * sample_rate / _FRAME)
    return _between((10 ** (-smooth / 20)).astype(np.float32), sound.shape[1])


def _soft_knee(over: NDArray[np.floating]) -> NDArray[np.floating]:
    """Bend `max(0, over)` into a parabola around 0."""
    half = _KNEE_DB / 2
    bent: NDArray[np.floating] = np.clip(over + half, 0, _KNEE_DB) ** 2 / (2 * _KNEE_DB)
    bent += np.maximum(over - half, 0)
    return bent


def _smooth(values: NDArray[np.floating], attack: float, release: float) -> NDArray[np.floating]:
    """Follow rises with one time constant, in frames, and falls with another."""
    up, down = (math.exp(-1 / frames) if frames else 0.0 for frames in (attack, release))
    state = 0.0
    smooth = values.tolist()  # plain floats are several times as fast as an array's elements
    for index, value in enumerate(smooth):
        state = value + (up if value > state else down) * (state - value)
        smooth[index] = state
    return np.array(smooth)


def _between(factors: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """Interpolate from the middles of frames to samples. [shape=(samples,)]."""
    middles = (np.arange(len(factors)) + 0.5) * _FRAME - 0.5
    return np.interp(np.arange(samples), middles, factors).astype(np.float32)


@dataclass(frozen=True)
class Compression:
    """The settings of a compressor; see `compress`, whose level this keeps."""

    threshold_db: float
    ratio: float
    attack: float
    release: float

    def relative(self, level: float) -> "Compression":
        """Set the threshold relative to a level in dB."""
        return replace(self, threshold_db=self.threshold_db + level)

    def apply(self, sound: Sound, sample_rate: int) -> Sound:
        """Compress a sound."""
        return compress(
            sound,
            sample_rate,
            threshold_db=self.threshold_db,
            ratio=self.ratio,
            attack=self.attack,
            release=self.release,
        )
