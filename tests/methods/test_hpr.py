import numpy as np
import pytest

import ticktone
from tests.support.sounds import music
from ticktone.methods.hpr import HPR


def test_the_residual_may_go_to_the_harmonic_part():
    audio = music(0.5)
    three = ticktone.separate(audio, 44_100, "hpr")
    two = ticktone.separate(audio, 44_100, "hpr", residual=False)
    assert len(three) == 3
    assert len(two) == 2
    np.testing.assert_allclose(two.percussive, three.percussive, atol=1e-6)
    np.testing.assert_allclose(two.harmonic, three.harmonic + three.residual, atol=1e-6)


@pytest.mark.parametrize(
    "changed",
    [
        {"beta": 1.2},
        {"harmonic_window": 2048},
        {"percussive_window": 512},
        {"harmonic_seconds": 0.1},
        {"percussive_hertz": 1500.0},
    ],
)
def test_every_option_changes_something(changed):
    audio = music(0.5)
    plain, other = (ticktone.separate(audio, 44_100, "hpr", **how) for how in ({}, changed))
    assert not all(np.allclose(a, b, atol=1e-4) for a, b in zip(plain, other, strict=True))


def test_a_larger_beta_leaves_more_in_the_residual():
    audio = music(1.0)
    energies = [
        np.sum(ticktone.separate(audio, 44_100, "hpr", beta=beta).residual ** 2)
        for beta in (1.0, 2.0, 4.0)
    ]
    assert energies[0] < energies[1] < energies[2]


@pytest.mark.parametrize("options", [{"beta": 0.5}, {"harmonic_seconds": 0.0}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        HPR(**options)
