"""Level, gain and place in the stereo image."""

import math

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

_FRAME = 0.05  # seconds
_GATE_DB = 40.0


def level_db(sound: Sound, sample_rate: int) -> float:
    """Measure how loud a sound is where it sounds.

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.

    Returns
    -------
    float
        Mean power of both channels in dB of full scale, over those frames of 50 ms that are within
        40 dB of the loudest, so that pauses do not count. Minus infinity for silence.
    """
    starts = np.arange(0, sound.shape[1], max(1, round(_FRAME * sample_rate)))
    if not len(starts):
        return -math.inf
    power = np.einsum("cs,cs->s", sound, sound)
    energies = np.add.reduceat(power, starts, dtype=np.float64)
    lengths = np.diff(starts, append=sound.shape[1])
    powers = energies / lengths / len(sound)
    loud = powers > powers.max() * 10 ** (-_GATE_DB / 10)
    if not loud.any():
        return -math.inf
    return 10 * math.log10(np.average(powers[loud], weights=lengths[loud]))


def gain(sound: Sound, db: float) -> Sound:
    """Make a sound louder by some dB, or softer."""
    return sound * np.float32(10 ** (db / 20))


def match_level(sound: Sound, like: Sound, sample_rate: int) -> Sound:
    """Make a sound as loud as another; what is silent stays so."""
    db = level_db(like, sample_rate) - level_db(sound, sample_rate)
    return gain(sound, db) if math.isfinite(db) else sound


def pan(sound: Sound, position: float, width: float = 1.0) -> Sound:
    """Place a sound in the stereo image by the equal-power law (sine and cosine).

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
    position : float
        From -1, left, to 1, right. A sound off the middle is made narrower too, so that at the
        side it is whole and in one channel only.
    width : float
        From 0, mono, to 1, as wide as it was.

    Returns
    -------
    ndarray [shape=(2, samples)]

    Raises
    ------
    ValueError
        If the position or width is out of its range.
    """
    if not -1 <= position <= 1:
        raise ValueError(f"position must be from -1 to 1, not {position}")
    if not 0 <= width <= 1:
        raise ValueError(f"width must be from 0 to 1, not {width}")
    # Each channel is a sum of both: middle plus or minus side, where side is scaled.
    straight = (1 + width * (1 - abs(position))) / 2
    narrowed = np.array([[straight, 1 - straight], [1 - straight, straight]])
    angle = (position + 1) * math.pi / 4
    gains = math.sqrt(2) * np.array([[math.cos(angle)], [math.sin(angle)]])
    panned: Sound = (gains * narrowed).astype(np.float32) @ sound
    return panned
