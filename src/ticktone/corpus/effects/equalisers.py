"""Equalisers made of second-order sections.

The formulas are those of Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter
coefficients" (W3C note, 2021).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ticktone.corpus.effects.levels import Sound

Kind = Literal["peak", "low_shelf", "high_shelf", "highpass", "lowpass"]


@dataclass(frozen=True)
class Band:
    """A band of an equaliser.

    Parameters
    ----------
    kind : {"peak", "low_shelf", "high_shelf", "highpass", "lowpass"}
    frequency : float
        Hz: a peak's centre, the middle of a shelf's slope, where a pass has the gain `q`.
    gain_db : float
        Of a peak or shelf.
    q : float
        Quality: the higher, the narrower a peak. The default is the flattest pass and the steepest
        shelf that does not overshoot.
    """

    kind: Kind
    frequency: float
    gain_db: float = 0.0
    q: float = math.sqrt(0.5)

    def section(self, sample_rate: int) -> NDArray[np.float64]:
        """Compute the filter as `scipy.signal.sosfilt` wants it. [shape=(6,)].

        Raises
        ------
        ValueError
            If the frequency is not between 0 and half the sample rate.
        """
        if not 0 < self.frequency < sample_rate / 2:
            raise ValueError(f"{self.frequency} Hz is not between 0 and {sample_rate / 2}")
        amplitude = 10 ** (self.gain_db / 40)
        omega = 2 * math.pi * self.frequency / sample_rate
        cos = math.cos(omega)
        alpha = math.sin(omega) / (2 * self.q)
        match self.kind:
            case "peak":
                b = (1 + alpha * amplitude, -2 * cos, 1 - alpha * amplitude)
                a = (1 + alpha / amplitude, -2 * cos, 1 - alpha / amplitude)
            case "low_shelf":
                b, a = _shelf(amplitude, cos, alpha)
            case "high_shelf":  # the low shelf, mirrored in frequency
                b, a = _shelf(amplitude, -cos, alpha)
                b, a = (b[0], -b[1], b[2]), (a[0], -a[1], a[2])
            case "lowpass":
                b = ((1 - cos) / 2, 1 - cos, (1 - cos) / 2)
                a = (1 + alpha, -2 * cos, 1 - alpha)
            case "highpass":
                b = ((1 + cos) / 2, -1 - cos, (1 + cos) / 2)
                a = (1 + alpha, -2 * cos, 1 - alpha)
        return np.array([*b, *a]) / a[0]


_Three = tuple[float, float, float]


def _shelf(amplitude: float, cos: float, alpha: float) -> tuple[_Three, _Three]:
    """Return a low shelf's numerator and denominator."""
    more, less = amplitude + 1, amplitude - 1
    edge = 2 * math.sqrt(amplitude) * alpha
    b = (
        amplitude * (more - less * cos + edge),
        2 * amplitude * (less - more * cos),
        amplitude * (more - less * cos - edge),
    )
    a = (more + less * cos + edge, -2 * (less + more * cos), more + less * cos - edge)
    return b, a


def equalise(sound: Sound, sample_rate: int, bands: Sequence[Band]) -> Sound:
    """Filter a sound by some bands, one after the other.

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    bands : sequence of Band

    Returns
    -------
    ndarray [shape=(2, samples)]

    Raises
    ------
    ValueError
        If a band's frequency is not between 0 and half the sample rate.
    """
    from scipy.signal import sosfilt  # slow to import

    sections = [band.section(sample_rate) for band in bands]
    if not sections or not sound.size:
        return sound
    # In double precision: a low band's poles are too near to the unit circle for less.
    return np.asarray(sosfilt(np.stack(sections), sound.astype(np.float64), axis=-1), np.float32)


def draw_equaliser(rng: np.random.Generator, strength_db: float) -> tuple[Band, ...]:
    """Draw the tone controls of a channel: a shelf at each end, two peaks between.

    Parameters
    ----------
    rng : Generator
    strength_db : float
        The largest gain; 0 gives bands that change nothing.

    Returns
    -------
    tuple of Band
        Up to 9 kHz, so for sample rates of more than 18 kHz.
    """

    def band(kind: Kind, low: float, high: float, q: float = math.sqrt(0.5)) -> Band:
        frequency = math.exp(rng.uniform(math.log(low), math.log(high)))
        return Band(kind, frequency, strength_db * rng.uniform(-1, 1), q)

    return (
        band("low_shelf", 60, 300),
        band("peak", 200, 1200, q=rng.uniform(0.5, 2)),
        band("peak", 1200, 6000, q=rng.uniform(0.5, 2)),
        band("high_shelf", 3000, 9000),
    )
