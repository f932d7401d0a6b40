"""FitzGerald, "Harmonic/percussive separation using median filtering", DAFx 2010."""

import numpy as np
import pytest

import ticktone
from ticktone.methods import methods


def energy_ratio(part, other):
    return 10 * np.log10(np.sum(part**2) / (np.sum(other**2) + 1e-20))


@pytest.mark.slow
@pytest.mark.parametrize("method", methods())
def test_a_steady_tone_is_harmonic(method):
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(2 * 44_100) / 44_100)
    parts = ticktone.separate(tone, 44_100, method)
    middle = slice(20_000, -20_000)  # where it begins and ends it is a click too
    least = 20 if method == "nmf" else 30  # a factorisation is stopped before it has converged
    assert energy_ratio(parts.harmonic[middle], parts.percussive[middle]) > least


@pytest.mark.parametrize("method", ["median", "hpr", "diffusion", "anisotropic"])  # not networks
def test_a_click_is_percussive(method):
    click = np.zeros(44_100)
    click[22_050] = 1
    parts = ticktone.separate(click, 44_100, method)
    assert energy_ratio(parts.percussive, parts.harmonic) > 30


def test_horizontal_and_vertical_lines_of_a_spectrogram():
    S = np.zeros((64, 64))
    S[20, :] = 1  # rings
    S[:, 40] = 1  # hits
    harmonic, percussive = ticktone.hpss(S=S, kernel_size=17)
    assert harmonic[20, 10] == pytest.approx(1)
    assert percussive[50, 40] == pytest.approx(1)
    assert percussive[20, 10] == harmonic[50, 40] == 0


def test_soft_masks_follow_the_papers_equation(rng):
    S = rng.random((40, 50))
    mask_h, mask_p = ticktone.hpss(S=S, kernel_size=17, power=2, mask=True)
    np.testing.assert_allclose(mask_h + mask_p, 1)
    hard_h, hard_p = ticktone.hpss(S=S, kernel_size=17, power=np.inf, mask=True)
    assert set(np.unique(hard_h)) == set(np.unique(hard_p)) == {0.0, 1.0}
    assert np.array_equal(hard_h > 0.5, mask_h > 0.5)
