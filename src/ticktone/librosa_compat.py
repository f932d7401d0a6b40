"""A drop-in for librosa's `effects.hpss` and `decompose.hpss`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.median import masks, medians
from ticktone.stft import STFT

MAX_CHANNELS = 8  # of audio; a real array with more rows can only be a spectrogram

Pair = tuple[NDArray[Any], NDArray[Any]]


def hpss(
    y: NDArray[Any] | None = None,
    *,
    S: NDArray[Any] | None = None,
    kernel_size: int | Sequence[int] = 31,
    power: float = 2.0,
    mask: bool = False,
    margin: float | Sequence[float] = 1.0,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
) -> Pair:
    """Median-filtering HPSS with librosa's parameters and results, several times as fast.

    Parameters
    ----------
    y : ndarray [shape=(samples,) or (channels, samples)], real
        A time series, as `librosa.effects.hpss` takes it. An array that cannot be one, because it
        is complex or has more than 8 rows, is taken as `S`.
    S : ndarray [shape=(..., bins, frames)], real or complex
        A spectrogram, as `librosa.decompose.hpss` takes it.
    kernel_size : int or sequence of int
        Frames of the harmonic and bins of the percussive median.
    power : float
        Of the soft masks; infinity for hard ones.
    mask : bool
        Return the masks rather than what they let pass. For spectrograms only.
    margin : float or sequence of float
        At least 1; above 1, the two do not sum to the input.
    n_fft, hop_length, win_length, window
        Of the STFT of a time series. Default hop: a quarter of the window; at most half of it.
    center : bool
        Whether frames are centred, the time series being padded by half a frame at either end.
    pad_mode
        How, as `numpy.pad` takes it.

    Returns
    -------
    harmonic, percussive : ndarray
        Of the input's shape and dtype; for `mask`, real in [0, 1].

    Raises
    ------
    ValueError
        If not exactly one of `y` and `S` is given, or an option is out of its range.

    Notes
    -----
    Unlike librosa 0.11, `window` is not ignored.
    """
    if y is not None and S is None:
        y = np.asarray(y)
        if np.iscomplexobj(y) or (y.ndim > 1 and y.shape[-2] > MAX_CHANNELS):
            y, S = None, y
    if (y is None) == (S is None):
        raise ValueError("give either a time series y or a spectrogram S")
    if S is not None:
        return _spectrogram(S, kernel_size, power, mask, margin)
    assert y is not None
    if mask:
        raise ValueError("masks are of spectrograms: give S")
    if not np.issubdtype(y.dtype, np.floating):
        raise ValueError(f"audio must be floating point, not {y.dtype}")
    window_length = win_length or n_fft
    stft = STFT(window_length, hop_length or window_length // 4, n_fft, window)
    half = n_fft // 2 if center else 0
    padded = np.pad(y, [(0, 0)] * (y.ndim - 1) + [(half, half)], mode=pad_mode)
    if padded.shape[-1] < n_fft:
        raise ValueError(f"{y.shape[-1]} samples do not fill a frame of {n_fft}")
    parts = _spectrogram(stft.transform(padded), kernel_size, power, False, margin)
    harmonic, percussive = (stft.inverse(part, y.shape[-1], half) for part in parts)
    return harmonic, percussive


def _spectrogram(
    S: NDArray[Any],
    kernel_size: int | Sequence[int],
    power: float,
    mask: bool,
    margin: float | Sequence[float],
) -> Pair:
    frames, bins = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    margins = (margin, margin) if isinstance(margin, int | float) else (margin[0], margin[1])
    if min(margins) < 1 or not power > 0 or min(frames, bins) < 1:
        raise ValueError(
            "margins and kernel sizes must be at least 1, and the power greater than 0: "
            f"margin={margin}, kernel_size={kernel_size}, power={power}"
        )
    magnitude = np.abs(S)
    if not np.issubdtype(magnitude.dtype, np.floating):
        magnitude = magnitude.astype(np.float64)
    for_harmonic, for_percussive = masks(*medians(magnitude, frames, bins), power, margins)
    if mask:
        return for_harmonic, for_percussive
    return S * for_harmonic, S * for_percussive
