"""A drop-in for `hpss`, `harmonic` and `percussive` of librosa's `effects`, and `decompose.hpss`.

Arguments, answers, dtypes and refusals are librosa 0.11's. What differs, and is meant to:

- One `hpss` serves both: a time series is `y` (the only positional argument), a spectrogram is
  `S`. Which of them an array is, is never guessed: a complex `y` is refused.
- ``window`` is used; librosa accepts it and takes "hann".
- ``mask=True`` with a time series is refused; librosa inverts the masks as if they were spectra.
- NaN and infinity in `S`, a power that is NaN, kernels that are no whole numbers of at least 1, and
  pairs of another length than 2 are refused; librosa lets some pass and fails over others.
- A signal shorter than a frame is no cause for a warning, and `power` as a NumPy number none for
  double precision; a small integer times `margin` does not overflow.
- Kernels some ten times as long as the spectrogram get the medians that they should have, where
  SciPy's are wrong; an infinite margin leaves silence, where librosa's leaves NaN.
- Half and extended precision and other byte orders are taken, over which librosa fails.
- Refusals are `ValueError` and `TicktoneError` too; `librosa.ParameterError` where librosa is
  imported.
"""

import math
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import OptionError
from ticktone.methods.median import masks, medians
from ticktone.options import check_value
from ticktone.stft import STFT

Pair = tuple[NDArray[Any], NDArray[Any]]

# Those that need the whole signal at once, which librosa does not show them.
_NO_PAD_MODES = ("wrap", "maximum", "mean", "median", "minimum")


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
    """Separate by median filtering, with librosa's parameters and results, several times as fast.

    Parameters
    ----------
    y : ndarray [shape=(..., samples)], real
        A time series, as `librosa.effects.hpss` takes it.
    S : ndarray [shape=(..., bins, frames)], real or complex
        Or a spectrogram, as `librosa.decompose.hpss` takes it; always by its name.
    kernel_size : int or sequence of int
        Frames of the harmonic and bins of the percussive median.
    power : float
        Of the soft masks; infinity for hard ones.
    mask : bool
        Return the masks rather than what they let pass. For spectrograms only.
    margin : float or sequence of float
        At least 1; above 1, the two do not sum to the input.
    n_fft, hop_length, win_length
        Of the STFT of a time series, in samples. Default hop: a quarter of the window.
    window : str, tuple, number, callable or sequence of float
        What `scipy.signal.get_window` takes, a function of the window's length, or samples.
    center : bool
        Whether frames are centred, the time series being padded by half a frame at either end.
    pad_mode
        How, as `numpy.pad` takes it.

    Returns
    -------
    harmonic, percussive : ndarray
        Of the input's shape and dtype; for `mask`, real in [0, 1], or bool if `power` is infinite.

    Raises
    ------
    ValueError
        If not exactly one of `y` and `S` is given, or either or an option is not as above. It is
        a `librosa.ParameterError` too, where librosa is imported.

    Notes
    -----
    The beginning of `ticktone.librosa_compat` lists where this differs from librosa 0.11.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(np.arange(22_050) * 0.05)
    >>> harmonic, percussive = hpss(tone)
    >>> bool(np.sum(harmonic**2) > 100 * np.sum(percussive**2))
    True
    """
    if (y is None) == (S is None):
        raise refusal("give either a time series y or a spectrogram S")
    kernels, margins = _pair("kernel_size", kernel_size, int), _pair("margin", margin, float)
    power = _checked("power", power, float, most=math.inf)
    if S is not None:
        return _spectrogram(np.asarray(S), kernels, power, mask, margins)
    if mask:
        raise refusal("masks are of spectrograms: give S")
    _check_audio(y)
    assert y is not None
    stft = _LibrosaSTFT.of(n_fft, hop_length, win_length, window)
    padded = _padded(y, stft.size, center, pad_mode)
    working = np.result_type(y.dtype, np.float32) if y.dtype.itemsize < 8 else np.dtype(float)
    spectrogram = stft.transform(padded.astype(working, copy=False))
    half = stft.size // 2 if center else 0
    parts = _spectrogram(spectrogram, kernels, power, False, margins)
    harmonic, percussive = (
        stft.invert(part, y.shape[-1], half).astype(y.dtype, copy=False) for part in parts
    )
    return harmonic, percussive


def harmonic(y: NDArray[Any], **options: Any) -> NDArray[Any]:
    """Return the harmonic part of a time series alone, as `librosa.effects.harmonic` does.

    Parameters
    ----------
    y : ndarray [shape=(..., samples)], real
    **options
        As `hpss`.

    Returns
    -------
    ndarray [shape=(..., samples)]

    Raises
    ------
    ValueError
        As `hpss`.

    Examples
    --------
    >>> tone = np.sin(np.arange(22_050) * 0.05).astype(np.float32)
    >>> bool(np.array_equal(harmonic(tone, margin=2.0), hpss(tone, margin=2.0)[0]))
    True
    """
    return hpss(y, **_of_audio(options))[0]


def percussive(y: NDArray[Any], **options: Any) -> NDArray[Any]:
    """Return the percussive part of a time series alone, as `librosa.effects.percussive` does.

    Parameters
    ----------
    y : ndarray [shape=(..., samples)], real
    **options
        As `hpss`.

    Returns
    -------
    ndarray [shape=(..., samples)]

    Raises
    ------
    ValueError
        As `hpss`.

    Examples
    --------
    >>> tone = np.sin(np.arange(22_050) * 0.05).astype(np.float32)
    >>> bool(np.array_equal(percussive(tone, margin=2.0), hpss(tone, margin=2.0)[1]))
    True
    """
    return hpss(y, **_of_audio(options))[1]


class ParameterError(OptionError):
    """A refusal; where librosa is imported, what is raised is a `librosa.ParameterError` too."""

    def __reduce__(self) -> Any:
        return refusal, (self.cause,)


def refusal(cause: str) -> ParameterError:
    """Return the error to raise: one that is caught as librosa's, too, by those who use it."""
    if "librosa" not in sys.modules:
        return ParameterError(cause)
    theirs = import_module("librosa.util.exceptions").ParameterError
    both: type[ParameterError] = type("ParameterError", (ParameterError, theirs), {})
    return both(cause)


def _of_audio(options: dict[str, Any]) -> dict[str, Any]:
    if "S" in options:
        raise TypeError("harmonic() and percussive() take a time series; use hpss(S=...)")
    return options


def _checked(name: str, value: Any, kind: Any, **bounds: Any) -> Any:
    try:
        return check_value(name, value, kind, **bounds)
    except OptionError as error:
        raise refusal(error.cause) from None


def _pair(name: str, value: Any, kind: type) -> tuple[Any, Any]:
    """Return one value twice, or two as they are; each at least 1."""
    one = np.ndim(value) == 0
    pair = (value, value) if one else tuple(value)
    if len(pair) != 2:
        raise refusal(f"{name} must be one number or two, not {value!r}")
    first, second = (_checked(name, each, kind, least=1, most=math.inf) for each in pair)
    return first, second


def _check_audio(y: Any) -> None:
    if not isinstance(y, np.ndarray):
        raise refusal(f"audio must be of type numpy.ndarray, not {type(y).__name__}")
    if np.iscomplexobj(y):
        raise refusal("audio must be real; for a spectrogram say hpss(S=...)")
    if not np.issubdtype(y.dtype, np.floating):
        raise refusal(f"audio must be floating point, not {y.dtype}")
    if y.ndim == 0:
        raise refusal("audio must have at least one dimension")
    if not np.isfinite(y).all():
        raise refusal("audio must be finite everywhere")


def _padded(y: NDArray[Any], n_fft: int, center: bool, pad_mode: Any) -> NDArray[Any]:
    if not center:
        if y.shape[-1] < n_fft:
            raise refusal(f"{y.shape[-1]} samples do not fill a frame of {n_fft}")
        return y
    if isinstance(pad_mode, str) and pad_mode in _NO_PAD_MODES:
        raise refusal(f"pad_mode {pad_mode!r} is not supported")
    return np.pad(y, [(0, 0)] * (y.ndim - 1) + [(n_fft // 2, n_fft // 2)], mode=pad_mode)


class _LibrosaSTFT(STFT):
    """The STFT without our demand that the hop lose no sound."""

    def __post_init__(self) -> None:
        """Accept any hop."""

    @classmethod
    def of(cls, n_fft: Any, hop_length: Any, win_length: Any, window: Any) -> "_LibrosaSTFT":
        """Make one from librosa's arguments."""
        size = _checked("n_fft", n_fft, int, least=1)
        length = size if win_length is None else _checked("win_length", win_length, int, least=1)
        hop = length // 4 if hop_length is None else hop_length
        hop = _checked("hop_length", hop, int, least=1)
        if length > size:
            raise refusal(f"n_fft ({size}) must be at least win_length ({length})")
        if callable(window):
            window = np.asarray(window(length))
        elif isinstance(window, list | np.ndarray):
            window = np.asarray(window)
        if isinstance(window, np.ndarray) and window.shape != (length,):
            raise refusal(f"the window has shape {window.shape}, expected ({length},)")
        stft = cls(length, hop, size, window)
        try:
            _ = stft.taper
        except (TypeError, ValueError) as error:
            raise refusal(str(error)) from None
        return stft

    def invert(self, spectrogram: NDArray[Any], samples: int, before: int) -> NDArray[Any]:
        """Return the signal, divided as in librosa wherever any window reaches."""
        channels, frames = spectrogram.shape[:-2], spectrogram.shape[-1]
        dtype = np.finfo(spectrogram.dtype).dtype
        laid = self.overlap_add(spectrogram, np.zeros((*channels, self.tail_length), dtype))
        weight = self.weight(frames, np.zeros(self.tail_length)).astype(dtype)
        inner = slice(before, before + samples)
        laid, weight = laid[..., inner], weight[inner]
        signal = np.zeros((*channels, samples), dtype)
        signal[..., : laid.shape[-1]] = laid / np.where(weight > np.finfo(dtype).tiny, weight, 1)
        return signal


def _spectrogram(
    S: NDArray[Any],
    kernels: tuple[int, int],
    power: float,
    mask: bool,
    margins: tuple[float, float],
) -> Pair:
    S = S.astype(S.dtype.newbyteorder("="), copy=False)
    if S.ndim < 2:
        raise refusal(f"a spectrogram must have bins and frames, not shape {S.shape}")
    if not power > 0:
        raise refusal(f"power must be strictly positive, not {power}")
    magnitude = np.abs(S) if np.iscomplexobj(S) else S
    if not np.issubdtype(magnitude.dtype, np.floating):
        magnitude = magnitude.astype(np.result_type(magnitude.dtype, np.float32))
    if not np.isfinite(magnitude).all():
        raise refusal("a spectrogram must be finite everywhere")
    exact = magnitude.dtype if magnitude.dtype.itemsize <= 8 else np.dtype(float)  # SciPy's most
    of_frames, of_bins = medians(magnitude.astype(exact, copy=False), *kernels)
    if (of_frames < 0).any() or (of_bins < 0).any():
        raise refusal("a spectrogram must be non-negative, or complex")
    for_harmonic, for_percussive = masks(of_frames, of_bins, power, margins)
    if math.isinf(power):
        for_harmonic, for_percussive = for_harmonic.astype(bool), for_percussive.astype(bool)
    if mask:
        return for_harmonic, for_percussive
    return S * for_harmonic, S * for_percussive
