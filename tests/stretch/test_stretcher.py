import numpy as np
import pytest

import ticktone
from tests.support.sounds import music
from ticktone.parts import Separation
from ticktone.separator import Separator
from ticktone.stretch.stretcher import Stretcher, StretchSettings, tempo_speed

RATE = 44_100
SPEEDS = (0.25, 0.3333, 0.5, 0.8, 0.999, 1.001, 1.25, 2**0.5, 2, 3.7, 4)


def stretcher(speed=1.0, method="median", **settings):
    return Stretcher(StretchSettings(speed, **settings), Separator(method))


@pytest.mark.parametrize("speed", SPEEDS)
def test_lengths_are_exact(speed):
    for samples in (1, 3, 4095, 12_011):
        audio = music(1.0)[:, :samples]
        for pitch in (0, 5):
            found = stretcher(speed, pitch=pitch).stretch(audio, RATE)
            assert found.shape == (2, round(samples / speed))
            assert found.dtype == audio.dtype
            assert np.isfinite(found).all()


@pytest.mark.parametrize("sample_rate", [8000, 48_000, 192_000])
def test_any_rate_and_number_of_channels(sample_rate):
    for channels in (1, 3):
        audio = music(0.3, sample_rate, channels)
        found = stretcher(0.7).stretch(audio, sample_rate)
        assert found.shape == (channels, round(audio.shape[1] / 0.7))
        assert 20 * np.log10(found.std() / audio.std()) == pytest.approx(0, abs=2)


def test_shape_and_dtype_are_the_audio_s():
    audio = music(0.3).astype(np.float64)
    assert stretcher(0.8).stretch(audio, RATE).dtype == np.float64
    assert stretcher(0.8).stretch(audio[0], RATE).shape == (round(audio.shape[1] / 0.8),)
    assert stretcher(0.8).stretch(audio[:, :0], RATE).shape == (2, 0)


@pytest.mark.parametrize("settings", [{"speed": 0.6}, {"speed": 1.7, "pitch": 3}])
def test_blocks_equal_whole(settings):
    audio = music(1.0)
    whole = stretcher(**settings).stretch(audio, RATE)
    for size in (1000, 7777, 2**15):
        blocks = [audio[:, at : at + size] for at in range(0, audio.shape[1], size)]
        streamed = list(stretcher(**settings).stream(blocks, RATE))
        np.testing.assert_array_equal(np.concatenate(streamed, axis=-1), whole)


@pytest.mark.parametrize("method", ["median", "hpr", "folded-3w-unet"])
def test_at_speed_1_it_is_the_recording_itself(method):
    audio = np.rint(music(1.0) * 2**15).astype(np.float32) / 2**15
    assert np.array_equal(ticktone.stretch(audio, RATE, 1.0, method=method), audio)


def test_any_method_s_parts_are_stretched_and_summed():
    audio = music(1.0)
    found = {m: ticktone.stretch(audio, RATE, 0.8, method=m) for m in ("median", "hpr")}
    assert not np.allclose(found["median"], found["hpr"], atol=1e-4)
    for slow in found.values():
        assert 20 * np.log10(slow.std() / audio.std()) == pytest.approx(0, abs=1.5)


def tone(frequency, seconds=2.0):
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(int(seconds * RATE)) / RATE)


def frequency_of(audio):
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio)), 2**20))
    return spectrum.argmax() * RATE / 2**20


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.5])
def test_a_tone_stays_pure_through_the_whole_chain(speed):
    slow = stretcher(speed).stretch(tone(440.0), RATE)[RATE // 3 : -RATE // 3]
    assert frequency_of(slow) == pytest.approx(440, abs=0.05)
    time = 2 * np.pi * 440 * np.arange(len(slow)) / RATE
    basis = np.array([np.sin(time), np.cos(time)]).T
    rest = slow - basis @ np.linalg.lstsq(basis, slow, rcond=None)[0]
    assert 20 * np.log10(slow.std() / rest.std()) > 80


@pytest.mark.parametrize("pitch", [-12, -5, 0.5, 7, 12])
@pytest.mark.parametrize("speed", [1.0, 0.7])
def test_pitch_moves_a_tone_by_semitones(pitch, speed):
    found = stretcher(speed, pitch=pitch).stretch(tone(440.0, 1.0), RATE)
    assert frequency_of(found) == pytest.approx(440 * 2 ** (pitch / 12), rel=2e-4)


def test_drums_may_keep_their_pitch():
    rng = np.random.default_rng(3)
    time = np.arange(RATE) / RATE
    hiss = rng.standard_normal(RATE) * np.exp(-(time % 0.25) / 0.01)
    low = np.fft.irfft(np.fft.rfft(hiss) * (np.fft.rfftfreq(RATE, 1 / RATE) < 4000), RATE)
    parts = [Separation(np.zeros((1, RATE)), low[np.newaxis])]

    def share_above(keep):
        settings = StretchSettings(1.0, pitch=7, keep_drums=keep)
        sound = np.concatenate(list(Stretcher(settings).stretched_parts(parts, RATE)), axis=-1)
        power = np.abs(np.fft.rfft(sound[0])) ** 2
        return power[4200:].sum() / power.sum()

    assert share_above(True) < 0.02 < 0.1 < share_above(False)


def test_each_option_matters():
    audio = music(1.0)
    plain = stretcher(0.7).stretch(audio, RATE)
    for other in ({"lock_attacks": False}, {"binary_masks": False}):
        assert abs(stretcher(0.7, **other).stretch(audio, RATE) - plain).max() > 0.01


def test_binary_masks_keep_the_level_of_what_is_in_both_parts():
    """Half of a tone in each part would otherwise sum without agreeing in phase."""
    half = tone(900.0)[np.newaxis] / 2
    levels = {}
    for binary in (True, False):
        settings = StretchSettings(0.7, binary_masks=binary)
        blocks = Stretcher(settings).stretched_parts([Separation(half, half)], RATE)
        levels[binary] = np.concatenate(list(blocks), axis=-1)[0, RATE // 3 : -RATE // 3].std()
    level = tone(900.0).std()
    assert levels[True] == pytest.approx(level, rel=0.001)
    assert abs(levels[False] / level - 1) > 0.05


@pytest.mark.parametrize("speed", [0.5, 2])
def test_no_clicks_at_start_or_end(speed):
    """A tone that fades in and out has nothing but itself at the ends, and stops where it does."""
    fade = np.clip(np.arange(RATE) / 4000, 0, 1) ** 2
    audio = tone(300.0, 1.0) * fade * fade[::-1]
    slow = stretcher(speed).stretch(audio, RATE)
    for end in (slow, slow[::-1]):
        assert abs(end[:8]).max() < 0.01
        # The largest step between samples is that of a sine of this frequency and level.
        assert abs(np.diff(end[:6000])).max() < 1.2 * 0.5 * 2 * np.pi * 300 / RATE


@pytest.mark.parametrize("speed", [0.5, 0.8, 2])
def test_what_begins_and_ends_at_full_level_does_so_without_a_click(speed):
    slow = stretcher(speed).stretch(tone(300.0, 1.0), RATE)
    for end in (slow[:441], slow[-441:]):
        assert abs(np.diff(end)).max() < 1.2 * 0.5 * 2 * np.pi * 300 / RATE
        assert 20 * np.log10(end.std() / tone(300.0, 1.0).std()) > -6


def test_a_start_at_full_level_is_no_louder_than_the_rest():
    for speed in (0.25, 0.5, 2, 4):
        slow = stretcher(speed).stretch(tone(300.0, 2.0), RATE)
        assert abs(slow).max() < 0.5 * 1.1


def test_level_does_not_matter():
    audio = music(1.0)
    loud, soft = (stretcher(0.7).stretch(audio * level, RATE) for level in (1, 2.0**-10))
    np.testing.assert_allclose(soft * 2**10, loud, atol=1e-4)


def test_mono_in_both_channels_stays_so_and_silence_silent():
    one = music(1.0)[:1]
    assert np.array_equal(*stretcher(0.8, pitch=2).stretch(np.concatenate([one, one]), RATE))
    assert not stretcher(0.8).stretch(np.zeros((2, 10_000), np.float32), RATE).any()


@pytest.mark.parametrize("speed", [0.2, 4.1, 0, -1, np.nan, np.inf])
def test_a_speed_out_of_range_is_refused(speed):
    with pytest.raises(ticktone.TicktoneError, match=r"speed of .* out of range; give 0.25 to 4"):
        ticktone.stretch(music(0.1), RATE, speed)


@pytest.mark.parametrize("pitch", [13, -12.5, np.nan, np.inf])
def test_a_pitch_out_of_range_is_refused(pitch):
    with pytest.raises(ticktone.TicktoneError, match="semitones is out of range; give -12 to 12"):
        ticktone.stretch(music(0.1), RATE, pitch=pitch)


def test_tempos_make_a_speed():
    assert tempo_speed(100, 125) == 1.25
    for tempos in ((0, 100), (100, -1), (np.nan, 3), (100, 10)):
        with pytest.raises(ticktone.TicktoneError, match="give"):
            tempo_speed(*tempos)


def test_what_separation_refuses_is_refused():
    audio = music(0.1)
    audio[1, 5] = np.nan
    with pytest.raises(ticktone.TicktoneError, match="sample 5 of channel 2"):
        stretcher(0.8).stretch(audio, RATE)


@pytest.mark.parametrize("samples", [1, 2, 4, 50])
@pytest.mark.parametrize(("speed", "pitch"), [(1, -12), (3.9, -3), (4, -12), (0.25, 12)])
def test_a_few_samples_keep_the_promised_length(samples, speed, pitch):
    sound = np.full((2, samples), 0.5, np.float32)
    found = ticktone.stretch(sound, 44_100, speed=speed, pitch=pitch, method="median")
    assert found.shape == (2, round(samples / speed))


@pytest.mark.torch
def test_tensors_stay_tensors():
    import torch

    tensor = torch.ones(2, 3000, requires_grad=True)
    found = ticktone.stretch(tensor, 44_100, speed=0.8, method="median")
    assert (type(found), found.shape) == (torch.Tensor, (2, 3750))
