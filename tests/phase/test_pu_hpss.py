"""Drossos, Magron, Mimilakis, Virtanen, "HPSS with deep neural networks and phase recovery"."""

import cmath
import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ticktone
from tests.support.sounds import music
from ticktone import Separator
from ticktone.phase import make_phase, phases
from ticktone.phase.pu_hpss import PUHPSS, frequencies, minimise_mixing_error
from ticktone.stft import STFT

RATE = 44_100
FIRST = STFT(2049, 384, 4096, np.hamming(2049))  # the paper's two settings
SECOND = STFT(4096, 1024, 4096, np.hamming(4096))
SMALL = STFT(256, 64, 256, np.hamming(256))

methods = pytest.mark.parametrize(
    "method", ["median", "hpr", pytest.param("3w-unet", marks=pytest.mark.slow)]
)


def recover(stft, mixture, harmonic, percussive, **options):
    """Give both parts' spectrograms. [shape=(channels, bins, frames)]."""
    both = (harmonic, percussive)
    return PUHPSS(**options).start(stft)(mixture, abs(mixture), both, (0, 1))


# The settings


@pytest.mark.parametrize(
    ("stft", "total", "power", "peak"),
    [(FIRST, 1106.0, 813.8816, 4.3080), (SECOND, 2211.38, 1627.3594, 8.5390)],
)
def test_windows_of_the_settings(stft, total, power, peak):
    assert stft.taper.sum() == pytest.approx(total, abs=5e-5)
    assert (stft.taper**2).sum() == pytest.approx(power, abs=5e-5)
    sine = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    middle = abs(stft.forward(sine))[:, 20] / np.sqrt(stft.size)
    assert middle.max() == pytest.approx(peak, abs=1e-3)  # its own image leaks in


@pytest.mark.parametrize("stft", [FIRST, SECOND])
def test_the_settings_reconstruct_every_sample(rng, stft):
    noise = rng.standard_normal(132_317)
    np.testing.assert_allclose(stft.inverse(stft.forward(noise), 132_317), noise, atol=1e-13)


# Frequencies


@pytest.mark.parametrize(
    ("stft", "expected", "leakage"), [(FIRST, 92.8776, 0.0020), (SECOND, 92.8705, 0.0001)]
)
def test_frequency_of_1000_hz(stft, expected, leakage):
    """Its negative frequency leaks into the short window, by an amount that its phase decides."""
    sine = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    frames = abs(stft.forward(sine)).T[10:-10]
    assert len(frames) > 20
    np.testing.assert_allclose(frequencies(frames)[:, 93], expected, atol=leakage)


@pytest.mark.parametrize(
    ("stft", "bias", "per_hop"), [(FIRST, 0.0033, 0.0020), (SECOND, 0.0160, 0.0251)]
)
def test_bias_of_frequencies(stft, bias, per_hop):
    true = 500 + np.linspace(-0.499, 0.499, 101)
    time = np.arange(stft.size) - stft.size / 2
    tones = np.exp(2j * np.pi * true[:, np.newaxis] * time / stft.size)
    found = frequencies(abs(np.fft.fft(tones * stft.taper))[:, : stft.bins])[:, 500]
    worst = abs(found - true).max()
    assert worst == pytest.approx(bias, abs=5e-5)
    radians = worst * 2 * np.pi * stft.hop_length / stft.size
    assert radians == pytest.approx(per_hop, abs=5e-5)


def test_the_louder_peaks_region_is_the_larger():
    magnitude = np.zeros(200)
    magnitude[[100, 110]] = 3, 1
    found = frequencies(magnitude)
    assert set(found[:108]) == {100}
    assert set(found[108:]) == {110}


def test_peaks_40_db_below_the_maximum_are_not_heard():
    magnitude = np.zeros(200)
    magnitude[[50, 100, 150]] = 0.0101, 1, 0.0099
    assert set(frequencies(magnitude)) == {50, 100}


def test_a_frame_without_peaks_has_each_bins_own_frequency():
    rising = np.arange(9.0)
    peak = np.array([0, 0, 0, 1.0, 0, 0, 0, 0, 0])
    frames = np.array([[0 * rising, peak, rising], [peak, 0 * rising, 0 * rising]])
    found = frequencies(frames)
    own, threes = np.arange(9), np.full(9, 3)
    assert np.array_equal(found, [[own, threes, own], [threes, own, own]])
    assert np.array_equal(frequencies(0 * frames), np.broadcast_to(own, (2, 3, 9)))


def test_a_flat_top_is_one_peak_between_its_bins():
    assert set(frequencies(np.array([0.0, 1, 2, 2, 1, 0]))) == {2.5}


def plain_frequencies(magnitude):
    """Estimate one frame's frequencies, bin by bin."""
    v, bins = [float(value) for value in magnitude], len(magnitude)
    peaks = [p for p in range(1, bins - 1) if v[p - 1] < v[p] >= v[p + 1] and v[p] > 0.01 * max(v)]
    if not peaks:
        return list(range(bins))
    found, first = [0.0] * bins, 0
    for index, p in enumerate(peaks):
        a, b, c = (
            math.log(max(value, sys.float_info.epsilon * v[p])) for value in v[p - 1 : p + 2]
        )
        last = bins - 1
        if index + 1 < len(peaks):
            q = peaks[index + 1]
            last = math.floor((v[q] * p + v[p] * q) / (v[p] + v[q]))
        for bin_ in range(first, last + 1):
            found[bin_] = p + (c - a) / (2 * (2 * b - c - a))
        first = last + 1
    return found


@given(seed=st.integers(0, 99), bins=st.integers(2, 60), silent=st.sampled_from([0.0, 0.5, 0.95]))
def test_frequencies_are_a_plain_loops_and_rise(seed, bins, silent):
    rng = np.random.default_rng(seed)
    magnitude = rng.gamma(0.5, size=(3, 2, bins)) * (rng.random((3, 2, bins)) >= silent)
    found = frequencies(magnitude)
    assert found.shape == magnitude.shape
    for frame, expected in zip(found.reshape(6, -1), magnitude.reshape(6, -1), strict=True):
        np.testing.assert_allclose(frame, plain_frequencies(expected), atol=1e-9)
        assert (np.diff(frame) >= 0).all()


# The mixing error


@pytest.mark.parametrize(
    ("percussive", "harmonic", "start", "deviations", "error"),
    [
        (0.5, 0.5, 1 / 2, (0.284, 0.138, 0.022), 0.0095),
        (0.2, 0.8, 1 / 2, (0.047, 0.044, 0.018), 0.0040),
        (0.8, 0.2, 1 / 2, (1.077, 0.519, 0.077), 0.0323),
        (0.8, 0.2, 3 / 4, (1.654, 0.593, 0.077), 0.0416),
    ],
)
def test_how_slowly_the_iterations_return_to_the_mixtures_phase(
    percussive, harmonic, start, deviations, error
):
    def after(iterations):
        phase = np.exp([1j * np.pi * start])
        return minimise_mixing_error(
            np.array([harmonic]), np.array([percussive]), phase, iterations
        )[:, 0]

    for iterations, deviation in zip((10, 50, 2000), deviations, strict=True):
        assert abs(np.angle(after(iterations)[0])) == pytest.approx(deviation, abs=6e-4)
    assert abs(1 - after(50).sum()) == pytest.approx(error, abs=5e-5)


@pytest.fixture
def bins(rng):
    """Magnitudes of both parts, mostly not summing to 1, and any phase of the first."""
    harmonic, percussive = rng.random((2, 1000))
    harmonic[:100], percussive[50:200] = 0, 0
    return harmonic, percussive, np.exp(2j * np.pi * rng.random(1000))


def test_magnitudes_are_kept_and_the_error_never_grows(bins):
    harmonic, percussive, start = bins
    errors = []
    for iterations in (0, 1, 2, 3, 10, 50, 200):
        found = minimise_mixing_error(harmonic, percussive, start, iterations)
        np.testing.assert_allclose(abs(found), bins[:2], atol=1e-12)
        errors.append(abs(1 - found.sum(axis=0)))
    assert (np.diff(errors, axis=0) <= 1e-12).all()
    assert errors[-1].mean() < errors[0].mean() / 2


def test_without_iterations_the_start_is_the_answer(bins):
    harmonic, percussive, start = bins
    found = minimise_mixing_error(harmonic, percussive, start, 0)
    np.testing.assert_allclose(found, [harmonic * start, percussive], atol=1e-15)


def test_a_source_alone_has_the_mixtures_phase_after_one_iteration(rng):
    start = np.exp(2j * np.pi * rng.random(100))
    ones, zeros = np.ones(100), np.zeros(100)
    np.testing.assert_allclose(
        minimise_mixing_error(ones, zeros, start, 1), [ones, zeros], atol=1e-12
    )


def test_a_source_that_the_error_cancels_exactly_comes_back():
    harmonic, percussive, start = np.array([[2.0], [4.0], [1.0]])
    once, twice = (
        minimise_mixing_error(harmonic, percussive, start + 0j, iterations)[:, 0]
        for iterations in (1, 2)
    )
    assert np.array_equal(once, [2, 0])  # 4 + 0.8 (1 - 4 - 2) = 0
    np.testing.assert_allclose(twice, [2, -4])


# The algorithm


def plain_pu_hpss(stft, mixture, harmonic, percussive, iterations):
    """Run Algorithm 1 on one channel, bin by bin. [shape=(bins, frames)]."""
    found = np.zeros((2, *mixture.shape), complex)
    for t in range(mixture.shape[1]):
        nu = plain_frequencies(abs(harmonic[:, t]))
        for f in range(mixture.shape[0]):
            x, v1, v2 = mixture[f, t], percussive[f, t], abs(harmonic[f, t])
            if x == 0:  # where there is no phase to be had
                continue
            phase = cmath.phase(x)
            s1, s2 = cmath.rect(v1, phase), cmath.rect(harmonic[f, t], phase)
            if t > 0:
                if found[0, f, t - 1] != 0:
                    advance = 2 * math.pi * stft.hop_length * nu[f] / stft.size
                    s2 = cmath.rect(v2, cmath.phase(found[0, f, t - 1]) + advance)
                for _ in range(iterations):
                    error = x - s1 - s2
                    total = v1**2 + v2**2 + 1e-100
                    y1, y2 = s1 + v1**2 / total * error, s2 + v2**2 / total * error
                    s1, s2 = v1 * y1 / (abs(y1) + 1e-100), v2 * y2 / (abs(y2) + 1e-100)
            found[:, f, t] = s2, s1
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "magnitudes", ["of the mixture", "of the parts", "with zeros", "partly negative"]
)
def test_is_the_papers_algorithm(rng, magnitudes):
    audio = music(0.05, channels=3)[1:].astype(np.float64)
    mixture = SMALL.forward(audio)
    mask = rng.random(mixture.shape)
    harmonic, percussive = mask * abs(mixture), (1 - mask) * abs(mixture)
    if magnitudes == "of the parts":  # which sum to more than the mixture's
        percussive = rng.random(mixture.shape) * abs(mixture)
    if magnitudes == "partly negative":  # as what a mask of up to 2 leaves of the mixture
        percussive = 2 * mask * abs(mixture)
        harmonic = abs(mixture) - percussive
    if magnitudes == "with zeros":
        mixture[:, 20:60, 5:12] = 0
        harmonic[:, 40:80, 9:14] = percussive[:, 60:90, 12:16] = 0
        harmonic[:, 20:60, 5:12] = percussive[:, 20:60, 5:12] = 0
    found = np.stack(recover(SMALL, mixture, harmonic, percussive, iterations=20))
    for channel in range(2):
        expected = plain_pu_hpss(
            SMALL, mixture[channel], harmonic[channel], percussive[channel], 20
        )
        np.testing.assert_allclose(found[:, channel], expected, atol=1e-9 * abs(mixture).max())
    assert not np.allclose(found[0], harmonic * np.exp(1j * np.angle(mixture)), atol=1e-2)


def test_negative_magnitudes_keep_their_sign_in_the_first_frame_only(rng):
    mixture = SMALL.forward(music(0.1))
    harmonic = (rng.random(mixture.shape) - 0.3).astype(np.float32) * abs(mixture)
    percussive = abs(mixture) - harmonic
    found = recover(SMALL, mixture, harmonic, percussive)
    np.testing.assert_allclose(abs(found[0]), abs(harmonic), atol=1e-4)
    plain = make_phase("mixture").start(SMALL)(
        mixture, abs(mixture), (harmonic, percussive), (0, 1)
    )
    for part, expected in zip(found, plain, strict=True):
        np.testing.assert_allclose(part[..., 0], expected[..., 0], atol=1e-4)
        assert abs(part[..., 1] - expected[..., 1]).max() > 0.1


@given(at=st.lists(st.integers(0, 60), max_size=4))
def test_frames_may_come_in_any_blocks(at):
    mixture = SMALL.forward(music(0.08))
    parts = 0.3 * abs(mixture), 0.7 * abs(mixture)
    whole = recover(SMALL, mixture, *parts)
    run = PUHPSS().start(SMALL)
    blocks = [
        run(block, abs(block), (0.3 * abs(block), 0.7 * abs(block)), (0, 1))
        for block in np.split(mixture, sorted(at), axis=-1)
    ]
    assert np.array_equal(np.concatenate(blocks, axis=-1), whole)


def test_only_what_is_wanted_is_given():
    mixture = SMALL.forward(music(0.05))
    parts = 0.3 * abs(mixture), 0.7 * abs(mixture)
    both = recover(SMALL, mixture, *parts)
    for wanted in (0, 1):
        (found,) = PUHPSS().start(SMALL)(mixture, abs(mixture), parts, [wanted])
        assert np.array_equal(found, both[wanted])


@pytest.mark.parametrize("stft", [FIRST, SECOND])
def test_true_magnitudes_of_tone_and_hits_get_a_better_phase_than_the_mixtures(rng, stft):
    time = np.arange(RATE) / RATE
    tone = np.sum([np.sin(2 * np.pi * 220 * k * time + k) / k for k in range(1, 6)], axis=0)
    hits = 2 * rng.standard_normal(RATE) * np.exp(-(time % 0.25) / 0.02)
    mixture, *parts = (stft.forward(sound[np.newaxis]) for sound in (tone + hits, tone, hits))
    magnitudes = tuple(abs(part) for part in parts)

    def sdr(phase):
        run = make_phase(phase).start(stft)
        (found,) = run(mixture, abs(mixture), magnitudes, [0])
        error = tone - stft.inverse(found, RATE)[0]
        return 10 * np.log10((tone**2).sum() / (error**2).sum())

    assert sdr("pu-hpss") > sdr("mixture") + 1


# Within a separation


@methods
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (48_000, 3)])
def test_parts_sum_to_the_recording_to_the_bit(method, rate, channels):
    audio = np.rint(music(0.3, rate, channels) * 2**14) / 2**15
    for part in (parts := ticktone.separate(audio, rate, method, phase="pu-hpss")):
        assert part.shape == audio.shape
    assert np.array_equal(sum(parts), audio)


def test_both_recovered_estimates_are_heard_in_parts_that_sum():
    audio = music(0.5)
    raw = ticktone.separate(audio, RATE, "median", phase="pu-hpss", complement=False)
    parts = ticktone.separate(audio, RATE, "median", phase="pu-hpss")
    error = audio - sum(raw)
    assert abs(error).max() > 1e-3
    for part, estimate in zip(parts, raw, strict=True):
        np.testing.assert_allclose(part, estimate + error / 2, atol=1e-6)


@pytest.mark.slow
@given(
    method=st.sampled_from(["median", "hpr"]),
    at=st.lists(st.integers(0, 6000), max_size=3),
    block_frames=st.integers(1, 40),
)
def test_blocks_equal_the_whole(method, at, block_frames):
    audio = music(6000 / RATE)
    whole = ticktone.separate(audio, RATE, method, phase="pu-hpss")
    separator = Separator(method, phase="pu-hpss", block_frames=block_frames)
    blocks = separator.stream(np.split(audio, sorted(at), axis=-1), RATE)
    for part, expected in zip(zip(*blocks, strict=True), whole, strict=True):
        assert np.array_equal(np.concatenate(part, axis=-1), expected)


def test_channels_are_separated_alone():
    audio = music(0.3, channels=3)
    together = ticktone.separate(audio, RATE, "median", phase="pu-hpss", complement=False)
    for channel in range(3):
        alone = ticktone.separate(audio[channel], RATE, "median", phase="pu-hpss", complement=False)
        for whole, part in zip(together, alone, strict=True):
            np.testing.assert_allclose(whole[channel], part, atol=1e-6)


@pytest.mark.slow
@methods
def test_silence_stays_silent_before_and_after_music(method):
    silence = np.zeros((2, RATE * 6 // 10), np.float32)
    for part in ticktone.separate(silence, RATE, method, phase="pu-hpss"):
        assert not part.any()
    audio = np.concatenate([silence, music(0.3), silence], axis=1)
    for part in ticktone.separate(audio, RATE, method, phase="pu-hpss"):
        assert not part[:, : RATE // 4].any()
        assert not part[:, -RATE // 4 :].any()
        assert part.any()


def test_the_level_does_not_matter():
    audio = music(0.3)
    loud, soft = (
        ticktone.separate(audio * scale, RATE, "median", phase="pu-hpss").percussive / scale
        for scale in (np.float32(1), np.float32(2**-30))
    )
    assert np.array_equal(loud, soft)


@pytest.mark.parametrize("complement", [True, False])
def test_the_phase_changes_the_result_within_reason(complement):
    audio = music(0.5)
    mixture, unwrapped = (
        ticktone.separate(audio, RATE, "median", phase=phase, complement=complement)
        for phase in ("mixture", "pu-hpss")
    )
    for before, after in zip(mixture, unwrapped, strict=True):
        assert 1e-3 < abs(before - after).max() < 0.5 * abs(audio).max()


@pytest.mark.parametrize("method", ["hpr", "diffusion"])
def test_binary_masks_leave_nothing_to_unwrap(method):
    audio = music(0.5)
    mixture, unwrapped = (
        ticktone.separate(audio, RATE, method, phase=phase, complement=False)
        for phase in ("mixture", "pu-hpss")
    )
    for before, after in zip(mixture, unwrapped, strict=True):
        np.testing.assert_allclose(after, before, atol=1e-6)


def test_more_iterations_bring_it_nearer_to_the_mixtures_phase():
    audio = music(0.3)
    mixture = ticktone.separate(audio, RATE, "median").percussive
    distances = [
        abs(ticktone.separate(audio, RATE, "median", phase=phase).percussive - mixture).mean()
        for phase in (PUHPSS(iterations=5), "pu-hpss", PUHPSS(iterations=200))
    ]
    assert distances[0] > 1.2 * distances[1] > 1.2**2 * distances[2] > 0


def test_a_remix_has_the_phase_too():
    audio = music(0.3)
    harmonic, _ = ticktone.separate(audio, RATE, "median", phase="pu-hpss")
    found = ticktone.remix(audio, RATE, percussive=-np.inf, method="median", phase="pu-hpss")
    assert np.array_equal(found, harmonic)


def test_the_mixtures_phase_is_the_default():
    audio = music(0.3)
    for part, expected in zip(
        ticktone.separate(audio, RATE, "median"),
        ticktone.separate(audio, RATE, "median", phase="mixture"),
        strict=True,
    ):
        assert np.array_equal(part, expected)


def test_unknown_phases_and_options_out_of_range_are_refused():
    assert phases() == ("mixture", "pu-hpss", "misi", "consistent")
    with pytest.raises(ticktone.TicktoneError, match="unknown phase 'pu_hps'; did you mean pu-h"):
        ticktone.separate(np.zeros(9), RATE, phase="pu_hps")
    with pytest.raises(ValueError, match="iterations must be at least 1, not 0"):
        PUHPSS(iterations=0)
