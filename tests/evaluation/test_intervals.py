"""Intervals that hold the truth as often as they say, for few songs too."""

import doctest

import numpy as np
import pytest

from ticktone.evaluation import intervals
from ticktone.evaluation.intervals import margin_of_mean, margin_of_resampled


@pytest.mark.parametrize("songs", [2, 3, 6, 10, 30])
def test_the_interval_of_a_mean_holds_the_truth_19_times_in_20(rng, songs):
    drawn = rng.normal(1, 2, (4000, songs))
    held = [abs(values.mean() - 1) <= margin_of_mean(values) for values in drawn]
    assert np.mean(held) == pytest.approx(0.95, abs=0.012)  # 3.5 standard errors


@pytest.mark.parametrize("songs", [2, 3, 6, 10])
def test_the_interval_of_a_median_holds_the_truth_at_least_so_often(rng, songs):
    held = []
    for values in rng.normal(0, 1, (400, songs)):
        draws = values[rng.integers(0, songs, (300, songs))]
        margin = margin_of_resampled(np.median(draws, axis=1), songs)
        held.append(abs(np.median(values)) <= margin)
    assert np.mean(held) >= 0.91  # 0.95 but for 3.5 standard errors


def test_a_bootstrap_of_means_gives_the_interval_of_the_mean(rng):
    values = rng.normal(0, 1, 8)
    means = values[rng.integers(0, 8, (20_000, 8))].mean(axis=1)
    assert margin_of_resampled(means, 8) == pytest.approx(margin_of_mean(values), rel=0.03)


def test_higher_levels_are_wider_and_one_song_has_none():
    values = np.array([1.0, 2.0, 4.0])
    assert margin_of_mean(values, 0.99) > margin_of_mean(values) > margin_of_mean(values, 0.5)
    with pytest.raises(ValueError, match="at least two songs, not 1"):
        margin_of_mean(values[:1])


def test_the_example_runs():
    result = doctest.testmod(intervals)
    assert (result.attempted, result.failed) == (1, 0)
