"""The invariants of separation, for arrays and for blocks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ticktone
from tests.support.sounds import music
from ticktone import Separator
from ticktone.methods import DEFAULT
from ticktone.methods.base import Method, Stage
from ticktone.methods.network import Network
from ticktone.methods.nmf import NMF
from ticktone.models import models
from ticktone.stft import STFT

# Networks that ship differ in their weights alone: the default stands for all of them.
QUICK = NMF(harmonic_components=5, percussive_components=5, iterations=5)
CLASSICAL = [*(name for name in ticktone.methods() if name not in {*models(), "nmf"}), QUICK]
METHODS = [*CLASSICAL, DEFAULT]
methods = pytest.mark.parametrize("method", METHODS)
any_method = st.sampled_from(METHODS)
# Rates at which kernels and windows differ, and lengths around frames, hops and blocks.
any_rate = st.sampled_from([8000, 22_050, 44_100, 48_000, 96_000, 192_000])
any_length = st.one_of(st.integers(0, 3), st.integers(4, 20_000))


def pcm(samples, channels, bits, seed=0):
    """Loud noise as it comes from PCM of so many bits."""
    rng = np.random.default_rng(seed)
    shape = (samples,) if channels == 0 else (channels, samples)
    full = 2 ** (bits - 1)
    return (rng.integers(-full, full, shape) / full).astype(np.float32)


def cut(audio, at):
    return np.split(audio, sorted(at), axis=-1)


def joined(blocks, parts):
    blocks = list(blocks)
    if not blocks:
        return None
    assert all(len(block) == parts for block in blocks)
    return [np.concatenate(part, axis=-1) for part in zip(*blocks, strict=True)]


@given(
    method=any_method,
    rate=any_rate,
    samples=any_length,
    channels=st.integers(0, 8),
    bits=st.sampled_from([8, 16, 24]),
)
def test_parts_have_the_recordings_shape_and_sum_to_it_to_the_bit(
    method, rate, samples, channels, bits
):
    audio = pcm(samples, channels, bits) / 2  # parts may be twice as loud, and must not be coarser
    parts = ticktone.separate(audio, rate, method)
    for part in parts:
        assert part.shape == audio.shape
        assert part.dtype == audio.dtype
    assert np.array_equal(sum(parts[1:], parts[0]), audio)


@given(method=any_method, scale=st.sampled_from([1e-6, 1.0, 1e6]), seed=st.integers(0, 9))
def test_any_floats_are_summed_to_as_well_as_floats_can(method, scale, seed):
    audio = np.random.default_rng(seed).standard_normal(9000).astype(np.float32) * np.float32(scale)
    parts = ticktone.separate(audio, 44_100, method)
    loudest = np.max(np.abs([audio, *parts]), axis=0)
    assert np.all(abs(sum(parts[1:], parts[0]) - audio) <= 2 * np.spacing(loudest))


@methods
def test_double_precision_is_kept(method, rng):
    audio = rng.standard_normal((2, 9000))
    parts = ticktone.separate(audio, 44_100, method)
    assert all(part.dtype == np.float64 for part in parts)
    np.testing.assert_allclose(sum(parts), audio, atol=1e-15 * 10)


@given(
    method=any_method,
    samples=any_length,
    at=st.lists(st.integers(0, 20_000), max_size=6),
    block_frames=st.one_of(st.none(), st.integers(1, 40)),
)
def test_blocks_equal_the_whole_to_the_bit(method, samples, at, block_frames):
    audio = music(20_000 / 44_100)[:, :samples]
    whole = ticktone.separate(audio, 44_100, method)
    separator = Separator(method, block_frames=block_frames)
    found = joined(separator.stream(cut(audio, at), 44_100), len(whole))
    if samples == 0:
        assert found is None
    else:
        for part, expected in zip(found, whole, strict=True):
            assert np.array_equal(part, expected)


@methods
def test_minutes_equal_the_whole_too(method):
    audio = music(75.0, sample_rate=8000, channels=1)[0]  # two blocks at the least
    whole = Separator(method, block_frames=10**6).separate(audio, 8000)
    found = joined(
        Separator(method).stream(cut(audio, range(0, len(audio), 4321)), 8000), len(whole)
    )
    for part, expected in zip(found, whole, strict=True):
        assert np.array_equal(part, expected)


@methods
def test_a_stream_gives_back_before_it_ends_and_holds_little(method):
    separator = Separator(method, block_frames=16)
    stages = [(stage, 1) for stage in separator.method.stages(44_100)]
    if refinement := separator.method.refinement(44_100):
        stages.append((refinement, refinement.decimation))
    hop = max(stage.stft.hop_length * decimation for stage, decimation in stages)
    held_at_most = sum(
        ((16 + stage.context + stage.grid) * stage.stft.hop_length + stage.stft.size) * decimation
        for stage, decimation in stages
    )
    taken = given_back = most = 0

    def blocks():
        nonlocal taken, most
        for block in cut(music(8.0), range(0, 8 * 44_100, hop)):
            taken += block.shape[-1]
            yield block
            most = max(most, taken - given_back)

    for parts in separator.stream(blocks(), 44_100):
        given_back += parts.harmonic.shape[-1]
    assert given_back == taken
    assert most <= held_at_most + 3 * hop  # a resampler holds some too


@methods
def test_the_number_of_threads_changes_nothing(method, monkeypatch):
    import scipy.fft

    asked = []
    rfft = scipy.fft.rfft
    monkeypatch.setattr(
        scipy.fft, "rfft", lambda *a, workers, **k: asked.append(workers) or rfft(*a, **k)
    )
    audio = music(1.0)
    one, two = (Separator(method, threads=threads).separate(audio, 44_100) for threads in (1, 2))
    assert set(asked) == {1, 2}
    for part, other in zip(one, two, strict=True):
        np.testing.assert_allclose(part, other, atol=1e-6)


@pytest.mark.parametrize("method", [*CLASSICAL, Network(model=DEFAULT, one_mask=False)])
def test_channels_are_separated_alone(method):
    audio = music(0.5, channels=3)
    together = ticktone.separate(audio, 44_100, method, complement=False)
    for channel in range(3):
        alone = ticktone.separate(audio[channel], 44_100, method, complement=False)
        for whole, part in zip(together, alone, strict=True):
            np.testing.assert_allclose(whole[channel], part, atol=1e-7)


def test_any_arrangement_in_memory_will_do():
    audio = music(0.3)
    expected = ticktone.separate(audio, 44_100)
    strided = np.repeat(audio, 2, axis=1)[:, ::2]
    for other in (np.asfortranarray(audio), strided, audio.astype(">f4"), audio.tolist()):
        for part, same in zip(ticktone.separate(other, 44_100), expected, strict=True):
            np.testing.assert_allclose(part, same, atol=1e-6)


@methods
def test_silence_stays_silent(method):
    for part in ticktone.separate(np.zeros((2, 30_000), np.float32), 44_100, method):
        assert not part.any()


@methods
def test_silence_after_music_becomes_silent(method):
    audio = np.concatenate([music(1.0), np.zeros((2, 3 * 44_100), np.float32)], axis=1)
    for part in ticktone.separate(audio, 44_100, method):
        assert not part[:, -44_100:].any()


class Pooling(Method):
    name, paper = "pooling", "none"

    def stages(self, sample_rate):
        return (PoolingStage(),)


class PoolingStage(Stage):
    """Give each four frames, counted from the recording's first, their mean."""

    stft, context, grid = STFT(512, 128), 3, 4

    def divide(self, magnitude, wanted):
        frames = magnitude.shape[-1]
        padded = np.pad(magnitude, [(0, 0), (0, 0), (0, -frames % 4)])
        means = padded.reshape(*padded.shape[:-1], -1, 4).mean(-1).repeat(4, axis=-1)
        return means[..., :frames][..., wanted], 0 * magnitude[..., wanted]


@given(block_frames=st.integers(1, 30), samples=st.integers(1, 9000))
def test_stages_on_a_grid_see_it_from_the_recordings_beginning(block_frames, samples):
    audio = music(0.3)[:, :samples]
    whole, blocks = (
        Separator(Pooling(), complement=False, block_frames=frames).separate(audio, 44_100)
        for frames in (10**6, block_frames)
    )
    assert np.array_equal(whole.harmonic, blocks.harmonic)


def test_raw_estimates_are_the_papers_and_do_not_sum():
    audio = music(1.0)
    raw = ticktone.separate(audio, 44_100, "median", complement=False)
    expected = ticktone.hpss(audio)
    for part, other in zip(raw, expected, strict=True):
        np.testing.assert_allclose(part, other, atol=1e-6)
    assert not np.array_equal(raw.harmonic + raw.percussive, audio)


@methods
def test_raw_and_summing_estimates_are_close(method):
    audio = music(1.0)
    raw = ticktone.separate(audio, 44_100, method, complement=False)
    summing = ticktone.separate(audio, 44_100, method)
    for part, other in zip(raw, summing, strict=True):
        np.testing.assert_allclose(part, other, atol=1e-5)


@given(bits=st.sampled_from([16, 24]), method=any_method, dtype=st.sampled_from(["f4", "f8"]))
def test_parts_on_the_recordings_own_grid(bits, method, dtype):
    audio = pcm(6000, 2, bits).astype(dtype) / 2
    step = 2.0**-bits
    separator = Separator(method)
    parts = joined(separator.stream([audio], 44_100, step=step), len(separator.parts))
    for part in parts:
        assert np.array_equal(np.rint(part / step) * step, part)
    assert np.array_equal(sum(parts[1:], parts[0]), audio)


@given(samples=st.integers(1, 9000), method=any_method)
def test_parts_do_not_burst_at_the_ends(samples, method):
    audio = pcm(samples, 1, 16) / 2
    for part in ticktone.separate(audio, 44_100, method, complement=False):
        assert abs(part).max() < 2


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_non_finite_samples_are_refused_by_place(value):
    audio = music(1.0)
    audio[1, 30_000] = value
    blocks = cut(audio, [10_000, 20_000])
    message = rf"sample 30000 of channel 2 \(at 0.680 s\) is {value}"
    with pytest.raises(ticktone.TicktoneError, match=message):
        list(Separator().stream(blocks, 44_100))


@pytest.mark.parametrize(
    ("audio", "error", "message"),
    [
        (np.zeros(9, np.int16), TypeError, "float32 or float64, not int16; .*32768"),
        (np.zeros(9, np.complex64), TypeError, "complex64"),
        (np.zeros((1, 2, 3)), ValueError, r"shape \(1, 2, 3\)"),
        (np.zeros((0, 9)), ValueError, "no channels"),
    ],
)
def test_arrays_that_are_not_audio_are_refused(audio, error, message):
    with pytest.raises(error, match=message):
        ticktone.separate(audio, 44_100)


def test_blocks_that_do_not_fit_each_other_are_refused():
    blocks = [np.zeros((2, 9)), np.zeros((1, 9))]
    with pytest.raises(ValueError, match=r"shape \(1, 9\), expected \(2, 'n'\)"):
        list(Separator().stream(blocks, 44_100))


@pytest.mark.parametrize("options", [{"threads": 0}, {"threads": 1.5}, {"block_frames": 0}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        Separator(**options)


@pytest.mark.parametrize("rate", [0, -1, np.inf, np.nan])
def test_sample_rates_must_be_positive(rate):
    with pytest.raises(ValueError, match="sample rate"):
        ticktone.separate(np.zeros(9), rate)
