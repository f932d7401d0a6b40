"""Ono et al., "Separation ... by complementary diffusion on spectrogram", EUSIPCO 2008."""

import numpy as np

from ticktone.methods.diffusion import Diffusion, diffuse


def objective(harmonic, percussive, alpha):
    """Equation 4, with sigma_P^2 / (sigma_H^2 + sigma_P^2) = alpha, up to a factor."""
    along_time = np.sum(np.diff(harmonic, axis=-1) ** 2)
    along_frequency = np.sum(np.diff(percussive, axis=-2) ** 2)
    return alpha * along_time + (1 - alpha) * along_frequency


def test_each_iteration_lowers_the_objective(rng):
    W = rng.random((1, 40, 50))
    for alpha in (0.1, 0.3, 0.8):
        found = []
        for iterations in range(0, 40, 4):
            harmonic = diffuse(W, alpha, iterations)
            found.append(objective(harmonic, W - harmonic, alpha))
        assert np.all(np.diff(found) < 0)


def test_the_two_parts_stay_within_the_spectrogram(rng):
    W = rng.random((2, 30, 30))
    harmonic = diffuse(W, 0.3, 50)
    assert np.all(harmonic >= 0)
    assert np.all(harmonic <= W)


def test_one_iteration_follows_the_update_rule():
    W = np.zeros((1, 3, 3), np.float32)
    W[0, 1, 1] = 1.0
    alpha = 0.3
    # H = P = W/2: the second differences at the centre are -1 along either axis
    centre = 0.5 + alpha / 4 * (-1) - (1 - alpha) / 4 * (-1)
    assert np.isclose(diffuse(W, alpha, 1)[0, 1, 1], centre)


def test_each_bin_goes_to_one_part_whole(rng):
    magnitude = rng.random((1, 65, 80)).astype(np.float32)
    (stage,) = Diffusion(iterations=10).stages(44_100)
    harmonic, percussive = stage.divide(magnitude)
    assert np.array_equal(harmonic + percussive, magnitude)
    assert np.all((harmonic == 0) | (percussive == 0))
