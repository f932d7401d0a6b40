"""Waveforms as tables: band-limited periods that are read at any pitch.

A table has one period a row. Along the rows the sound changes, as a filter opens, a vowel becomes
another or a wave morphs, so that a note with a moving filter is two interpolations and no filter:
no aliasing, and hundreds of times as fast as real time.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Wave = Literal["saw", "square", "pulse", "triangle", "sine", "organ", "random", "glottal"]

_SIZE = 2048  # samples of a period
_HIGHEST_SHARE = 0.47  # of the sample rate; partials above are left out


def partials(wave: Wave, count: int, rng: np.random.Generator) -> NDArray[np.complex128]:
    """Return the Fourier coefficients of a waveform's partials, the first one first.

    Parameters
    ----------
    wave : str
        "pulse", "organ" and "random" are drawn: a width, drawbars, a spectrum.
    count : int
    rng : Generator

    Returns
    -------
    ndarray of complex [shape=(count,)]

    Examples
    --------
    >>> abs(partials("square", 4, np.random.default_rng(0))).round(2).tolist()
    [1.0, 0.0, 0.33, 0.0]
    """
    k = np.arange(1, count + 1)
    odd = k % 2
    found = np.zeros(count, np.complex128)
    match wave:
        case "saw":
            found += -1j / k
        case "square":
            found += -1j * odd / k
        case "pulse":
            found += 2 * np.sin(math.pi * k * rng.uniform(0.06, 0.4)) / k
        case "triangle":
            found += odd / k**2
        case "sine":
            found[0] = 1
        case "organ":
            for drawbar in (1, 2, 3, 4, 6, 8, 10, 12, 16):
                if drawbar <= count:
                    found[drawbar - 1] = -1j * rng.uniform(0, 1) ** 2
            found[0] -= 0.3j
        case "glottal":  # about -12 dB an octave, as the pulse of the vocal folds
            found += -1j / k**1.6
        case "random":
            strengths = k ** -rng.uniform(0.7, 1.8) * np.exp(rng.normal(0, 1, count))
            found += strengths * np.exp(2j * math.pi * rng.random(count))
    return found


def partial_count(hertz: float, sample_rate: int) -> int:
    """Return how many partials of a pitch fit under half the sample rate, at least one."""
    return max(1, min(_SIZE // 2 - 1, int(_HIGHEST_SHARE * sample_rate / hertz)))


def make_table(coefficients: NDArray[np.complex128]) -> NDArray[np.float32]:
    """Compute the table whose rows have some Fourier coefficients.

    Parameters
    ----------
    coefficients : ndarray of complex [shape=(rows, partials)]

    Returns
    -------
    ndarray [shape=(rows, samples + 1)]
        One period a row, and its first sample again. The loudest row has an RMS of 1.
    """
    rows, count = coefficients.shape
    spectrum = np.zeros((rows, _SIZE // 2 + 1), complex)
    spectrum[:, 1 : count + 1] = coefficients
    periods = np.fft.irfft(spectrum, _SIZE, axis=1)
    loudest = math.sqrt(max(1e-30, float(np.square(periods).mean(axis=1).max())))
    periods /= loudest
    return np.concatenate([periods, periods[:, :1]], axis=1).astype(np.float32)


def read_table(
    table: NDArray[np.float32],
    phase: NDArray[np.floating],
    position: NDArray[np.floating] | float = 0.0,
) -> NDArray[np.float32]:
    """Read a table, interpolating along periods and between rows.

    Parameters
    ----------
    table : ndarray [shape=(rows, samples + 1)]
        See `make_table`.
    phase : ndarray [shape=(samples,)]
        In periods; not negative.
    position : ndarray [shape=(samples,)] or float
        In rows; what is outside is the first or the last.

    Returns
    -------
    ndarray [shape=(samples,)]
    """
    rows, width = table.shape
    size = width - 1
    whole = phase * size
    index = whole.astype(np.int64)
    fraction = (whole - index).astype(np.float32)
    index &= size - 1
    flat = table.reshape(-1)
    if rows == 1:
        return _between(flat, index, fraction)
    position = np.clip(position, 0, rows - 1.001)
    if np.ndim(position) == 0:
        row = int(position)
        blended = table[row] + np.float32(position - row) * (table[row + 1] - table[row])
        return _between(blended, index, fraction)
    row_of = np.asarray(position).astype(np.int64)
    share = (position - row_of).astype(np.float32)
    index += row_of * width
    low = _between(flat, index, fraction)
    index += width
    low += share * (_between(flat, index, fraction) - low)
    return low


def _between(
    flat: NDArray[np.float32], index: NDArray[np.int64], fraction: NDArray[np.float32]
) -> NDArray[np.float32]:
    first = flat.take(index)
    first += fraction * (flat[1:].take(index) - first)
    return first


def metal(
    samples: int, sample_rate: int, frequencies: NDArray[np.floating], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Sum square waves that have nothing to do with each other, as analogue cymbals do.

    They are not band-limited: what folds back is metal, too.
    """
    time = np.arange(samples) / sample_rate
    total = np.zeros(samples)
    for frequency, start in zip(frequencies, rng.random(len(frequencies)), strict=True):
        total += np.sign((frequency * time + start) % 1 - 0.5)
    return total / len(frequencies)
