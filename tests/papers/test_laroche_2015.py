"""Laroche, Kowalski, Papadopoulos, Richard, "A structured nonnegative matrix ...", EUSIPCO 2015."""

import numpy as np
import pytest

from tests.methods.test_nmf import divergence
from ticktone.methods.structured_nmf import _factors


@pytest.fixture
def spectrogram():
    """Lines along time that come and go, and along frequency, over a floor."""
    rng = np.random.default_rng(3)
    V = 0.02 + 0.01 * rng.random((60, 90))
    for row, (begin, end) in zip(
        (5, 12, 20, 33, 47), ((0, 40), (20, 80), (50, 90), (0, 90), (10, 60)), strict=True
    ):
        V[row, begin:end] += 1
    V[:, 8::15] += 0.5 * rng.random((60, 1)) + 0.3
    return V / V.mean()


@pytest.mark.parametrize("beta", [1.0, 1.5, 2.0])
def test_each_iteration_lowers_the_divergence(spectrogram, beta):
    found = []
    for iterations in range(0, 40, 4):
        W, P, G = _factors(spectrogram, (5, 3), iterations, beta)
        found.append(divergence(spectrogram, W @ (W.T @ spectrogram) + P @ G, beta))
    assert np.all(np.diff(found) < 0)


def test_the_tonal_spectra_are_nearly_orthogonal_and_the_transient_ones_are_not(spectrogram):
    W, P, _ = _factors(spectrogram, (5, 3), 200, 1.0)

    def overlap(spectra):
        unit = spectra / np.linalg.norm(spectra, axis=0)
        products = unit.T @ unit
        return products[~np.eye(len(products), dtype=bool)].mean()

    assert overlap(W) < 0.1
    assert overlap(P) > 2 * overlap(W)


def test_the_tonal_layer_is_sparse_in_frequency_and_the_transient_one_broadband(spectrogram):
    W, P, G = _factors(spectrogram, (5, 3), 200, 1.0)
    tonal, transient = W @ (W.T @ spectrogram), P @ G
    quiet = np.arange(60) % 15 == 1  # rows where nothing is tonal
    assert tonal[33].mean() > transient[33].mean()
    assert transient[quiet][:, 8::15].mean() > tonal[quiet][:, 8::15].mean()
