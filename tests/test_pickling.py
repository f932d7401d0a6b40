"""Separators go to other processes and are copied, used or not."""

import copy
import pickle

import numpy as np
import pytest

import ticktone
from tests.support.sounds import music
from ticktone.methods.nmf import NMF

QUICK = NMF(harmonic_components=5, percussive_components=5, iterations=5)
METHODS = [*(name for name in ticktone.methods() if name != "nmf"), QUICK]


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_copies_before_and_after_use_separate_alike(method, duplicate):
    audio = music(0.1)
    separator = ticktone.Separator(method, threads=1)
    unused = duplicate(separator)
    expected = separator.separate(audio, 44_100)
    used = duplicate(separator)
    for other in (unused, used):
        assert repr(other) == repr(separator)
        for part, same in zip(other.separate(audio, 44_100), expected, strict=True):
            assert np.array_equal(part, same)


def test_errors_and_parts_can_be_pickled():
    parts = ticktone.separate(music(0.1), 44_100, "hpr")
    for part, same in zip(pickle.loads(pickle.dumps(parts)), parts, strict=True):
        assert np.array_equal(part, same)
    error = ticktone.TicktoneError("is damaged", "a.wav")
    assert str(pickle.loads(pickle.dumps(error))) == "a.wav: is damaged"
    with pytest.raises(ticktone.TicktoneError) as caught:
        ticktone.Separator("median", power=-1)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
