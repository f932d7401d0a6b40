"""What moves while a note sounds: glides, vibrato, and slow oscillators."""

import numpy as np
from numpy.typing import NDArray


def glide(samples: int, sample_rate: int, semitones: float, seconds: float) -> NDArray[np.float64]:
    """Compute a slide from some semitones off to the note's own pitch. [shape=(samples,)].

    It comes near exponentially; after `seconds` 5 % of the way are left.
    """
    time = np.arange(samples) / sample_rate
    slide: NDArray[np.float64] = semitones * np.exp(-3 * time / max(seconds, 1e-3))
    return slide


def vibrato(
    samples: int,
    sample_rate: int,
    semitones: float,
    hertz: float,
    delay: float,
    phase: float = 0.0,
) -> NDArray[np.float64]:
    """Compute a vibrato that sets in `delay` seconds after the note. [shape=(samples,)]."""
    time = np.arange(samples) / sample_rate
    onset = np.clip((time - delay) / max(0.3 * delay, 0.05), 0, 1)
    moved: NDArray[np.float64] = semitones * onset * np.sin(2 * np.pi * (hertz * time + phase))
    return moved


def phase_of(
    hertz: float, bend: NDArray[np.floating] | None, samples: int, sample_rate: int
) -> NDArray[np.float64]:
    """Integrate a pitch to a phase in periods. [shape=(samples,)].

    Parameters
    ----------
    hertz : float
    bend : ndarray [shape=(samples,)], optional
        Semitones by which the pitch is off.
    samples : int
    sample_rate : int
        Hz.
    """
    step = hertz / sample_rate
    if bend is None:
        return np.arange(samples, dtype=np.float64) * step
    return np.cumsum(step * np.exp2(bend / 12), dtype=np.float64)
