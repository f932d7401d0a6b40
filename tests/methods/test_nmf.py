import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import ticktone
from tests.support.sounds import music
from ticktone import Separator
from ticktone.methods.nmf import (
    NMF,
    Constraints,
    divergence_gradient,
    factorise,
    smoothness_gradient,
    sparseness_gradient,
)

SMALL = {"harmonic_components": 6, "percussive_components": 5, "iterations": 15}
SHORT = {**SMALL, "segment_seconds": 1.0}
NONE = Constraints(0, 0, 0, 0)


def test_every_option_changes_something():
    audio = music(4.5, 11_025, channels=1)
    plain = ticktone.separate(audio, 11_025, "nmf", **SMALL).percussive
    changes = {
        **{"harmonic_components": 7, "percussive_components": 7, "iterations": 20, "beta": 1.2},
        "extrapolate": False,
        **dict.fromkeys(Constraints._fields, 5.0),
        **{"segment_seconds": 1.0, "window_length": 256},
    }
    for name, value in changes.items():
        other = ticktone.separate(audio, 11_025, "nmf", **{**SMALL, name: value}).percussive
        assert not np.allclose(plain, other, atol=1e-4), name


@pytest.mark.parametrize(
    "options",
    [
        *({name: 0} for name in SMALL),
        *({name: -0.1} for name in Constraints._fields),
        *({"beta": 0.9}, {"beta": 2.1}, {"segment_seconds": 0.5}, {"window_length": 3}),
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        NMF(**options)


@pytest.mark.slow
def test_blocks_equal_the_whole_to_the_bit():
    audio = music(3.7, 22_050)
    whole = ticktone.separate(audio, 22_050, "nmf", **SHORT)
    blocks = Separator("nmf", block_frames=30, **SHORT).stream([audio], 22_050)
    for part, expected in zip(zip(*blocks, strict=True), whole, strict=True):
        assert len(part) > 1
        assert np.array_equal(np.concatenate(part, axis=-1), expected)


def test_a_segment_depends_on_itself_and_a_margin_only():
    audio = music(8.0, 22_050, channels=1)
    changed = audio.copy()
    changed[:, 7 * 22_050 :] *= 0.5
    one, other = (
        ticktone.separate(sound, 22_050, "nmf", **SHORT).percussive for sound in (audio, changed)
    )
    differ = np.flatnonzero(np.any(one != other, axis=0))
    assert 3.5 < differ[0] / 22_050 < 5  # the margin is 2 s long, and segments begin at seconds


def test_the_level_does_not_matter():
    audio = music(1.0, 22_050)
    loud = ticktone.separate(audio, 22_050, "nmf", **SMALL).percussive
    soft = ticktone.separate(audio / 2**14, 22_050, "nmf", **SMALL).percussive
    np.testing.assert_allclose(soft * 2**14, loud, atol=1e-4)
    assert abs(loud).max() > 0.1


def test_silence_stays_silent():
    parts = ticktone.separate(np.zeros(40_000), 22_050, "nmf", **SMALL)
    assert not np.any(parts)


@pytest.mark.parametrize("beta", [1.0, 1.5, 2.0])
def test_without_constraints_each_iteration_lowers_the_divergence(rng, beta):
    spectrogram = (0.1 + rng.random((20, 30))).astype(np.float32)
    found = []
    for iterations in range(0, 30, 3):
        parts = factorise(spectrogram, (3, 2), iterations, beta, NONE)
        found.append(divergence(spectrogram, sum(parts), beta))
    assert np.all(np.diff(found) < 0)


def test_sixty_extrapolated_iterations_come_further_than_a_hundred_plain_ones(rng):
    explained = rng.random((8, 60)).T @ rng.random((8, 90))
    spectrogram = (explained * rng.gamma(1, size=(60, 90)) + 1e-3).astype(np.float32)
    plain, extrapolated = (
        divergence(spectrogram, sum(factorise(spectrogram, (6, 6), count, 1.5, NONE, ahead)), 1.5)
        for count, ahead in ((100, False), (60, True))
    )
    assert extrapolated < plain


def test_matrix_products_take_as_many_threads_as_asked_for(monkeypatch):
    seen = []

    def spy(*arguments, **options):
        seen.append(
            {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
        )
        return factorise(*arguments, **options)

    monkeypatch.setattr(sys.modules[NMF.__module__], "factorise", spy)
    before = threadpool_info()
    audio = music(0.5, 8000, channels=1)
    found = [ticktone.separate(audio, 8000, "nmf", threads=n, **SMALL) for n in (None, 2)]
    assert seen == [{1}, {2}]
    assert threadpool_info() == before
    np.testing.assert_allclose(found[0].percussive, found[1].percussive, atol=1e-6)


@pytest.mark.parametrize("beta", [1.0, 1.5, 2.0])
def test_the_divergence_has_this_gradient(rng, beta):
    rows, others, data = (0.2 + rng.random(shape) for shape in ((3, 7), (3, 9), (7, 9)))
    plus, minus = divergence_gradient(rows, others, data, beta)
    expected = slope(lambda rows: divergence(data, rows.T @ others, beta), rows)
    np.testing.assert_allclose(plus - minus, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("gradient", "penalty"),
    [
        (smoothness_gradient, lambda x: np.sum(np.diff(x) ** 2 / mean_square(x))),
        (sparseness_gradient, lambda x: np.sum(x / np.sqrt(mean_square(x)))),
    ],
)
def test_constraints_have_these_gradients(rng, gradient, penalty):
    rows = 0.2 + rng.random((4, 12))
    plus, minus = gradient(rows)
    assert np.all(plus >= 0)
    assert np.all(minus >= 0)
    np.testing.assert_allclose(plus - minus, slope(penalty, rows), rtol=1e-4, atol=1e-5)


def mean_square(rows):
    return np.mean(rows**2, axis=-1, keepdims=True)


def divergence(data, explained, beta):
    """The beta divergence (Févotte and Idier 2011, equation 2)."""
    x, y = data.astype(np.float64), explained.astype(np.float64)
    if beta == 1:
        return np.sum(x * np.log(x / y) - x + y)
    return np.sum(
        (x**beta + (beta - 1) * y**beta - beta * x * y ** (beta - 1)) / (beta * (beta - 1))
    )


def slope(function, at, step=1e-6):
    """The gradient by differences."""
    found = np.empty_like(at)
    for place in np.ndindex(at.shape):
        aside = np.zeros_like(at)
        aside[place] = step
        found[place] = (function(at + aside) - function(at - aside)) / (2 * step)
    return found


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("samples", [1, 2, 50, 1000])
def test_short_recordings_are_no_cause_for_a_warning(samples):
    parts = ticktone.separate(music(0.1)[:, :samples], 44_100, "nmf")
    assert all(np.isfinite(part).all() for part in parts)
