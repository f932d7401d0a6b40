"""Both sources keep the mixture's phase, as nearly every method's paper has it."""

import numpy as np
from numpy.typing import NDArray


def mixture_phase(
    spectrogram: NDArray[np.complex64],
    magnitude: NDArray[np.float32],
    *parts: NDArray[np.float32],
) -> list[NDArray[np.complex64]]:
    """Give each part's magnitude the phase of the mixture.

    Parameters
    ----------
    spectrogram : ndarray [shape=(channels, bins, frames)]
        Of the mixture.
    magnitude : ndarray [shape=(channels, bins, frames)]
        Its absolute value.
    *parts : ndarray [shape=(channels, bins, frames)]
        Magnitudes.

    Returns
    -------
    list of ndarray [shape=(channels, bins, frames)]
        A part is zero where the mixture is.
    """
    heard = np.maximum(magnitude, np.float32(1e-30))  # a silent bin stays silent
    return [spectrogram * (part / heard) for part in parts]
