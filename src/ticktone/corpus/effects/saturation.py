"""Distortion by a curve that bends."""

import math
from typing import Literal

import numpy as np

from ticktone.corpus.effects.equalisers import Band, equalise
from ticktone.corpus.effects.levels import Sound, gain, level_db, match_level

Curve = Literal["tanh", "hard", "asymmetric"]

_BIAS = 0.5  # of the asymmetric curve
_OVERSAMPLING = 2


def saturate(sound: Sound, sample_rate: int, drive_db: float, kind: Curve = "tanh") -> Sound:
    """Distort a sound without making it louder.

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    drive_db : float
        By how much the sound's highest peak is over the ceiling of the curve. At 0, hard clipping
        does nothing; the smooth curves bend from -20 on.
    kind : {"tanh", "hard", "asymmetric"}
        As tape or transistors; as a converter that is overdriven; as a valve, which bends one half
        of the wave more and so adds even harmonics.

    Returns
    -------
    ndarray [shape=(2, samples)]
        As loud as the sound was (see `level_db`).
    """
    from scipy.signal import resample_poly  # slow to import

    if level_db(sound, sample_rate) == -math.inf:
        return sound
    driven = gain(sound / np.abs(sound).max(), drive_db)
    # Twice the rate, so that of the harmonics past its half only far ones fold back.
    fine = resample_poly(driven, _OVERSAMPLING, 1, axis=-1)
    match kind:
        case "tanh":
            np.tanh(fine, out=fine)
        case "hard":
            np.clip(fine, -1, 1, out=fine)
        case "asymmetric":
            fine = np.tanh(fine + np.float32(_BIAS)) - np.float32(np.tanh(_BIAS))
    bent = resample_poly(fine, 1, _OVERSAMPLING, axis=-1)[:, : sound.shape[1]]
    bent = np.asarray(bent, np.float32)
    if kind == "asymmetric":  # it moves the middle too
        bent = equalise(bent, sample_rate, [Band("highpass", 10)])
    return match_level(bent, sound, sample_rate)
