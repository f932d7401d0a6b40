"""The projection of spectrograms on those that a signal has (Griffin and Lim 1984).

Frames overlap, so that few arrays of complex numbers are the transform of any signal. "Consistent"
is the field's word for those that are.
"""

import numpy as np

from ticktone.phase.recovery import Spectrogram
from ticktone.stft import STFT

TINY = np.float32(1e-30)  # what is less counts as nothing


def reach(stft: STFT) -> int:
    """Count the frames to either side that share samples with a frame."""
    return -(-stft.window_length // stft.hop_length) - 1


def consistent(stft: STFT, spectrogram: Spectrogram) -> Spectrogram:
    """Transform the signal whose transform is nearest to a spectrogram.

    Parameters
    ----------
    stft : STFT
    spectrogram : ndarray [shape=(..., bins, frames)]

    Returns
    -------
    ndarray [shape=(..., bins, frames)]
        The nearest spectrogram that a signal has. The signal may extend to all samples that the
        frames reach. Within `reach` frames of the first and the last, fewer frames agree on it.

    Notes
    -----
    An orthogonal projection: in the inner product that counts every bin twice but the first and
    the last, which have no counterpart among negative frequencies.
    """
    *channels, _, frames = spectrogram.shape
    dtype = np.finfo(spectrogram.dtype).dtype
    laid = stft.overlap_add(spectrogram, np.zeros((*channels, stft.tail_length), dtype))
    weight = stft.weight(frames, np.zeros(stft.tail_length))
    laid /= np.where(weight > 1e-10, weight, 1).astype(dtype)
    laid[..., weight <= 1e-10] = 0
    found: Spectrogram = stft.transform(laid)
    return found


def with_magnitude(spectrogram: Spectrogram, magnitude: np.ndarray) -> Spectrogram:
    """Replace a spectrogram's magnitude and keep its phase; zero has none and stays zero."""
    found: Spectrogram = spectrogram * (magnitude / np.maximum(np.abs(spectrogram), TINY))
    return found
