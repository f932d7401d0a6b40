import numpy as np
import pytest

import ticktone
from tests.conftest import music
from ticktone import Separator
from ticktone.methods.structured_nmf import StructuredNMF

SMALL = {"harmonic_components": 6, "percussive_components": 5, "iterations": 15}


def test_every_option_changes_something():
    audio = music(4.5, 11_025, channels=1)
    plain = ticktone.separate(audio, 11_025, "structured-nmf", **SMALL).percussive
    changes = {"harmonic_components": 7, "percussive_components": 7, "iterations": 20, "beta": 0.5}
    for name, value in {**changes, "segment_seconds": 1.0, "window_length": 256}.items():
        options = {**SMALL, name: value}
        other = ticktone.separate(audio, 11_025, "structured-nmf", **options).percussive
        assert not np.allclose(plain, other, atol=1e-4), name


@pytest.mark.parametrize(
    "options",
    [
        *({name: 0} for name in (*SMALL, "threads")),
        *({"beta": -0.1}, {"beta": 2.1}, {"segment_seconds": 0.5}, {"window_length": 3}),
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        StructuredNMF(**options)


def test_blocks_equal_the_whole_to_the_bit():
    audio, options = music(3.7, 8000), {**SMALL, "segment_seconds": 1.0}
    whole = ticktone.separate(audio, 8000, "structured-nmf", **options)
    blocks = Separator("structured-nmf", block_frames=30, **options).stream([audio], 8000)
    for part, expected in zip(zip(*blocks, strict=True), whole, strict=True):
        assert len(part) > 1
        assert np.array_equal(np.concatenate(part, axis=-1), expected)


def test_the_level_does_not_matter_and_silence_stays_silent():
    audio = music(1.0, 8000)
    loud, soft = (
        ticktone.separate(audio * scale, 8000, "structured-nmf", **SMALL).percussive / scale
        for scale in (1, np.float32(2**-14))
    )
    np.testing.assert_allclose(soft, loud, atol=1e-4)
    assert abs(loud).max() > 0.1
    assert not np.any(ticktone.separate(0 * audio, 8000, "structured-nmf", **SMALL))
