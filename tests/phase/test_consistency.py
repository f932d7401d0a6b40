"""MISI and the consistent sharing out of the mixture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ticktone
from tests.support.sounds import music
from ticktone import Separator
from ticktone.phase import make_phase
from ticktone.phase.consistent import Consistent, share_out
from ticktone.phase.misi import MISI, misi
from ticktone.phase.projection import consistent, reach
from ticktone.stft import STFT

RATE = 44_100
SMALL = STFT(256, 64)
STFTS = [SMALL, STFT(65, 12, 128, np.hamming(65)), STFT(256, 128), STFT(100, 30)]
both = pytest.mark.parametrize("phase", ["misi", "consistent"])


def square(spectrogram):
    """The squared norm, negative frequencies included."""
    weight = np.full(spectrogram.shape[-2], 2.0)
    weight[[0, -1]] = 1
    return np.sum(abs(spectrogram) ** 2 * weight[:, np.newaxis])


def noise(rng, stft, frames=20):
    found = rng.standard_normal((2, 1, stft.bins, frames, 2)).view(complex)[..., 0]
    found[..., [0, -1], :] = found[..., [0, -1], :].real
    return found


# The projection


@pytest.mark.parametrize("stft", STFTS)
def test_what_is_consistent_stays_and_the_rest_is_nearest_to_it(rng, stft):
    some = noise(rng, stft)
    once = consistent(stft, some)
    np.testing.assert_allclose(consistent(stft, once), once, atol=1e-9)
    other = consistent(stft, noise(rng, stft))
    # orthogonal: Pythagoras holds for every other consistent spectrogram
    assert square(some - other) == pytest.approx(square(some - once) + square(once - other))
    assert square(some - once) > 0.1 * square(some)


@pytest.mark.parametrize("stft", STFTS)
def test_a_frame_looks_as_far_as_its_samples_do(rng, stft):
    some, count = noise(rng, stft), 25
    changed = np.concatenate([some, noise(rng, stft)], axis=-1)[..., :count]
    before = consistent(stft, changed)
    changed[..., 12] *= -1
    differs = np.any(abs(consistent(stft, changed) - before) > 1e-9, axis=(0, 1, 2))
    assert np.flatnonzero(differs).tolist() == [*range(12 - reach(stft), 13 + reach(stft))]


# The algorithms


@pytest.fixture
def problem(rng):
    """A mixture of a signal, and magnitudes that do not fit it."""
    mixture = SMALL.forward(music(0.08, channels=1).astype(np.float64))
    magnitudes = rng.random((2, *mixture.shape)) * abs(mixture)
    start = magnitudes * np.exp(1j * np.angle(mixture))
    return mixture, start, magnitudes


def test_misi_keeps_magnitudes_and_approaches_the_mixture_and_consistency(problem):
    mixture, start, magnitudes = problem
    found = [misi(SMALL, mixture, start, magnitudes, count) for count in (0, 1, 5, 25)]
    for parts in found:
        np.testing.assert_allclose(abs(parts), magnitudes, atol=1e-9)
    mixing = [square(mixture - consistent(SMALL, parts).sum(axis=0)) for parts in found]
    inconsistency = [square(parts - consistent(SMALL, parts)) for parts in found]
    assert (np.diff(np.add(mixing, inconsistency)) < 0).all()


def test_misi_is_the_papers_loop_on_signals(problem):
    mixture, start, magnitudes = problem
    samples = int(0.08 * RATE)
    signals = [SMALL.inverse(part, samples) for part in start]
    missing = SMALL.inverse(mixture, samples) - sum(signals)
    expected = [SMALL.forward(signal + missing / 2) for signal in signals]
    for part, magnitude, found in zip(
        expected, magnitudes, misi(SMALL, mixture, start, magnitudes, 1), strict=True
    ):
        # (signals of the paper's end with the recording; ours may go on by half a frame)
        inner = (..., slice(4, -5))
        np.testing.assert_allclose(
            found[inner], (magnitude * part / abs(part))[inner], atol=1e-9 * abs(mixture).max()
        )


@pytest.mark.parametrize("weight", [0.1, 1.0, 10.0])
def test_the_consistent_parts_sum_to_the_mixture_and_the_objective_falls(problem, weight):
    mixture, start, magnitudes = problem
    found = []
    for iterations in range(0, 12, 2):
        parts = share_out(SMALL, mixture, start, magnitudes, weight, iterations)
        np.testing.assert_allclose(parts.sum(axis=0), mixture, atol=1e-9)
        mismatch = square(abs(parts) - magnitudes)
        found.append(mismatch + weight * square(parts - consistent(SMALL, parts)))
    assert (np.diff(found) < 0).all()


@both
def test_true_magnitudes_of_tone_and_hits_get_a_better_phase_than_the_mixtures(rng, phase):
    time = np.arange(RATE) / RATE
    tone = np.sum([np.sin(2 * np.pi * 220 * k * time + k) / k for k in range(1, 6)], axis=0)
    hits = 2 * rng.standard_normal(RATE) * np.exp(-(time % 0.25) / 0.02)
    stft = STFT(2048, 512)
    mixture, *parts = (stft.forward(sound[np.newaxis]) for sound in (tone + hits, tone, hits))
    magnitudes = (abs(parts[0]), abs(parts[1]))

    def sdr(phase):
        (found,) = make_phase(phase).start(stft)(mixture, abs(mixture), magnitudes, [0])
        error = tone - stft.inverse(found, RATE)[0]
        return 10 * np.log10((tone**2).sum() / (error**2).sum())

    assert sdr(phase) > sdr("mixture") + 1


# Within a separation


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "kind"), [("median", MISI), ("median", Consistent), ("hpr", MISI)]
)
@settings(max_examples=5)
@given(at=st.lists(st.integers(0, 6000), max_size=3), block_frames=st.integers(3, 40))
def test_blocks_equal_the_whole(method, kind, at, block_frames):
    audio = music(6000 / RATE)
    phase = kind(iterations=2)
    whole = ticktone.separate(audio, RATE, method, phase=phase)
    blocks = Separator(method, phase=phase, block_frames=block_frames).stream(
        np.split(audio, sorted(at), axis=-1), RATE
    )
    for part, expected in zip(zip(*blocks, strict=True), whole, strict=True):
        np.testing.assert_allclose(np.concatenate(part, axis=-1), expected, atol=1e-6)


@pytest.mark.slow
def test_blocks_equal_the_whole_with_a_networks_grid():
    audio = music(1.5, channels=1)
    phase, options = MISI(iterations=3), {"sum_to_one": False, "refine": False}
    whole = ticktone.separate(audio, RATE, "unet", phase=phase, **options)
    separator = Separator("unet", phase=phase, block_frames=50, **options)
    blocks = separator.stream(np.split(audio, 7, axis=-1), RATE)
    for part, expected in zip(zip(*blocks, strict=True), whole, strict=True):
        assert len(part) > 2
        np.testing.assert_allclose(np.concatenate(part, axis=-1), expected, atol=1e-5)


@both
def test_parts_sum_to_the_recording_to_the_bit(phase):
    audio = np.rint(music(0.3, RATE, 3) * 2**14) / 2**15
    for part in (parts := ticktone.separate(audio, RATE, "median", phase=phase)):
        assert part.shape == audio.shape
    assert np.array_equal(sum(parts), audio)


@pytest.mark.slow
@both
def test_silence_stays_silent_before_and_after_music(phase):
    silence = np.zeros((2, RATE), np.float32)
    for part in ticktone.separate(silence, RATE, "median", phase=phase):
        assert not part.any()
    audio = np.concatenate([silence, music(0.3), silence], axis=1)
    for part in ticktone.separate(audio, RATE, "median", phase=phase):
        assert not part[:, : RATE // 2].any()
        assert not part[:, -RATE // 2 :].any()
        assert part.any()


@both
def test_the_level_does_not_matter(phase):
    audio = music(0.3)
    loud, soft = (
        ticktone.separate(audio * scale, RATE, "median", phase=phase).percussive / scale
        for scale in (np.float32(1), np.float32(2**-30))
    )
    np.testing.assert_allclose(soft, loud, atol=1e-6)


@pytest.mark.parametrize(
    ("plain", "changed"),
    [
        ("misi", "mixture"),
        ("consistent", "mixture"),
        ("misi", MISI(iterations=3)),
        ("consistent", Consistent(iterations=3)),
        ("consistent", Consistent(weight=10.0)),
    ],
)
def test_every_option_changes_something(plain, changed):
    audio = music(0.3)
    found, other = (
        ticktone.separate(audio, RATE, "median", phase=phase).percussive
        for phase in (plain, changed)
    )
    assert abs(found - other).max() > 5e-4


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *((kind, {"iterations": 0}) for kind in (MISI, Consistent)),
        *((Consistent, {"weight": weight}) for weight in (0.0, np.inf)),
    ],
)
def test_options_out_of_range_are_refused(kind, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        kind(**options)
