import numpy as np
import pytest

from ticktone.evaluation.figures import differences, figure, song_medians
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
    p, h, average = differences(many(rng, 0.5), "one", protocol, statistic, seed=0)
    assert [d.column for d in (p, h, average)] == ["percussive", "harmonic", "average"]
    for found, wanted in ((p, 0.5), (h, 1.0), (average, 0.75)):
        assert (found.method, found.other, found.songs) == ("other", "one", 40)
        assert (found.difference, found.low, found.high) == pytest.approx((wanted,) * 3)


def test_the_interval_is_that_of_theory_and_depends_on_the_seed_alone(rng):
    gains = rng.normal(1, 2, 50)
    scores = {
        "one": {str(n): song([3]) for n in range(50)},
        "other": {str(n): song([3 + g]) for n, g in enumerate(gains)},
    }
    (found, *_), (again, *_), (another, *_) = (
        differences(scores, "one", SDR, "mean", seed) for seed in (0, 0, 1)
    )
    assert found == again
    assert found != another
    assert found.difference == pytest.approx(gains.mean())
    error = gains.std() / np.sqrt(50)
    assert found.low == pytest.approx(gains.mean() - 1.96 * error, abs=0.1 * error)
    assert found.high == pytest.approx(gains.mean() + 1.96 * error, abs=0.1 * error)


def test_songs_that_one_method_lacks_are_left_out_of_the_pair():
    scores = {
        "one": {"a": song([1]), "b": song([2]), "c": song([3])},
        "other": {"a": song([2]), "b": song([3]), "c": song([np.nan])},
    }
    assert {d.songs for d in differences(scores, "one", SDR, "mean", 0)} == {2}
    del scores["other"]["b"]
    assert differences(scores, "one", SDR, "mean", 0) == []
