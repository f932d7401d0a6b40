import numpy as np
import pytest

import ticktone
from tests.support.sounds import music
from ticktone import Separator
from ticktone.methods.anisotropic import CONSTRAINTS, Anisotropic, neighbourhood_mean

QUICK = {"iterations": 4, "reach": 3}


@pytest.mark.parametrize(
    "changed",
    [
        *({"constraint": name} for name in CONSTRAINTS[1:]),
        *({"weight": 3.0}, {"fidelity": 1.0}, {"gamma": 1.0}, {"reach": 2}, {"iterations": 5}),
        *({"power": 2.0}, {"window_length": 512}, {"two_windows": True}),
    ],
)
def test_every_option_changes_something(changed):
    audio = music(0.5)
    plain, other = (
        ticktone.separate(audio, 44_100, "anisotropic", **{**QUICK, **how}) for how in ({}, changed)
    )
    assert not np.allclose(plain.percussive, other.percussive, atol=1e-4)


def test_the_long_window_and_the_linear_constraints_weight_matter():
    audio = music(0.5)
    for same, changed in (
        ({"two_windows": True}, {"long_window": 4096}),
        ({"constraint": "linear"}, {"weight": 3.0}),
    ):
        plain, other = (
            ticktone.separate(audio, 44_100, "anisotropic", **QUICK, **same, **how)
            for how in ({}, changed)
        )
        assert not np.allclose(plain.percussive, other.percussive, atol=1e-4)


@pytest.mark.parametrize(
    "options",
    [
        *({name: 0} for name in ("weight", "fidelity", "gamma", "reach", "iterations", "power")),
        *({"window_length": 3}, {"long_window": 3}, {"constraint": "cubic"}),
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        Anisotropic(**options)


@pytest.mark.parametrize("reach", [1, 2, 3, 10, 13, 50])
@pytest.mark.parametrize("axis", [-1, -2])
def test_neighbourhood_means_are_a_plain_loops(rng, reach, axis):
    values = rng.random((2, 12, 9))
    padded = np.pad(np.moveaxis(values, axis, -1), [(0, 0), (0, 0), (reach, reach)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, -1)
    around = np.delete(windows, reach, axis=-1).mean(axis=-1)
    found = neighbourhood_mean(values, reach, axis)
    np.testing.assert_allclose(found, np.moveaxis(around, -1, axis), rtol=1e-12)


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_blocks_equal_the_whole_to_the_bit(constraint):
    audio = music(1.5)
    options = {**QUICK, "constraint": constraint, "two_windows": True}
    whole = ticktone.separate(audio, 44_100, "anisotropic", **options)
    blocks = Separator("anisotropic", block_frames=11, **options).stream([audio], 44_100)
    for part, expected in zip(zip(*blocks, strict=True), whole, strict=True):
        assert len(part) > 3
        assert np.array_equal(np.concatenate(part, axis=-1), expected)


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_the_level_does_not_matter(constraint):
    audio = music(0.5)
    loud, soft = (
        ticktone.separate(audio * scale, 44_100, "anisotropic", constraint=constraint, **QUICK)
        for scale in (1, np.float32(2**-14))
    )
    np.testing.assert_allclose(soft.percussive * 2**14, loud.percussive, atol=1e-4)
    assert abs(loud.percussive).max() > 0.1


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_silence_stays_silent(constraint):
    assert not np.any(
        ticktone.separate(np.zeros((2, 9000)), 8000, "anisotropic", constraint=constraint)
    )
