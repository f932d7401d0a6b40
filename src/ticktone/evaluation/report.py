"""What is told of an evaluation: the table, and beneath it what was left out and what is sure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ticktone.evaluation.estimators import CEILING, FLOOR, PARTS, Estimator
from ticktone.evaluation.figures import AVERAGE, Difference, differences, figure, song_figures
from ticktone.evaluation.protocols import Protocol
from ticktone.evaluation.run import Outcome
from ticktone.evaluation.scores import Scores
from ticktone.evaluation.table import Column, Row, Table

WAY = "% of way"  # from the floor to the ceiling


@dataclass
class Report:
    """Gathers outcomes.

    Parameters
    ----------
    protocol : Protocol
    estimators : sequence of Estimator
    statistic : {"mean", "median"}
    seed : int
        Of the bootstrap.
    """

    protocol: Protocol
    estimators: Sequence[Estimator]
    statistic: str
    seed: int = 0
    scores: dict[str, dict[str, Scores]] = field(default_factory=dict)
    silent: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kept: int = 0

    def add(self, outcome: Outcome) -> None:
        """Take note of what became of a task."""
        if outcome.silent:
            self.silent[outcome.song] = outcome.silent
        if outcome.scores is not None:
            self.scores.setdefault(outcome.label, {})[outcome.song] = outcome.scores
            self.kept += outcome.kept

    def table(self) -> Table:
        """Make the table, floor first and ceiling last."""
        found = {e.label: self.scores.get(e.label, {}) for e in self.estimators}
        with_way = self.protocol.bss_eval is None
        columns, figures = [], []
        for part in (*PARTS, AVERAGE):
            for metric in self.protocol.shown:
                columns.append(Column(part, metric))
                figures.append([self._figure(found[label], part, metric) for label in found])
            if with_way:
                sdr = dict(zip(found, figures[-len(self.protocol.shown)], strict=True))
                columns.append(Column(part, WAY, digits=0))
                figures.append([_way(sdr, label) for label in found])
        rows = [
            Row(e.label, tuple(values), ranked=not e.is_end)
            for e, values in zip(self.estimators, zip(*figures, strict=True), strict=True)
        ]
        return Table(tuple(columns), tuple(rows))

    def _figure(self, scores: Mapping[str, Scores], part: str, metric: str) -> float:
        pooled = self.protocol.pooled
        return figure(scores, part, metric, self.statistic, pooled)

    def notes(self) -> list[str]:
        """Say in lines of text what the figures are, what was left out, and what is sure."""
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
        return lines + self._differences()

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
        return {song for part in PARTS for song in song_figures(found, part, "SDR")}

    def _differences(self) -> list[str]:
        ours = [e.label for e in self.estimators if not e.is_end and e.label in self.scores]
        if len(ours) < 2:
            return []
        chosen = {label: self.scores[label] for label in ours}
        found = differences(chosen, ours[0], self.protocol, self.statistic, self.seed)
        if not found:
            return []
        lines = [f"SDR above that of {ours[0]}, with 95 % bootstrap intervals over songs:"]
        width = max(len(label) for label in ours)
        for label in ours[1:]:
            told = [_told(difference) for difference in found if difference.method == label]
            lines += [f"  {label.ljust(width)}  " + ", ".join(told)] if told else []
        return lines


def _songs(count: int) -> str:
    return "1 song" if count == 1 else f"{count} songs"


def _told(found: Difference) -> str:
    sure = "" if found.low > 0 or found.high < 0 else " (not sure)"
    return f"{found.column} {found.difference:+.2f} [{found.low:+.2f}, {found.high:+.2f}]{sure}"


def _way(figures: Mapping[str, float], label: str) -> float:
    floor, ceiling = figures[FLOOR], figures[CEILING]
    if ceiling == floor:
        return float("nan")
    return 100 * (figures[label] - floor) / float(np.subtract(ceiling, floor))
