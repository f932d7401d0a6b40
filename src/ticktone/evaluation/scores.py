"""The scores of one song by one method: for each part and metric, a value for every window."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """The scores of one song by one method.

    Parameters
    ----------
    values : mapping of mapping of ndarray [shape=(windows,)]
        dB, by part and metric. NaN where a window has no score: a source or an estimate is silent
        there or, rarely, the ratio is infinite.
    window, hop : float
        Seconds that a window lasts, and from one to the next.
    """

    values: Mapping[str, Mapping[str, Values]]
    window: float
    hop: float

    @property
    def windows(self) -> int:
        """The number of windows."""
        return max(
            (len(v) for metrics in self.values.values() for v in metrics.values()), default=0
        )

    def unscored(self, metric: str) -> int:
        """Return how many windows have no value of a metric for some part."""
        missing = [np.isnan(metrics[metric]) for metrics in self.values.values()]
        return int(np.any(missing, axis=0).sum()) if missing else 0


def finite(values: Values) -> Values:
    """Return ratios with NaN for infinite ones, as museval stores them."""
    return np.where(np.isfinite(values), values, np.nan)


def median(values: Values) -> float:
    """Compute the median of the windows that have a score; NaN if none has.

    >>> median(np.array([1.0, np.nan, 3.0]))
    2.0
    """
    scored = values[~np.isnan(values)]
    return float(np.median(scored)) if scored.size else float("nan")
