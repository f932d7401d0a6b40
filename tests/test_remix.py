import numpy as np
import pytest

import ticktone
from tests.support.sounds import music


@pytest.mark.slow
def test_at_0_db_it_is_the_recording_itself():
    audio = np.rint(music(1.0) * 2**15).astype(np.float32) / 2**15
    for method in ticktone.methods():
        assert np.array_equal(ticktone.remix(audio, 44_100, method=method), audio)


def test_a_part_can_be_left_out():
    audio = music(1.0)
    harmonic, percussive = ticktone.separate(audio, 44_100)
    assert np.array_equal(ticktone.remix(audio, 44_100, percussive=-np.inf), harmonic)
    assert np.array_equal(ticktone.remix(audio, 44_100, harmonic=-np.inf), percussive)


def test_gains_are_in_db():
    audio = music(1.0)
    harmonic, percussive = ticktone.separate(audio, 44_100)
    found = ticktone.remix(audio, 44_100, harmonic=-20, percussive=6.0206)
    np.testing.assert_allclose(found, harmonic / 10 + percussive * 2, atol=1e-5)


@pytest.mark.parametrize("gain", [np.nan, np.inf, 300])
def test_gains_that_are_none_are_refused(gain):
    with pytest.raises(ticktone.TicktoneError, match="gain"):
        ticktone.remix(music(0.1), 44_100, harmonic=gain)
