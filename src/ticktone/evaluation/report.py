"""The report of an evaluation: the table, and notes on what was left out and what is sure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ticktone.evaluation.estimators import CEILING, FLOOR, EstimatorSpec
from ticktone.evaluation.figures import (
    AVERAGE,
    Difference,
    Interval,
    differences,
    figure,
    interval,
    song_medians,
)
from ticktone.evaluation.intervals import FEW
from ticktone.evaluation.protocols import Protocol
from ticktone.evaluation.run import EvaluationResult
from ticktone.evaluation.scores import Scores
from ticktone.evaluation.table import SHOWN, Column, Row, Table
from ticktone.parts import SOURCES

WAY = "% of way"  # from the floor to the ceiling


@dataclass
class Report:
    """Collects results, and makes table and notes of them.

    Parameters
    ----------
    protocol : Protocol
    estimators : sequence of EstimatorSpec
    statistic : {"mean", "median"}
    seed : int
        Of the bootstrap.
    """

    protocol: Protocol
    estimators: Sequence[EstimatorSpec]
    statistic: str
    seed: int = 0
    scores: dict[str, dict[str, Scores]] = field(default_factory=dict)
    silent: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kept: int = 0

    def add(self, result: EvaluationResult) -> None:
        """Add the result of a task."""
        if result.silent:
            self.silent[result.song] = result.silent
        if result.scores is not None:
            self.scores.setdefault(result.label, {})[result.song] = result.scores
            self.kept += result.kept

    def table(self) -> Table:
        """Return the table, floor first and ceiling last."""
        found = {e.label: self.scores.get(e.label, {}) for e in self.estimators}
        with_way = self.protocol.bss_eval is None
        columns, figures = [], []
        for part in (*SHOWN, AVERAGE):
            for metric in self.protocol.shown:
                columns.append(Column(part, metric))
                figures.append([self._figure(found[label], part, metric) for label in found])
            if with_way:
                sdr = dict(zip(found, figures[-len(self.protocol.shown)], strict=True))
                columns.append(Column(part, WAY, digits=0))
                figures.append([_way(sdr, label) for label in found])
        rows = [
            Row(e.label, tuple(values), ranked=not e.is_bound)
            for e, values in zip(self.estimators, zip(*figures, strict=True), strict=True)
        ]
        return Table(tuple(columns), tuple(rows))

    def _figure(self, scores: Mapping[str, Scores], part: str, metric: str) -> float:
        pooled = self.protocol.pooled
        return figure(scores, part, metric, self.statistic, pooled)

    def notes(self) -> list[str]:
        """Return lines of text: what the figures are, what was left out, and what is sure."""
        over = "windows of all songs, pooled" if self.protocol.pooled else "songs"
        counts = {e.label: len(self._scored(e.label)) for e in self.estimators}
        most = max(counts.values(), default=0)
        lines = [f"{self.protocol.name}: dB, {self.statistic} over {over}; {_songs(most)}."]
        lines += [
            f"{label}: {_songs(count)} only." for label, count in counts.items() if count < most
        ]
        for label in counts:
            lines += self._unscored(label)
        if self.silent:
            named = ", ".join(f"{s} ({' and '.join(p)})" for s, p in sorted(self.silent.items()))
            lines.append(f"Not scored, as a source is silent throughout: {named}.")
        return lines + self._intervals()

    def _unscored(self, label: str) -> list[str]:
        """Count the windows that a method's figures lack."""
        found = self.scores.get(label, {}).values()
        windows = sum(scores.windows for scores in found)
        missing = {m: sum(s.unscored(m) for s in found) for m in self.protocol.shown}
        silent = missing.pop("SDR")
        lines = []
        if silent:
            lines.append(
                f"{label}: {silent} of {windows} windows have no score, as a source or an "
                "estimate is silent in them."
            )
        return lines + [
            f"{label}: {count} of {windows} windows have no finite {metric}."
            for metric, count in missing.items()
            if count > silent
        ]

    def _scored(self, label: str) -> set[str]:
        found = self.scores.get(label, {})
        return {song for part in SOURCES for song in song_medians(found, part, "SDR")}

    def _intervals(self) -> list[str]:
        """Return the methods' SDR, and their differences from the first one's, with intervals."""
        methods = [e.label for e in self.estimators if not e.is_bound and e.label in self.scores]
        how = (self.protocol, self.statistic, self.seed)
        own = {label: interval(self.scores[label], *how) for label in methods}
        own = {label: found for label, found in own.items() if found}
        if not own:
            return []
        width = max(map(len, own))
        lines = ["SDR with 95 % intervals over songs:"]
        lines += [f"  {label.ljust(width)}  {_own(found)}" for label, found in own.items()]
        first = methods[0]
        found = differences({label: self.scores[label] for label in methods}, first, *how)
        if found:
            lines.append(f"SDR above that of {first}, song by song, with 95 % intervals:")
        for label in methods[1:]:
            by_column = {d.column: _difference(d) for d in found if d.method == label}
            columns = ", ".join(by_column[column] for column in _COLUMNS if column in by_column)
            lines += [f"  {label.ljust(width)}  {columns}"] if columns else []
        songs = min(found.songs for each in own.values() for found in each.values())
        if songs < FEW:
            lines.append(
                f"Only {_songs(songs)}: take {FEW} or more before believing an interval, and no "
                "choice by less than one."
            )
        return lines


_COLUMNS = (*SHOWN, AVERAGE)


def _songs(count: int) -> str:
    return "1 song" if count == 1 else f"{count} songs"


def _own(found: Mapping[str, Interval]) -> str:
    parts = [(column, found[column]) for column in _COLUMNS]
    return ", ".join(f"{c} {i.figure:.2f} [{i.low:.2f}, {i.high:.2f}]" for c, i in parts)


def _difference(found: Difference) -> str:
    sure = "" if found.low > 0 or found.high < 0 else " (not sure)"
    return f"{found.column} {found.difference:+.2f} [{found.low:+.2f}, {found.high:+.2f}]{sure}"


def _way(figures: Mapping[str, float], label: str) -> float:
    floor, ceiling = figures[FLOOR], figures[CEILING]
    if ceiling == floor:
        return float("nan")
    return 100 * (figures[label] - floor) / float(np.subtract(ceiling, floor))
