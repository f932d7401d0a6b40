"""Filters: responses at the partials of a wave, and Butterworth filters for noise."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["lowpass", "bandpass", "highpass", "comb"]
KINDS: tuple[Kind, ...] = ("lowpass", "bandpass", "highpass", "comb")

LOWEST = 40.0  # Hz: the cutoff of a table's first row
ROWS_PER_OCTAVE = 5
ROWS = 45  # up to 18 kHz

# The first three formants of men's vowels in Hz: Peterson and Barney, "Control methods used in a
# study of the vowels", Journal of the Acoustical Society of America 24(2), 1952.
VOWELS = {
    "i": (270, 2290, 3010),
    "e": (530, 1840, 2480),
    "a": (730, 1090, 2440),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}
_FORMANT_DB = (0.0, -7.0, -14.0)
_STEPS = 6  # rows from a vowel to the next


def row_of(cutoff: NDArray[np.floating] | float) -> NDArray[np.floating]:
    """Convert a cutoff in Hz to a position among the rows of `sweep`."""
    rows: NDArray[np.floating] = ROWS_PER_OCTAVE * np.log2(np.maximum(cutoff, LOWEST) / LOWEST)
    return rows


def sweep(
    frequencies: NDArray[np.floating], kind: Kind, q: float, steep: bool
) -> NDArray[np.complex128]:
    """Compute an analogue filter's response at every cutoff of a table.

    Parameters
    ----------
    frequencies : ndarray [shape=(partials,)]
        Hz.
    kind : {"lowpass", "bandpass", "highpass", "comb"}
    q : float
        Resonance: the gain at the cutoff.
    steep : bool
        Four poles instead of two.

    Returns
    -------
    ndarray of complex [shape=(ROWS, partials)]
    """
    cutoffs = LOWEST * 2.0 ** (np.arange(ROWS) / ROWS_PER_OCTAVE)
    s = 1j * frequencies / cutoffs[:, None]
    resonant = s**2 + s / q + 1
    plain = s**2 + np.sqrt(2) * s + 1
    response: NDArray[np.complex128]
    match kind:
        case "lowpass":
            response = 1 / resonant / (plain if steep else 1)
        case "bandpass":
            response = s / q / resonant * (s / plain if steep else 1)
        case "highpass":
            response = s**2 / resonant * (s**2 / plain if steep else 1)
        case "comb":  # a delay of one period of the cutoff, fed forward
            response = (1 + min(0.95, q / 4) * np.exp(-2 * np.pi * s)) / 2
    return response


def vowels(frequencies: NDArray[np.floating], word: str, size: float) -> NDArray[np.complex128]:
    """Compute the response of a throat on the way from vowel to vowel.

    Parameters
    ----------
    frequencies : ndarray [shape=(partials,)]
        Hz.
    word : str
        Of the letters of `VOWELS`, at least two.
    size : float
        What the formants are multiplied by: 1 for a man, 1.2 for a woman, 1.4 for a child.

    Returns
    -------
    ndarray of complex [shape=(rows, partials)]
    """
    stations = size * np.array([VOWELS[letter] for letter in word], float)
    at = np.linspace(0, len(word) - 1, _STEPS * (len(word) - 1) + 1)
    found = np.zeros((len(at), len(frequencies)), complex)
    for formant, db in enumerate(_FORMANT_DB):
        centre = np.interp(at, np.arange(len(word)), stations[:, formant])[:, None]
        s = 1j * frequencies / centre
        width = (60 + 0.06 * centre) / centre
        found += 10 ** (db / 20) * s * width / (s**2 + s * width + 1)
    return found


def filter_noise(
    sound: NDArray[np.float64],
    sample_rate: int,
    low: float | None = None,
    high: float | None = None,
    order: int = 2,
) -> NDArray[np.float64]:
    """Keep what of a sound [shape=(..., samples)] is above `low` and below `high`, in Hz."""
    from scipy.signal import butter, sosfilt  # slow to import

    most = 0.48 * sample_rate
    low = None if low is None else min(low, 0.9 * most)
    high = None if high is None or high >= most else high
    if low is not None and high is not None:
        high = max(high, 1.1 * low)
    edges: tuple[tuple[float | None, Literal["highpass", "lowpass"]], ...]
    edges = ((low, "highpass"), (high, "lowpass"))
    for edge, kind in edges:
        if edge is not None:
            sections = butter(order, edge, kind, fs=sample_rate, output="sos")
            sound = np.asarray(sosfilt(sections, sound), np.float64)
    return sound
