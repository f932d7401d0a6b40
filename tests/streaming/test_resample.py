import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.sounds import music
from ticktone.streaming.resample import at_another_rate, resampled

rates = pytest.mark.parametrize(
    ("rate", "other"), [(48_000, 44_100), (8000, 44_100), (96_000, 44_100), (192_000, 44_100)]
)


@rates
@pytest.mark.parametrize("samples", [1, 2, 1000, 40_000])
def test_as_many_samples_come_back(rate, other, samples):
    audio = music(1.0)[:, :samples]
    back = list(at_another_rate([audio], rate, other, lambda blocks: blocks))
    assert sum(block.shape[-1] for block in back) == samples
    assert all(block.shape[0] == 2 for block in back)


@pytest.mark.parametrize(("rate", "other"), [(48_000, 44_100), (44_100, 48_000), (96_000, 44_100)])
def test_what_comes_back_is_not_delayed(rate, other):
    time = np.arange(rate) / rate
    tone = np.sin(2 * np.pi * 1000 * time).astype(np.float32)[np.newaxis]
    back = np.concatenate(list(at_another_rate([tone], rate, other, lambda blocks: blocks)), -1)
    middle = slice(2000, -2000)
    np.testing.assert_allclose(back[:, middle], tone[:, middle], atol=1e-4)


@given(at=st.sets(st.integers(1, 8999), max_size=5))
def test_the_blocks_lengths_do_not_matter(at):
    audio = music(0.3)[:, :9000]
    whole = np.concatenate(list(resampled([audio], 48_000, 44_100)), -1)
    parts = np.concatenate(list(resampled(np.split(audio, sorted(at), -1), 48_000, 44_100)), -1)
    assert np.array_equal(whole, parts)


def test_work_may_add_an_axis():
    def twice(blocks):
        for block in blocks:
            yield np.stack([block, 2 * block])

    audio = music(0.2)
    back = np.concatenate(list(at_another_rate([audio], 44_100, 48_000, twice)), -1)
    assert back.shape == (2, *audio.shape)
    np.testing.assert_allclose(back[1], 2 * back[0], atol=1e-5)


def test_nothing_gives_nothing():
    assert list(at_another_rate([], 44_100, 48_000, lambda blocks: blocks)) == []
