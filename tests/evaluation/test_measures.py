import math

import numpy as np
import pytest

from ticktone.evaluation.measures import sdr, si_sdr


def test_sdr_by_hand():
    source = np.array([3.0, 4.0], np.float32)
    assert sdr(source, np.array([3.0, 3.5], np.float32)) == pytest.approx(20)
    assert sdr(source, np.zeros(2, np.float32)) == 0
    assert math.isnan(sdr(np.zeros(2, np.float32), source))
    assert sdr(source, source) == math.inf


def test_si_sdr_by_hand():
    source = np.array([[1.0, 0.0]])
    assert si_sdr(source, np.array([[5.0, 0.5]])) == pytest.approx(20)  # whatever the level
    assert si_sdr(source, np.array([[-5.0, 0.5]])) == pytest.approx(20)
    assert si_sdr(source, np.array([[0.0, 1.0]])) == -math.inf
    assert si_sdr(source, 2 * source) == math.inf
    assert math.isnan(si_sdr(source, 0 * source))
    assert math.isnan(si_sdr(0 * source, source))


def test_channels_are_summed(rng):
    source, estimate = rng.standard_normal((2, 2, 100))
    for measure in (sdr, si_sdr):
        assert measure(source, estimate) == pytest.approx(measure(source.ravel(), estimate.ravel()))
