"""Measures of an estimate against its source over all samples; BSS Eval is in `bss_eval.py`."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def sdr(source: NDArray[Any], estimate: NDArray[Any]) -> float:
    """Compute the signal-to-distortion ratio over all samples: 10 log10(|s|^2 / |s - e|^2), dB.

    This is the SDR of the "images" versions of BSS Eval (Vincent, Gribonval, Févotte 2006; Vincent
    et al. 2012), taken over one window as long as the song.

    Parameters
    ----------
    source, estimate : ndarray [shape=(..., samples)]

    Returns
    -------
    float
        NaN if the source is silent, infinity if the estimate is perfect.

    Examples
    --------
    >>> round(sdr(np.array([1.0, -1.0]), np.array([0.9, -0.9])), 6)
    20.0
    """
    error = np.subtract(source, estimate, dtype=np.float64)
    return _decibels(_energy(source), _energy(error))


def si_sdr(source: NDArray[Any], estimate: NDArray[Any]) -> float:
    """Compute the scale-invariant signal-to-distortion ratio over all samples, dB.

    Le Roux, Wisdom, Erdogan, Hershey, "SDR - half-baked or well done?", ICASSP 2019:
    10 log10(|a s|^2 / |a s - e|^2) with a = <e, s> / |s|^2. No mean is taken away.

    Parameters
    ----------
    source, estimate : ndarray [shape=(..., samples)]

    Returns
    -------
    float
        NaN if the source or the estimate is silent, infinity if the estimate is a multiple of the
        source, minus infinity if they have nothing in common.

    Examples
    --------
    >>> si_sdr(np.array([1.0, -1.0]), np.array([0.5, -0.5]))
    inf
    """
    energy = _energy(source)
    if energy == 0 or not np.any(estimate):
        return math.nan
    scale = np.vdot(source.astype(np.float64), estimate.astype(np.float64)) / energy
    target = scale * source.astype(np.float64)
    return _decibels(_energy(target), _energy(target - estimate), silent=-math.inf)


def _energy(signal: NDArray[Any]) -> float:
    wide = signal.astype(np.float64)
    return float(np.vdot(wide, wide))


def _decibels(signal: float, distortion: float, silent: float = math.nan) -> float:
    if signal == 0:
        return silent
    return 10 * math.log10(signal / distortion) if distortion else math.inf
