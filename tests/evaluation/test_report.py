"""What is told beneath the table."""

import numpy as np
import pytest

from ticktone.evaluation.estimators import choose
from ticktone.evaluation.protocols import find_protocol
from ticktone.evaluation.report import Report
from ticktone.evaluation.run import EvaluationResult
from ticktone.evaluation.scores import Scores
from ticktone.parts import SOURCES

NAN = np.nan


def report(protocol, songs):
    """Make a report of one method, of whose songs this is the SDR; other metrics are as high."""
    found = find_protocol(protocol)
    made = Report(found, choose([("median", {})]), found.statistic)
    for name, values in songs.items():
        for label in ("gain", "median", "oracle"):
            metrics = {metric: np.array(values, float) for metric in found.shown}
            scores = Scores(dict.fromkeys(SOURCES, metrics), found.window, found.hop)
            made.add(EvaluationResult(name, label, scores))
    return made


SONGS = {"long": [1, 2, 3, 4, 5, NAN], "short": [100]}


@pytest.mark.parametrize(("protocol", "wanted"), [("drossos2018", 3.5), ("lordelo2019", 51.5)])
def test_windows_are_pooled_or_songs_count_alike(protocol, wanted):
    # the median of 1, 2, 3, 4, 5 and 100, or the mean of 3 and 100
    found = report(protocol, SONGS)
    assert found.table().rows[1].figures == pytest.approx([wanted] * 9)
    assert "median: 1 of 7 windows have no score" in "\n".join(found.notes())


def test_a_metric_without_a_value_is_counted_too():
    found = report("sdr", {"one": [4], "two": [0]})
    scores = found.scores["median"]["two"]
    for metrics in scores.values.values():
        metrics["SI-SDR"] = np.array([NAN])  # as of a silent estimate, whose SDR is 0
    assert found.table().rows[1].figures[:2] == (2, 4)
    assert found.notes()[1] == "median: 1 of 2 windows have no finite SI-SDR."


@pytest.mark.parametrize(("songs", "warned"), [(9, True), (10, False)])
def test_few_songs_are_warned_of(songs, warned):
    found = report("sdr", {str(n): [n] for n in range(songs)})
    notes = "\n".join(found.notes())
    assert f"median  percussive {(songs - 1) / 2:.2f} [" in notes
    assert ("Only 9 songs: take 10 or more" in notes) == warned
