import numpy as np
import pytest

from ticktone.evaluation.figures import differences, figure, interval, song_medians
from ticktone.evaluation.protocols import find_protocol
from ticktone.evaluation.scores import Scores

SDR, DROSSOS = find_protocol("sdr"), find_protocol("drossos2018")


def song(percussive, harmonic=(0.0,)):
    parts = {"percussive": percussive, "harmonic": harmonic}
    return Scores({p: {"SDR": np.array(v, float)} for p, v in parts.items()}, 1, 1)


THREE = {
    "a": song([1, 2, 9, np.nan], [4]),
    "b": song([5], [6]),
    "c": song([np.nan, np.nan], [np.nan]),
}


@pytest.mark.parametrize(
    ("statistic", "pooled", "wanted"),
    [
        ("mean", False, 3.5),  # of 2 and 5
        ("median", False, 3.5),
        ("mean", True, 4.25),  # of 1, 2, 9 and 5
        ("median", True, 3.5),
    ],
)
def test_figures_by_hand(statistic, pooled, wanted):
    assert figure(THREE, "percussive", "SDR", statistic, pooled) == pytest.approx(wanted)
    assert figure(THREE, "harmonic", "SDR", statistic, pooled) == 5
    assert figure(THREE, "average", "SDR", statistic, pooled) == pytest.approx((wanted + 5) / 2)


@pytest.mark.parametrize("statistic", ["mean", "median"])
@pytest.mark.parametrize("pooled", [True, False])
def test_nothing_scored_is_no_figure(statistic, pooled):
    for scores in ({}, {"c": THREE["c"]}):
        assert np.isnan(figure(scores, "percussive", "SDR", statistic, pooled))


def test_songs_count_by_the_median_of_their_windows():
    assert song_medians(THREE, "percussive", "SDR") == {"a": 2, "b": 5}
    assert song_medians(THREE, "percussive", "SIR") == {}


def many(rng, gain=0.0):
    base = rng.normal(5, 3, 40)
    return {
        name: {str(n): song([x + extra], [2 * (x + extra)]) for n, x in enumerate(base)}
        for name, extra in (("one", 0.0), ("other", gain))
    }


@pytest.mark.parametrize("protocol", [SDR, DROSSOS], ids=lambda p: p.name)
@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_a_difference_that_every_song_shows_is_sure(rng, protocol, statistic):
    h, p, average = differences(many(rng, 0.5), "one", protocol, statistic, seed=0)
    assert [d.column for d in (h, p, average)] == ["harmonic", "percussive", "average"]
    for found, wanted in ((p, 0.5), (h, 1.0), (average, 0.75)):
        assert (found.method, found.other, found.songs) == ("other", "one", 40)
        assert (found.difference, found.low, found.high) == pytest.approx((wanted,) * 3)


@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_the_interval_is_that_of_theory_and_depends_on_the_seed_alone(rng, statistic):
    gains = rng.normal(1, 2, 50)
    scores = {
        "one": {str(n): song([3], [0]) for n in range(50)},
        "other": {str(n): song([3 + g], [0]) for n, g in enumerate(gains)},
    }
    (_, found, _), (_, again, _), (_, another, _) = (
        differences(scores, "one", SDR, statistic, seed) for seed in (0, 0, 1)
    )
    assert found == again
    assert (found == another) == (statistic == "mean")  # which needs no bootstrap
    if statistic == "mean":
        assert found.difference == pytest.approx(gains.mean())
        error = gains.std(ddof=1) / np.sqrt(50)
        assert found.low == pytest.approx(gains.mean() - 2.0096 * error, abs=1e-3 * error)
        assert found.high == pytest.approx(gains.mean() + 2.0096 * error, abs=1e-3 * error)
    else:
        assert found.low < found.difference < found.high


def test_two_songs_are_not_sure_of_what_both_show():
    scores = {
        "one": {"a": song([1]), "b": song([1])},
        "other": {"a": song([1.1]), "b": song([2.0])},
    }
    _, found, _ = differences(scores, "one", SDR, "mean", 0)
    assert found.low < 0 < found.high  # the bootstrap's percentiles were 0.1 and 1.0


@pytest.mark.parametrize("protocol", [SDR, DROSSOS], ids=lambda p: p.name)
def test_a_methods_own_figures_have_intervals_too(rng, protocol):
    scores = many(rng)["one"]
    found = interval(scores, protocol, protocol.statistic, 0)
    assert list(found) == ["harmonic", "percussive", "average"]
    for part in ("harmonic", "percussive"):
        wanted = figure(scores, part, "SDR", protocol.statistic, protocol.pooled)
        assert found[part].figure == pytest.approx(wanted)
        assert found[part].low < wanted < found[part].high
        assert found[part].songs == 40
    assert interval({"a": song([1])}, protocol, protocol.statistic, 0) == {}


def test_songs_that_one_method_lacks_are_left_out_of_the_pair():
    scores = {
        "one": {"a": song([1]), "b": song([2]), "c": song([3])},
        "other": {"a": song([2]), "b": song([3]), "c": song([np.nan])},
    }
    assert {d.songs for d in differences(scores, "one", SDR, "mean", 0)} == {2}
    del scores["other"]["b"]
    assert differences(scores, "one", SDR, "mean", 0) == []
