"""The invariants of separation, for arrays and for blocks."""

import math
import threading
from functools import partial

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
from ticktone.splitter import Splitter
from ticktone.stft import STFT
from ticktone.streaming.stage import BLOCK_SAMPLES

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


@given(method=any_method, scale=st.sampled_from([1e-6, 1.0, 1e5]), seed=st.integers(0, 9))
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


@pytest.mark.slow
@methods
def test_minutes_equal_the_whole_too(method):
    audio = music(75.0, sample_rate=8000, channels=1)[0]  # two blocks at the least
    whole = Separator(method, block_frames=10**6).separate(audio, 8000)
    found = joined(
        Separator(method).stream(cut(audio, range(0, len(audio), 4321)), 8000), len(whole)
    )
    for part, expected in zip(found, whole, strict=True):
        assert np.array_equal(part, expected)


@pytest.mark.slow
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
        for block in cut(music(5.0), range(0, 5 * 44_100, hop)):
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
    audio = music(0.5)
    one, two = (Separator(method, threads=threads).separate(audio, 44_100) for threads in (1, 2))
    assert set(asked) == {1, 2}
    for part, other in zip(one, two, strict=True):
        np.testing.assert_allclose(part, other, atol=1e-6)


def test_blocks_are_read_ahead_in_other_threads_only_if_asked_for():
    audio = music(4.0)
    expected = ticktone.separate(audio, 44_100, "fast")
    here = threading.current_thread()
    for read_ahead in (False, True):
        separator = Separator("fast", threads=2, block_frames=32)
        takers = set()

        def blocks(takers=takers):
            for block in cut(audio, range(0, 4 * 44_100, 4410)):
                takers.add(threading.current_thread())
                yield block

        stream = separator.stream(blocks(), 44_100, read_ahead=read_ahead)
        found = [np.concatenate(part, axis=-1) for part in zip(*stream, strict=True)]
        assert (here in takers) != read_ahead
        for part, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(part, other, atol=1e-6)


def test_closing_a_stream_that_reads_ahead_ends_what_it_reads():
    ended = []

    def blocks():
        try:
            while True:
                yield music(0.2)
        finally:
            ended.append(True)

    stream = Separator("fast", threads=2, block_frames=32).stream(blocks(), 44_100, read_ahead=True)
    next(stream)
    stream.close()
    assert ended
    assert not [one for one in threading.enumerate() if one.name == "ticktone-ahead"]


@pytest.mark.parametrize("method", [*CLASSICAL, Network(model=DEFAULT, one_mask=False)])
def test_channels_are_separated_alone(method):
    audio = music(0.3, channels=3)
    together = ticktone.separate(audio, 44_100, method, complement=False)
    for channel in range(3):
        alone = ticktone.separate(audio[channel], 44_100, method, complement=False)
        for whole, part in zip(together, alone, strict=True):
            np.testing.assert_allclose(whole[channel], part, atol=1e-6)


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
    audio = np.concatenate([music(0.3), np.zeros((2, 2 * 44_100), np.float32)], axis=1)
    for part in ticktone.separate(audio, 44_100, method):
        assert not part[:, -22_050:].any()


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
    audio = music(0.5)
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
        (np.zeros((1, 2, 3, 4)), ValueError, r"shape \(1, 2, 3, 4\)"),
        (np.zeros(()), ValueError, r"shape \(\)"),
        (np.zeros((0, 9)), ValueError, "no channels"),
    ],
)
def test_arrays_that_are_not_audio_are_refused(audio, error, message):
    with pytest.raises(error, match=message):
        ticktone.separate(audio, 44_100)


@pytest.mark.parametrize("step", [0, -1.0, 1.0, 1e-300, math.nan, math.inf, True, "x"])
def test_steps_that_no_samples_have_are_refused(step):
    with pytest.raises(ValueError, match="step must lie between 0 and 1"):
        list(ticktone.Separator("median").stream([music(0.1)], 44_100, step=step))


def test_blocks_that_do_not_fit_each_other_are_refused():
    blocks = [np.zeros((2, 9)), np.zeros((1, 9))]
    with pytest.raises(ValueError, match=r"shape \(1, 9\), expected \(2, 'n'\)"):
        list(Separator().stream(blocks, 44_100))


@pytest.mark.parametrize(
    "options", [{"threads": 0}, {"threads": 1.5}, {"threads": 10**6}, {"block_frames": 0}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        Separator(**options)


@pytest.mark.parametrize("rate", [0, -1, 999, 44_100.5, 2_000_000, 2**31, 2**70, np.inf, np.nan])
def test_sample_rates_are_those_of_recordings(rate):
    with pytest.raises(ValueError, match="must be a whole number from 1000 to 1500000 Hz, not"):
        ticktone.separate(np.zeros(9), rate)


@pytest.mark.parametrize("rate", ["44100", None, True, 1j])
def test_sample_rates_are_numbers(rate):
    with pytest.raises(TypeError, match="the sample rate must be a number"):
        ticktone.separate(np.zeros(9), rate)


@pytest.mark.parametrize("rate", [np.int64(44_100), 44_100.0, np.float32(44_100)])
def test_any_number_will_do_for_a_sample_rate(rate):
    audio = music(0.1)
    for part, same in zip(
        ticktone.separate(audio, rate), ticktone.separate(audio, 44_100), strict=True
    ):
        assert np.array_equal(part, same)


@pytest.mark.parametrize("value", [1e300, -1e30, 1.1e6])
def test_samples_out_of_this_world_are_refused_by_place(value):
    audio = np.zeros((2, 9000))
    audio[1, 4410] = value
    with pytest.raises(ticktone.TicktoneError, match=r"sample 4410 of channel 2 \(at 0.100 s\) is"):
        ticktone.separate(audio, 44_100, "median")


@pytest.mark.parametrize("shape", [(4410, 2), (4410, 1), (65, 64), (2, 4410, 2)])
def test_soundfiles_arrays_are_refused_with_the_remedy(shape):
    with pytest.raises(ValueError, match=r"as soundfile has it, transpose it: audio\.T"):
        ticktone.separate(np.zeros(shape), 44_100)
    if len(shape) == 2:
        with pytest.raises(ValueError, match="transpose"):
            next(Separator("median").stream([np.zeros(shape)], 44_100))


@pytest.mark.parametrize(
    ("channels", "lengths"),
    [(1, [1] * 9), (8, [1] * 9), (64, [1, 2, 3]), (100, [100, 1, 30, 0]), (100, [0, 100])],
)
def test_short_blocks_of_many_channels_are_not(channels, lengths, rng):
    blocks = [rng.standard_normal((channels, length)) for length in lengths]
    found = joined(Separator("median").stream(blocks, 44_100), 2)
    assert found[0].shape == (channels, sum(lengths))


@pytest.mark.slow
@methods
@pytest.mark.parametrize("rate", [44_100, 32_000])
@pytest.mark.parametrize("options", [{}, {"complement": False}, {"phase": "pu-hpss"}])
def test_a_batch_is_its_recordings_each_by_itself(method, rate, options):
    offset = music(0.2)
    offset[:, 100:] += 0.2
    batch = np.stack([offset, music(0.4)[:, -8820:], np.zeros((2, 8820), np.float32)])
    parts = ticktone.separate(batch, rate, method, **options)
    for index, recording in enumerate(batch):
        alone = ticktone.separate(recording, rate, method, **options)
        for part, same in zip(parts, alone, strict=True):
            assert part.dtype == np.float32
            np.testing.assert_allclose(part[index], same, rtol=0, atol=1e-5)
    mixed = ticktone.remix(batch, 44_100, percussive=-np.inf, method=method)
    assert mixed.shape == batch.shape


def test_short_recordings_share_runs_of_the_network(monkeypatch):
    seen = []
    masks = Network._masks
    monkeypatch.setattr(Network, "_masks", lambda s, x: seen.append(len(x)) or masks(s, x))
    batch = np.stack([music(0.1, channels=1)] * 6)
    ticktone.separate(batch, 44_100, "folded-3w-unet-causal")
    together, patches = len(seen), sum(seen)
    seen.clear()
    for clip in batch:
        ticktone.separate(clip, 44_100, "folded-3w-unet-causal")
    assert sum(seen) == patches
    assert together < len(seen)


def test_long_recordings_of_a_batch_are_split_one_after_another(monkeypatch):
    sizes = []
    batch = Splitter._together
    monkeypatch.setattr(Splitter, "_together", lambda s, x: sizes.append(x.size) or batch(s, x))
    ticktone.separate(np.zeros((2, 1, 2**18 + 1)), 44_100, "median")
    assert not sizes
    ticktone.separate(np.zeros((40, 2, 2**15)), 44_100, "median")
    assert sum(sizes) == 40 * 2 * 2**15
    assert max(sizes) <= BLOCK_SAMPLES


def test_a_faulty_recording_of_a_batch_is_refused():
    batch = np.zeros((3, 1, 900))
    batch[1, 0, 5] = np.nan
    with pytest.raises(ticktone.TicktoneError, match=r"sample 5 of channel 1 .* is nan"):
        ticktone.separate(batch, 44_100, "median")


@pytest.mark.parametrize(
    "shape",
    [
        (44_100 * 30,),
        pytest.param((2, 44_100 * 30), marks=pytest.mark.slow),
        pytest.param((2, 1, 44_100 * 30), marks=pytest.mark.slow),
        (90, 1, 22_050),
    ],
)
def test_progress_is_told_of_arrays(shape):
    told = []
    audio = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    Separator("median").separate(audio, 44_100, progress=told.append)
    assert len(told) > 2
    assert told == sorted(told)
    assert told[-1] == 1
    assert told[0] < 0.5


CALLS = [
    Separator("median").separate,
    partial(ticktone.separate, method="median"),
    partial(ticktone.remix, percussive=-6.0, method="median"),
    partial(ticktone.stretch, speed=1.25, method="median"),
]


@pytest.mark.parametrize("call", CALLS)
def test_what_progress_raises_ends_the_work(call):
    told = []

    def cancel(done):
        told.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(np.zeros((2, 44_100 * 30)), 44_100, progress=cancel)
    assert len(told) == 1


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
def test_every_call_for_arrays_tells_of_its_progress(call):
    told = []
    noise = np.random.default_rng(0).standard_normal((2, 44_100 * 15)).astype(np.float32)
    with_progress = call(noise, 44_100, progress=told.append)
    assert told == sorted(told)
    assert told[0] < 0.7
    assert told[-1] == 1
    np.testing.assert_array_equal(with_progress, call(noise, 44_100))


@pytest.mark.parametrize("shape", [(0, 2, 900), (3, 2, 0), (1, 1, 1)])
def test_batches_of_nothing(shape):
    parts = ticktone.separate(np.zeros(shape), 44_100)
    assert [part.shape for part in parts] == [shape, shape]


@pytest.mark.torch
@pytest.mark.parametrize("shape", [(9000,), (2, 9000), (2, 1, 9000)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tensors_in_tensors_out(shape, dtype, rng):
    import torch

    array = rng.standard_normal(shape).astype(dtype)
    tensor = torch.tensor(array, requires_grad=True)
    expected = ticktone.separate(array, 44_100, "median")
    parts = ticktone.separate(tensor, 44_100, "median")
    assert type(parts) is ticktone.Separation
    for part, same in zip(parts, expected, strict=True):
        assert isinstance(part, torch.Tensor)
        assert part.dtype == tensor.dtype
        assert np.array_equal(part.numpy(), same)
    mixed = ticktone.remix(tensor, 44_100, percussive=-6.0, method="median")
    assert isinstance(mixed, torch.Tensor)
    if len(shape) < 3:
        for block in Separator("hpr").stream(tensor.split(5000, dim=-1), 44_100):
            assert all(isinstance(part, torch.Tensor) for part in block)


@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "int16"])
def test_tensors_of_other_dtypes_are_refused(dtype):
    import torch

    with pytest.raises(TypeError, match=f"float32 or float64, not torch.{dtype}"):
        ticktone.separate(torch.zeros(9, dtype=getattr(torch, dtype)), 44_100)


@pytest.mark.torch
@pytest.mark.parametrize("kind", ["meta", "sparse"])
def test_tensors_without_their_samples_are_refused(kind):
    import torch

    tensor = torch.zeros(9, device="meta") if kind == "meta" else torch.zeros(9).to_sparse()
    with pytest.raises(TypeError, match=f"with all its samples, not .*{kind}"):
        ticktone.separate(tensor, 44_100)


def test_a_separator_shows_all_it_was_made_with():
    text = repr(Separator("median", power=1.0, threads=2))
    assert text.startswith("Separator(Median(power=1.0, margin=1.0, ")
    assert text.endswith("phase=Mixture(), complement=True, threads=2, block_frames=None)")
    assert "folded-3w-unet" in repr(Separator())
    assert "PUHPSS(" in repr(Separator(phase="pu-hpss"))


@pytest.mark.parametrize("options", [{}, {"power": 2}])
def test_no_method_and_no_phase_are_refused_by_name(options):
    with pytest.raises(TypeError, match=r"method must be one of the names .* not None"):
        ticktone.separate(np.zeros(9), 44_100, None, **options)
    with pytest.raises(TypeError, match=r"phase must be one of the names .* not None"):
        Separator(phase=None)
