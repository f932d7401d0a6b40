"""From the scores of songs to the figures of a table, and how sure a difference of two is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ticktone.evaluation.estimators import PARTS
from ticktone.evaluation.protocols import Protocol
from ticktone.evaluation.scores import Scores, Values, median

AVERAGE = "average"
RESAMPLES = 10_000
_AT_ONCE = 500  # resamples; bounds the memory

BySong = Mapping[str, Scores]  # a method's scores


@dataclass(frozen=True)
class Difference:
    """By how much one method's figure exceeds another's.

    Parameters
    ----------
    method, other : str
    column : str
        "percussive", "harmonic" or "average".
    difference, low, high : float
        dB; the ends are those of a 95 % bootstrap interval over songs.
    songs : int
        Those that both have scores for.
    """

    method: str
    other: str
    column: str
    difference: float
    low: float
    high: float
    songs: int


def figure(scores: BySong, part: str, metric: str, statistic: str, pooled: bool) -> float:
    """Give one figure of the table.

    Parameters
    ----------
    scores : mapping of Scores
        By song.
    part : {"percussive", "harmonic", "average"}
        The average is that of the two parts' figures, as in the papers.
    metric : str
    statistic : {"mean", "median"}
    pooled : bool
        Whether it is over the windows of all songs; if not, over the medians of songs.

    Returns
    -------
    float
        dB; NaN if nothing has a score.
    """
    if part == AVERAGE:
        return float(np.mean([figure(scores, p, metric, statistic, pooled) for p in PARTS]))
    columns = _columns(scores, list(scores), part, metric, pooled)
    return float(_reduced(columns.reshape(1, -1), statistic)[0])


def song_figures(scores: BySong, part: str, metric: str) -> dict[str, float]:
    """Give the median over windows of each song that has a score."""
    medians = {
        song: median(found.values[part][metric])
        for song, found in scores.items()
        if metric in found.values.get(part, {})
    }
    return {song: value for song, value in medians.items() if not np.isnan(value)}


def differences(
    scores: Mapping[str, BySong],
    other: str,
    protocol: Protocol,
    statistic: str,
    seed: int,
    metric: str = "SDR",
) -> list[Difference]:
    """Compare every method with one, song by song.

    Songs are drawn with replacement, the same for both methods, and the difference of the two
    figures is taken anew each time (Efron and Tibshirani, "An introduction to the bootstrap",
    1993: percentile interval). Windows of a song stay together.

    Parameters
    ----------
    scores : mapping of mapping of Scores
        By method and song.
    other : str
        The method to compare with.
    protocol : Protocol
    statistic : {"mean", "median"}
    seed : int
        The interval is the same for the same seed.
    metric : str

    Returns
    -------
    list of Difference
        For each other method, in the order given: percussive, harmonic, average. None for a
        method with fewer than two songs in common.
    """
    found = []
    for method in scores:
        if method == other:
            continue
        songs = sorted(
            set.intersection(
                *(set(song_figures(scores[m], p, metric)) for m in (method, other) for p in PARTS)
            )
        )
        if len(songs) < 2:  # nothing to draw from
            continue
        drawn = np.random.default_rng(seed).integers(0, len(songs), (RESAMPLES, len(songs)))
        gained = []
        for part in PARTS:
            of_method, of_other = (
                _columns(scores[name], songs, part, metric, protocol.pooled)
                for name in (method, other)
            )
            everything = np.arange(len(songs))[np.newaxis]
            gained.append(
                [
                    _resampled(of_method, draw, statistic) - _resampled(of_other, draw, statistic)
                    for draw in (everything, drawn)
                ]
            )
        gained.append([(p + h) / 2 for p, h in zip(*gained, strict=True)])
        for column, (whole, resampled) in zip((*PARTS, AVERAGE), gained, strict=True):
            low, high = np.percentile(resampled, [2.5, 97.5])
            ends = (float(whole[0]), float(low), float(high))
            found.append(Difference(method, other, column, *ends, len(songs)))
    return found


def _columns(scores: BySong, songs: Sequence[str], part: str, metric: str, pooled: bool) -> Values:
    """Gather what counts of each song. [shape=(songs, values)], filled up with NaN."""
    rows = [scores[song].values[part][metric] for song in songs]
    if not pooled:
        return np.array([[median(row)] for row in rows]).reshape(len(rows), 1)
    columns = np.full((len(rows), max((len(row) for row in rows), default=0)), np.nan)
    for place, row in enumerate(rows):
        columns[place, : len(row)] = row
    return columns


def _resampled(columns: Values, drawn: NDArray[np.int64], statistic: str) -> Values:
    """Give the statistic of each draw of songs. [shape=(draws,)]."""
    parts = []
    for first in range(0, len(drawn), _AT_ONCE):
        draws = columns[drawn[first : first + _AT_ONCE]]
        parts.append(_reduced(draws.reshape(len(draws), -1), statistic))
    return np.concatenate(parts)


def _reduced(rows: Values, statistic: str) -> Values:
    """Give the mean or median of each row, NaN left out; NaN for rows without anything else."""
    ordered = np.sort(rows, axis=1)  # NaN last
    counts = np.sum(~np.isnan(rows), axis=1)
    with np.errstate(invalid="ignore"):
        if statistic == "mean":
            result: Values = np.nansum(rows, axis=1) / counts
            return result
    if rows.shape[1] == 0:
        return np.full(len(rows), np.nan)
    places = np.arange(len(rows))
    lower = ordered[places, np.maximum(counts - 1, 0) // 2]
    upper = ordered[places, np.minimum(counts // 2, rows.shape[1] - 1)]
    middle: Values = (lower + upper) / 2
    return middle
