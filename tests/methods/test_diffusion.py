import numpy as np
import pytest

import ticktone
from tests.support.sounds import music
from ticktone.methods.diffusion import Diffusion


@pytest.mark.parametrize(
    "changed",
    [
        {"alpha": 0.6},
        {"gamma": 0.5},
        {"iterations": 5},
        {"window_length": 1024},
        {"two_windows": True},
    ],
)
def test_every_option_changes_something(changed):
    audio = music(0.5)
    plain, other = (ticktone.separate(audio, 44_100, "diffusion", **how) for how in ({}, changed))
    assert not np.allclose(plain.percussive, other.percussive, atol=1e-4)


@pytest.mark.parametrize("options", [{"alpha": 1.0}, {"gamma": 0.0}, {"iterations": 0}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        Diffusion(**options)
