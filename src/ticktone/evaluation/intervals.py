"""Confidence intervals of figures over songs, which hold for few songs too.

The percentile interval of a bootstrap is too short where songs are few: for two songs it is the
range of the two, which holds the truth half of the time. Student's t knows that ("The probable
error of a mean", 1908), and with the bootstrap's standard error in place of the mean's it serves
other statistics than the mean (Efron and Tibshirani, "An introduction to the bootstrap", 1993,
chapter 12). `benchmarks/intervals.py` measures how often each holds the truth.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

LEVEL = 0.95
FEW = 10  # songs; below that an interval holds only as far as the songs' figures are normal

Values = NDArray[Any]


def margin_of_mean(values: Values, level: float = LEVEL) -> float:
    """Compute half the width of Student's interval of a mean.

    Parameters
    ----------
    values : ndarray [shape=(songs,)]
    level : float
        The probability that the interval holds the truth, from 0 to 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are fewer than two values.

    Examples
    --------
    >>> round(margin_of_mean(np.array([1.0, 2.0, 3.0])), 3)
    2.484
    """
    quantile = _quantile(len(values), level)
    return quantile * float(np.std(values, ddof=1)) / math.sqrt(len(values))


def margin_of_resampled(resampled: Values, songs: int, level: float = LEVEL) -> float:
    """Compute half the width of Student's interval by the standard error of a bootstrap.

    Parameters
    ----------
    resampled : ndarray [shape=(resamples,)]
        A statistic of `songs` songs drawn with replacement, many times. NaN is left out.
    songs : int
    level : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are fewer than two songs.
    """
    quantile = _quantile(songs, level)
    # A resample's variance is smaller than that of new songs, by (songs - 1) / songs.
    return quantile * float(np.nanstd(resampled)) * math.sqrt(songs / (songs - 1))


def _quantile(songs: int, level: float) -> float:
    if songs < 2:
        raise ValueError(f"an interval needs at least two songs, not {songs}")
    return float(stdtrit(songs - 1, (1 + level) / 2))
