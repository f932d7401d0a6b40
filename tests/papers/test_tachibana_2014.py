"""Tachibana, Ono, Kameoka, Sagayama, "... based on anisotropic smoothness ...", TASLP 2014."""

import numpy as np
import pytest

from ticktone.methods.anisotropic import Anisotropic, smooth

C, WEIGHT, REACH = 0.3, 2.0, 3


def roughness(values, axis):
    """The mean over q of the squared steps over 1 to REACH bins, zeros outside. Summed."""
    along = np.moveaxis(values, axis, -1)
    padded = np.pad(along, [(0, 0)] * (along.ndim - 1) + [(REACH, REACH)])
    steps = [
        np.sum((padded[..., q:] - padded[..., : padded.shape[-1] - q]) ** 2)
        for q in range(1, REACH + 1)
    ]
    return sum(steps) / REACH


def divergence(power, explained):
    return np.sum(power * np.log(power / explained) - power + explained)


@pytest.fixture
def spectrogram(rng):
    return 0.1 + rng.random((1, 30, 40))


def test_each_iteration_lowers_the_objective_of_the_divergence(spectrogram):
    found = []
    for iterations in range(0, 40, 2):
        H, P = smooth(spectrogram, "divergence", iterations, REACH, WEIGHT, C)
        smoothness = roughness(H, -1) + WEIGHT * roughness(P, -2)
        found.append(smoothness + C * divergence(spectrogram**2, H**2 + P**2))
    assert np.all(np.diff(found) < 0)


def test_each_iteration_lowers_the_roughness_under_the_exact_constraints(spectrogram):
    for constraint, weight in (("quadratic", 1.0), ("linear", 1.0), ("linear", WEIGHT)):
        found = []
        for iterations in range(1, 20, 2):  # the halves that it begins with do not obey "quadratic"
            H, P = smooth(spectrogram, constraint, iterations, REACH, weight)
            found.append(roughness(H, -1) + weight * roughness(P, -2))
        assert np.all(np.diff(found) < 0), constraint


def test_the_constraints_hold_exactly(spectrogram):
    H, P = smooth(spectrogram, "quadratic", 9, REACH)
    np.testing.assert_allclose(H**2 + P**2, spectrogram**2)
    H, P = smooth(spectrogram, "linear", 9, REACH)
    np.testing.assert_allclose(H + P, spectrogram)
    assert H.min() >= 0
    assert P.min() >= 0


def test_one_iteration_follows_the_updating_equations(spectrogram):
    W = spectrogram
    t, f = 20, 15
    around_t = [*range(t - REACH, t), *range(t + 1, t + REACH + 1)]
    around_f = [*range(f - REACH, f), *range(f + 1, f + REACH + 1)]
    h, p, w = W[0, f, around_t].mean() / 2, W[0, around_f, t].mean() / 2, W[0, f, t]
    H, P = smooth(W, "divergence", 1, REACH, WEIGHT, C)
    half = w**2 / 2  # theta begins as one half
    assert H[0, f, t] == pytest.approx((h + np.sqrt(h**2 + (2 + C) * C * half)) / (2 + C))
    c = C / WEIGHT
    assert P[0, f, t] == pytest.approx((p + np.sqrt(p**2 + (2 + c) * c * half)) / (2 + c))
    H, P = smooth(W, "quadratic", 1, REACH)
    assert H[0, f, t] == pytest.approx(w * h / np.hypot(h, p))
    H, P = smooth(W, "linear", 1, REACH)
    assert H[0, f, t] == pytest.approx(np.clip((h + w - p) / 2, 0, w))


@pytest.mark.parametrize("constraint", ["divergence", "quadratic", "linear"])
def test_lines_along_time_are_harmonic_and_lines_along_frequency_percussive(constraint):
    magnitude = np.full((1, 80, 80), 1e-3, np.float32)
    magnitude[0, 20] = magnitude[0, :, 40] = 1
    (stage,) = Anisotropic(constraint=constraint).stages(16_000)
    harmonic, percussive = stage.divide(magnitude)
    assert np.all(harmonic[0, 20, :30] == 1)
    assert np.all(percussive[0, 30:, 40] == 1)


def test_frames_and_defaults_of_the_authors_code():
    (stage,) = Anisotropic().stages(16_000)
    assert (stage.stft.size, stage.stft.hop_length) == (512, 256)
    assert stage.context == 30 * 10
    (stage,) = Anisotropic().stages(44_100)
    assert stage.stft.size == 1024
    long, short = Anisotropic(two_windows=True).stages(16_000)
    assert long.stft.size > short.stft.size == 512
