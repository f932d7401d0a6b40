"""Figures of a table from the scores of songs, and intervals of figures and differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ticktone.evaluation.intervals import margin_of_mean, margin_of_resampled
from ticktone.evaluation.protocols import Protocol
from ticktone.evaluation.scores import Scores, Values, median
from ticktone.parts import SOURCES

AVERAGE = "average"
RESAMPLES = 10_000
_AT_ONCE = 500  # resamples; bounds the memory

ScoresBySong = Mapping[str, Scores]  # a method's scores


@dataclass(frozen=True)
class Difference:
    """By how much one method's figure exceeds another's.

    Parameters
    ----------
    method, other : str
    column : str
        "harmonic", "percussive" or "average".
    difference, low, high : float
        dB; the ends are those of a 95 % interval over songs.
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


def figure(scores: ScoresBySong, part: str, metric: str, statistic: str, pooled: bool) -> float:
    """Compute one figure of the table.

    Parameters
    ----------
    scores : mapping of Scores
        By song.
    part : {"harmonic", "percussive", "average"}
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
        return float(np.mean([figure(scores, p, metric, statistic, pooled) for p in SOURCES]))
    columns = _columns(scores, list(scores), part, metric, pooled)
    return float(_reduced(columns.reshape(1, -1), statistic)[0])


def song_medians(scores: ScoresBySong, part: str, metric: str) -> dict[str, float]:
    """Compute the median over windows of each song that has a score, dB, by song."""
    medians = {
        song: median(found.values[part][metric])
        for song, found in scores.items()
        if metric in found.values.get(part, {})
    }
    return {song: value for song, value in medians.items() if not np.isnan(value)}


@dataclass(frozen=True)
class Interval:
    """A figure of one method, and how far it may be off by the choice of songs.

    Parameters
    ----------
    figure, low, high : float
        dB; the ends are those of a 95 % interval over songs.
    songs : int
    """

    figure: float
    low: float
    high: float
    songs: int


def interval(
    scores: ScoresBySong, protocol: Protocol, statistic: str, seed: int, metric: str = "SDR"
) -> dict[str, Interval]:
    """Compute the figures of one method with their intervals.

    Parameters
    ----------
    scores : mapping of Scores
        By song.
    protocol : Protocol
    statistic : {"mean", "median"}
    seed : int
        Of the bootstrap, where there is one; see `differences`.
    metric : str

    Returns
    -------
    dict of str to Interval
        "harmonic", "percussive" and "average"; empty where fewer than two songs have a score.
    """
    songs = _common_songs([scores], metric)
    if len(songs) < 2:
        return {}
    parts = [[_columns(scores, songs, part, metric, protocol.pooled)] for part in SOURCES]
    estimates = _estimates(parts, protocol, statistic, seed)
    return {
        column: Interval(*found, len(songs))
        for column, found in zip((*SOURCES, AVERAGE), estimates, strict=True)
    }


def differences(
    scores: Mapping[str, ScoresBySong],
    other: str,
    protocol: Protocol,
    statistic: str,
    seed: int,
    metric: str = "SDR",
) -> list[Difference]:
    """Compare every method with one, song by song.

    The interval of a mean over songs is Student's, of the differences of the songs. For medians
    and pooled windows, songs are drawn with replacement, the same for both methods, and the
    difference of the two figures is taken anew each time; the standard error of these takes the
    place of the mean's. Windows of a song stay together.

    Parameters
    ----------
    scores : mapping of mapping of Scores
        By method and song.
    other : str
        The method to compare with.
    protocol : Protocol
    statistic : {"mean", "median"}
    seed : int
        Of the draws; the interval is the same for the same seed.
    metric : str

    Returns
    -------
    list of Difference
        For each other method, in the order given: harmonic, percussive, average. None for a
        method with fewer than two songs in common.
    """
    found = []
    for method in scores:
        if method == other:
            continue
        songs = _common_songs([scores[method], scores[other]], metric)
        if len(songs) < 2:  # nothing to tell a spread by
            continue
        parts = [
            [
                _columns(scores[name], songs, part, metric, protocol.pooled)
                for name in (method, other)
            ]
            for part in SOURCES
        ]
        estimates = _estimates(parts, protocol, statistic, seed)
        for column, ends in zip((*SOURCES, AVERAGE), estimates, strict=True):
            found.append(Difference(method, other, column, *ends, len(songs)))
    return found


def _common_songs(scores: Sequence[ScoresBySong], metric: str) -> list[str]:
    """Return the songs that have a score for both parts in all of these."""
    sets = [set(song_medians(found, part, metric)) for found in scores for part in SOURCES]
    return sorted(set.intersection(*sets))


def _estimates(
    parts: Sequence[Sequence[Values]], protocol: Protocol, statistic: str, seed: int
) -> list[tuple[float, float, float]]:
    """Compute the figure and the ends of its interval for each part, and for the parts' mean.

    Parameters
    ----------
    parts : sequence of sequence of ndarray [shape=(songs, values)]
        For each part, what counts of each song by one method; or by two, whose difference is
        taken.
    """
    songs = len(parts[0][0])

    def figures(draws: NDArray[np.int64]) -> list[Values]:
        found = [_difference([_resampled(c, draws, statistic) for c in part]) for part in parts]
        return [*found, sum(found, np.zeros(len(draws))) / len(found)]

    whole = [float(found[0]) for found in figures(np.arange(songs)[np.newaxis])]
    if statistic == "mean" and not protocol.pooled:
        values = [_difference([columns[:, 0] for columns in part]) for part in parts]
        values.append(sum(values, np.zeros(songs)) / len(values))
        margins = [margin_of_mean(each) for each in values]
    else:
        drawn = np.random.default_rng(seed).integers(0, songs, (RESAMPLES, songs))
        margins = [margin_of_resampled(each, songs) for each in figures(drawn)]
    return [
        (centre, centre - margin, centre + margin)
        for centre, margin in zip(whole, margins, strict=True)
    ]


def _difference(values: Sequence[Values]) -> Values:
    """Return the one value, or the first of two minus the second."""
    return values[0] if len(values) == 1 else values[0] - values[1]


def _columns(
    scores: ScoresBySong, songs: Sequence[str], part: str, metric: str, pooled: bool
) -> Values:
    """Return what counts of each song. [shape=(songs, values)], filled up with NaN."""
    rows = [scores[song].values[part][metric] for song in songs]
    if not pooled:
        return np.array([[median(row)] for row in rows]).reshape(len(rows), 1)
    columns = np.full((len(rows), max((len(row) for row in rows), default=0)), np.nan)
    for index, row in enumerate(rows):
        columns[index, : len(row)] = row
    return columns


def _resampled(columns: Values, drawn: NDArray[np.int64], statistic: str) -> Values:
    """Compute the statistic of each draw of songs. [shape=(draws,)]."""
    parts = []
    for first in range(0, len(drawn), _AT_ONCE):
        draws = columns[drawn[first : first + _AT_ONCE]]
        parts.append(_reduced(draws.reshape(len(draws), -1), statistic))
    return np.concatenate(parts)


def _reduced(rows: Values, statistic: str) -> Values:
    """Compute the mean or median of each row, NaN left out; NaN for rows of nothing else."""
    ordered = np.sort(rows, axis=1)  # NaN last
    counts = np.sum(~np.isnan(rows), axis=1)
    with np.errstate(invalid="ignore"):
        if statistic == "mean":
            result: Values = np.nansum(rows, axis=1) / counts
            return result
    if rows.shape[1] == 0:
        return np.full(len(rows), np.nan)
    each = np.arange(len(rows))
    lower = ordered[each, np.maximum(counts - 1, 0) // 2]
    upper = ordered[each, np.minimum(counts // 2, rows.shape[1] - 1)]
    middle: Values = (lower + upper) / 2
    return middle
