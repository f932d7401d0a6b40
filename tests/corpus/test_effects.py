import math
from typing import Any

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from ticktone.corpus import effects
from ticktone.corpus.effects import Band, Compression, Strip

RATE = 44_100


def tone(hertz, seconds=1.0, peak=0.5, rate=RATE):
    """Make a sine, the same in both channels."""
    time = np.arange(int(seconds * rate)) / rate
    return np.tile(peak * np.sin(2 * np.pi * hertz * time), (2, 1)).astype(np.float32)


def noise(seconds=1.0, rms=0.1):
    rng = np.random.default_rng(5)
    return (rms * rng.standard_normal((2, int(seconds * RATE)))).astype(np.float32)


def strength(sound, hertz, rate=RATE):
    """Measure the peak amplitude of a sine in the second half of the left channel."""
    half = sound[0, sound.shape[1] // 2 :]
    window = np.hanning(len(half))
    wave = np.exp(-2j * np.pi * hertz / rate * np.arange(len(half)))
    return 2 * np.abs(np.sum(half * window * wave)) / np.sum(window)


def db(ratio):
    return 20 * math.log10(ratio)


ROOM = effects.room(RATE, np.random.default_rng(3), seconds=0.5)
EFFECTS = {
    "gain": lambda sound: effects.gain(sound, -6),
    "pan": lambda sound: effects.pan(sound, 0.3, 0.7),
    "equalise": lambda sound: effects.equalise(sound, RATE, [Band("peak", 500, 6)]),
    "convolve": lambda sound: effects.convolve(sound, ROOM),
    "compress": lambda sound: effects.compress(sound, RATE, threshold_db=-30, ratio=4),
    "tanh": lambda sound: effects.saturate(sound, RATE, 6),
    "hard": lambda sound: effects.saturate(sound, RATE, 6, "hard"),
    "asymmetric": lambda sound: effects.saturate(sound, RATE, 6, "asymmetric"),
    "amplifier": lambda sound: effects.amplifier(sound, RATE, 20, np.random.default_rng(3)),
    "strip": lambda sound: Strip(
        (Band("peak", 500, 6),), 6, "tanh", Compression(-3, 4, 0.01, 0.1), 0.3, 0.7
    ).apply(sound, RATE),
}
every_effect = pytest.mark.parametrize("effect", EFFECTS.values(), ids=EFFECTS)


@every_effect
def test_silence_stays_silent(effect):
    assert not effect(np.zeros((2, RATE), np.float32)).any()


@every_effect
def test_next_to_nothing_does_not_become_something(effect):
    assert np.abs(effect(noise(rms=1e-30))).max() < 1e-25


@every_effect
@pytest.mark.parametrize("samples", [0, 1, 31, 33, 4410])
def test_sounds_of_any_length_keep_it(effect, samples):
    sound = effect(noise()[:, :samples])
    assert sound.shape == (2, samples)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()


@every_effect
def test_stereo_stays_stereo(effect):
    left, right = effect(noise())
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.8


@every_effect
def test_a_sound_itself_is_not_changed(effect):
    sound = noise()
    effect(sound)
    assert np.array_equal(sound, noise())


@every_effect
def test_doing_it_twice_gives_the_same_and_not_the_sound_itself(effect):
    first, second = effect(noise()), effect(noise())
    assert np.array_equal(first, second)
    assert not np.allclose(first, noise(), atol=1e-3)


# Level, gain and pan


def test_the_level_of_a_sine_is_its_power():
    assert effects.level_db(tone(1000, peak=1), RATE) == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("samples", [0, 100, RATE])
def test_the_level_of_silence_is_minus_infinity(samples):
    assert effects.level_db(np.zeros((2, samples), np.float32), RATE) == -math.inf


@pytest.mark.parametrize("seconds", [0.01, 0.123, 1])
def test_the_level_does_not_depend_on_the_length(seconds):
    level = effects.level_db(tone(1000, seconds), RATE)
    assert level == pytest.approx(db(0.5 / math.sqrt(2)), abs=0.05)


@pytest.mark.parametrize(("softer", "counts"), [(-math.inf, False), (-45, False), (-30, True)])
def test_the_level_ignores_pauses(softer, counts):
    sound = tone(1000)
    pause = effects.gain(sound, softer)
    level = effects.level_db(np.concatenate([sound, pause], axis=1), RATE)
    change = level - effects.level_db(sound, RATE)
    assert change == pytest.approx(-3 if counts else 0, abs=0.1)


def test_gain_is_in_db():
    sound = noise()
    change = effects.level_db(effects.gain(sound, -7.5), RATE) - effects.level_db(sound, RATE)
    assert change == pytest.approx(-7.5, abs=1e-3)


def test_match_level_makes_as_loud():
    sound = effects.match_level(noise(), tone(1000), RATE)
    assert effects.level_db(sound, RATE) == pytest.approx(
        effects.level_db(tone(1000), RATE), abs=1e-3
    )


@pytest.mark.parametrize("position", [-1, -0.5, 0, 0.25, 1])
def test_panning_a_mono_sound_keeps_its_power(position):
    sound = tone(1000)
    left, right = effects.pan(sound, position)
    assert np.sum(left**2) + np.sum(right**2) == pytest.approx(np.sum(sound**2), rel=1e-4)
    assert np.sign(np.sum(right**2) - np.sum(left**2)) == pytest.approx(np.sign(position), abs=0.01)


def test_in_the_middle_and_wide_a_sound_stays_as_it_is():
    assert np.allclose(effects.pan(noise(), 0), noise(), atol=1e-6)


def test_width_0_is_mono():
    left, right = effects.pan(noise(), 0, 0)
    assert np.allclose(left, right)
    assert np.allclose(left, noise().mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("side", [-1, 1])
def test_at_a_side_both_channels_are_heard_there_only(side):
    sound = np.concatenate([tone(500)[:1], tone(1000)[:1]])
    panned = effects.pan(sound, side)
    here, there = panned if side == -1 else panned[::-1]
    assert np.abs(there).max() < 1e-6
    low, high = (strength(here[np.newaxis], hertz) for hertz in (500, 1000))
    assert low == pytest.approx(high, rel=1e-3)
    assert low > 0.3


@pytest.mark.parametrize(("position", "width"), [(-1.1, 1), (1.1, 1), (0, -0.1), (0, 1.1)])
def test_places_outside_the_image_are_refused(position, width):
    with pytest.raises(ValueError, match="must be from"):
        effects.pan(noise(), position, width)


# Equaliser


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
@pytest.mark.parametrize(
    ("band", "expected"),
    [
        (Band("peak", 1000, 6), {1000: 6, 60: 0, 10_000: 0}),
        (Band("peak", 1000, -9, 4), {1000: -9, 300: 0, 4000: 0}),
        (Band("low_shelf", 500, 6), {40: 6, 500: 3, 8000: 0}),
        (Band("high_shelf", 500, -8), {40: 0, 500: -4, 8000: -8}),
        (Band("highpass", 500), {8000: 0, 500: -3.01, 50: -40}),
        (Band("lowpass", 500), {30: 0, 500: -3.01, 2000: -24.2}),
        (Band("lowpass", 500, q=2), {500: 6.02}),
    ],
    ids=lambda value: value.kind if isinstance(value, Band) else "",
)
def test_a_band_has_its_gain(band, expected, rate):
    for hertz, gain in expected.items():
        sound = tone(hertz, rate=rate)
        change = db(strength(effects.equalise(sound, rate, [band]), hertz, rate) / 0.5)
        # The bilinear transform makes a pass steeper towards half the rate.
        tolerance = 0.1 if gain > -20 else 0.7
        assert change == pytest.approx(gain, abs=tolerance), hertz


def test_quality_makes_a_peak_narrower():
    wide, narrow = (
        strength(effects.equalise(tone(1500), RATE, [Band("peak", 1000, 12, q)]), 1500)
        for q in (0.5, 5)
    )
    assert wide > 2 * narrow


def test_bands_add_up():
    bands = [Band("peak", 1000, 6), Band("peak", 1000, -2)]
    change = db(strength(effects.equalise(tone(1000), RATE, bands), 1000) / 0.5)
    assert change == pytest.approx(4, abs=0.01)
    assert np.array_equal(effects.equalise(tone(1000), RATE, []), tone(1000))


@pytest.mark.parametrize("hertz", [0, -5, RATE / 2, 30_000])
def test_bands_outside_the_spectrum_are_refused(hertz):
    with pytest.raises(ValueError, match="Hz is not between"):
        effects.equalise(noise(), RATE, [Band("peak", hertz, 3)])


def test_drawn_equalisers_differ_and_stay_within_their_strength():
    rng = np.random.default_rng(1)
    drawn = [effects.draw_equaliser(rng, 5) for _ in range(50)]
    assert len(set(drawn)) == 50
    gains = [band.gain_db for bands in drawn for band in bands]
    assert -5 <= min(gains) < -4
    assert 4 < max(gains) <= 5
    assert all(band.gain_db == 0 for band in effects.draw_equaliser(rng, 0))


# Room


def reverberation_time(response, hertz):
    """Measure it after ISO 3382, from -5 to -35 dB of the decay, in an octave around hertz."""
    octave = butter(4, [hertz / 2**0.5, hertz * 2**0.5], "bandpass", fs=RATE, output="sos")
    power = sosfiltfilt(octave, np.pad(response, [(0, 0), (0, RATE)])) ** 2
    decay = np.cumsum(power.mean(axis=0)[::-1])[::-1]
    level = 10 * np.log10(decay / decay[0] + 1e-12)
    begin, end = np.argmax(level < -5), np.argmax(level < -35)
    return 2 * (end - begin) / RATE


@pytest.mark.parametrize("seconds", [0.25, 0.6, 1.5, 3])
def test_a_room_rings_as_long_as_asked_for(seconds, rng):
    response = effects.room(RATE, rng, seconds=seconds)
    times = [reverberation_time(response, hertz) for hertz in (500, 1000)]
    assert np.mean(times) == pytest.approx(seconds, rel=0.15)


@pytest.mark.parametrize(("damping", "factor"), [(0, 1), (0.5, 0.5), (1, 0.25)])
def test_damping_shortens_high_frequencies(damping, factor, rng):
    response = effects.room(RATE, rng, seconds=2, damping=damping)
    assert reverberation_time(response, 500) == pytest.approx(2, rel=0.15)
    assert reverberation_time(response, 4000) == pytest.approx(2 * factor, rel=0.2)


def test_a_room_answers_after_its_predelay(rng):
    response = effects.room(RATE, rng, seconds=0.5, predelay=0.03)
    begin = round(0.03 * RATE)
    assert not response[:, :begin].any()
    assert response[:, begin : begin + 500].any()


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_a_room_has_two_different_channels_of_unit_energy(rate, rng):
    response = effects.room(rate, rng, seconds=1)
    assert np.allclose(np.sum(response**2, axis=1), 1, rtol=1e-4)
    assert abs(np.corrcoef(*response)[0, 1]) < 0.2


def test_noise_is_as_loud_in_a_room(rng):
    sound = noise(4)
    answer = effects.convolve(sound, effects.room(RATE, rng, seconds=0.5))[:, RATE:]
    assert effects.level_db(answer, RATE) == pytest.approx(effects.level_db(sound, RATE), abs=0.5)


def test_early_reflections_stand_out_from_the_tail(rng):
    response = np.abs(effects.room(RATE, rng, seconds=2))[0]
    early, late = response[: RATE // 20], response[RATE // 10 : RATE // 5]
    assert np.mean(early**4) / np.mean(early**2) ** 2 > 3 * (
        np.mean(late**4) / np.mean(late**2) ** 2
    )


def test_a_room_is_the_generators():
    def draw(seed):
        return effects.room(RATE, np.random.default_rng(seed), seconds=0.3)

    assert np.array_equal(draw(1), draw(1))
    assert not np.allclose(draw(1), draw(2))


@pytest.mark.parametrize("wrong", [{"seconds": 0}, {"predelay": -1}, {"damping": -1}])
def test_rooms_that_cannot_be_are_refused(wrong, rng):
    with pytest.raises(ValueError, match="must be positive"):
        effects.room(RATE, rng, **{"seconds": 1, **wrong})


def test_convolution_is_each_channel_with_its_own():
    response = np.zeros((2, 100), np.float32)
    response[0, 10] = response[1, 20] = 1
    sound = noise()
    left, right = effects.convolve(sound, response)
    assert np.allclose(left[10:], sound[0, :-10], atol=1e-5)
    assert np.allclose(right[20:], sound[1, :-20], atol=1e-5)


def test_drawn_rooms_are_of_all_kinds(rng):
    rooms = [effects.draw_room(rng) for _ in range(100)]
    times: dict[str, list[float]] = {}
    for room in rooms:
        times.setdefault(room.kind, []).append(room.seconds)
    assert {"booth", "room", "chamber", "hall", "plate"} == set(times)
    assert max(times["booth"]) < min(times["hall"])
    response = rooms[0].response(RATE, rng)
    taps = round(rooms[0].predelay * RATE) + math.ceil(rooms[0].seconds * RATE)
    assert response.shape == (2, taps)


# Compressor


@pytest.mark.parametrize("ratio", [1, 2, 4, 20])
@pytest.mark.parametrize("peak_db", [-40, -24, -20, -10, 0])
def test_the_static_curve_is_that_of_the_ratio_with_a_soft_knee(peak_db, ratio):
    sound = tone(1000, peak=10 ** (peak_db / 20))
    out = effects.compress(sound, RATE, threshold_db=-20, ratio=ratio, makeup=0)
    over = peak_db + 20
    knee = 0 if over <= -3 else over if over >= 3 else (over + 3) ** 2 / 12
    expected = peak_db - knee * (1 - 1 / ratio)
    assert db(strength(out, 1000)) == pytest.approx(expected, abs=0.1)


def step_response(**times):
    """Give the gain in dB every 0.73 ms around a step up by 20 dB at 1 s and down at 2 s."""
    loudness = np.repeat([0.05, 0.5, 0.05], RATE)
    carrier = np.sign(tone(8000, 3)[0])  # a square wave, whose peak is always there
    sound = np.tile(loudness * carrier, (2, 1)).astype(np.float32)
    out = effects.compress(sound, RATE, threshold_db=-30, ratio=4, makeup=0, **times)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 20 * np.log10(out[0] / sound[0])


@pytest.mark.parametrize("attack", [0.005, 0.05])
@pytest.mark.parametrize("release", [0.05, 0.2])
def test_attack_and_release_are_time_constants(attack, release):
    gains = step_response(attack=attack, release=release)
    soft, loud = gains[RATE - 100], gains[2 * RATE - 100]
    assert soft - loud == pytest.approx(15, abs=0.1)  # 20 dB × (1 - 1 / 4)
    border = soft + (loud - soft) * (1 - 1 / math.e)
    fell = np.nanargmax(gains[RATE:] < border) / RATE
    assert fell == pytest.approx(attack, abs=0.001, rel=0.05)
    border = loud + (soft - loud) * (1 - 1 / math.e)
    rose = np.nanargmax(gains[2 * RATE :] > border) / RATE
    assert rose == pytest.approx(release, abs=0.001, rel=0.05)


def test_no_attack_is_at_once():
    gains = step_response(attack=0)
    assert np.nanargmax(gains[RATE - 32 :] < gains[2 * RATE - 100] + 0.1) < 64


def test_both_channels_get_the_same_gain():
    sound = np.concatenate([tone(1000)[:1], effects.gain(tone(700), -20)[:1]])
    left, right = effects.compress(sound, RATE, threshold_db=-20, ratio=4, makeup=0)
    halves = slice(RATE // 2, None)
    ratios = [np.std(out[halves]) / np.std(sound[i, halves]) for i, out in enumerate((left, right))]
    assert ratios[0] < 0.5
    assert ratios[1] == pytest.approx(ratios[0], rel=0.01)


def test_makeup_is_in_db_or_keeps_the_level():
    sound = noise() * np.linspace(0.1, 2, RATE, dtype=np.float32)

    def level(makeup):
        out = effects.compress(sound, RATE, threshold_db=-40, ratio=4, makeup=makeup)
        return effects.level_db(out, RATE)

    assert level(6) - level(0) == pytest.approx(6, abs=1e-3)
    assert level("auto") == pytest.approx(effects.level_db(sound, RATE), abs=1e-3)


@pytest.mark.parametrize(
    "changed", [{"threshold_db": -30}, {"ratio": 8}, {"attack": 0.1}, {"release": 1.0}]
)
def test_every_option_of_the_compressor_changes_something(changed):
    sound = noise() * np.linspace(0.1, 2, RATE, dtype=np.float32)
    sound[:, ::5000] *= 10
    settings: dict[str, Any] = {"threshold_db": -20, "ratio": 3}
    one, other = (effects.compress(sound, RATE, **each) for each in (settings, settings | changed))
    assert not np.allclose(one, other, atol=1e-3)


@pytest.mark.parametrize("wrong", [{"ratio": 0.5}, {"attack": -1}, {"release": -1}])
def test_compressors_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="must be at least 1"):
        effects.compress(noise(), RATE, **{"threshold_db": -20, "ratio": 2, **wrong})


# Saturation


def harmonics(sound, hertz=1000):
    """Give the strengths of harmonics 2 to 5 relative to the first."""
    return [strength(sound, n * hertz) / strength(sound, hertz) for n in range(2, 6)]


@pytest.mark.parametrize("kind", ["tanh", "hard", "asymmetric"])
@pytest.mark.parametrize("drive_db", [-20, 0, 12, 30])
def test_saturation_keeps_the_level(kind, drive_db):
    for sound in (tone(300), noise(), effects.gain(noise(), -40)):
        out = effects.saturate(sound, RATE, drive_db, kind)
        assert effects.level_db(out, RATE) == pytest.approx(effects.level_db(sound, RATE), abs=0.01)


def test_drive_is_relative_to_the_sound():
    soft, loud = (effects.saturate(tone(1000, peak=p), RATE, 12) for p in (0.001, 1))
    assert np.allclose(soft * 1000, loud, atol=1e-4)


def test_drive_adds_harmonics():
    third = [harmonics(effects.saturate(tone(1000), RATE, drive))[1] for drive in (-20, 0, 12)]
    assert third[0] < 0.002 < third[1] < third[2]
    assert third[2] > 0.15


def test_hard_clipping_starts_at_the_peak():
    sound = tone(1000)
    below, above = (effects.saturate(sound, RATE, drive, "hard") for drive in (-1, 6))
    assert max(harmonics(below)) < 1e-3
    assert max(harmonics(above)) > 0.1


def test_the_curves_differ_and_only_the_asymmetric_one_has_even_harmonics():
    found = {
        kind: harmonics(effects.saturate(tone(1000), RATE, 6, kind))
        for kind in ("tanh", "hard", "asymmetric")
    }
    assert found["tanh"][0] < 1e-3
    assert found["hard"][0] < 1e-3
    assert found["asymmetric"][0] > 0.05
    assert found["hard"][1] > 1.2 * found["tanh"][1]


def test_the_asymmetric_curve_adds_no_offset():
    out = effects.saturate(tone(1000), RATE, 12, "asymmetric")
    assert abs(out[:, RATE // 2 :].mean()) < 1e-3


@pytest.mark.parametrize("kind", ["tanh", "hard"])
def test_harmonics_above_half_the_rate_are_not_folded_back(kind):
    hertz = 7000  # whose fifth harmonic, 35 kHz, would come back at 9.1 kHz
    sound = tone(hertz)
    plain = np.tanh(8 * sound) if kind == "tanh" else np.clip(8 * sound, -1, 1)
    out = effects.saturate(sound, RATE, db(4), kind)
    alias = db(strength(out, RATE - 5 * hertz) / strength(out, hertz))
    assert db(strength(plain, RATE - 5 * hertz) / strength(plain, hertz)) > -20
    assert alias < -50


# Amplifier


def test_the_amplifier_makes_a_guitar_dense_and_dull(rng):
    time = np.arange(2 * RATE) / RATE
    plucked = tone(196, 2) * np.exp(-time / 0.3).astype(np.float32)
    out = effects.amplifier(plucked, RATE, 40, rng)
    assert effects.level_db(out, RATE) == pytest.approx(effects.level_db(plucked, RATE), abs=0.01)

    def share(sound, hertz):
        """Give the share of the power above a frequency."""
        power = np.abs(np.fft.rfft(sound[0])) ** 2
        return power[2 * hertz :].sum() / power.sum()

    def crest(sound):
        return np.abs(sound).max() / np.sqrt(np.mean(sound**2))

    assert crest(out) < 0.6 * crest(plucked)
    assert share(out, 500) > 0.03 > 100 * share(plucked, 500)
    assert share(out, 8000) < 1e-3


def test_the_amplifiers_drive_and_generator_change_it():
    def play(drive_db, seed):
        return effects.amplifier(tone(196), RATE, drive_db, np.random.default_rng(seed))

    assert np.array_equal(play(20, 1), play(20, 1))
    assert not np.allclose(play(20, 1), play(20, 2), atol=1e-2)
    assert not np.allclose(play(20, 1), play(40, 1), atol=1e-2)


# Channel strips


def test_an_empty_strip_changes_nothing():
    assert np.allclose(Strip().apply(noise(), RATE), noise(), atol=1e-6)


@pytest.mark.parametrize(
    "changed",
    [
        {"bands": (Band("peak", 500, -6),)},
        {"drive_db": 9.0},
        {"curve": "hard"},
        {"compression": None},
        {"compression": Compression(-12, 4, 0.01, 0.1)},
        {"position": -0.5},
        {"width": 0.2},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_every_option_of_a_strip_changes_something(changed):
    usual: dict[str, Any] = {
        "drive_db": 0.0,
        "compression": Compression(0, 4, 0.01, 0.1),
        "width": 0.8,
    }
    sound = noise() * np.linspace(0.1, 2, RATE, dtype=np.float32)
    one, other = (Strip(**each).apply(sound, RATE) for each in (usual, usual | changed))
    assert not np.allclose(one, other, atol=1e-3)


def test_a_strip_compresses_soft_parts_as_it_does_loud_ones():
    strip = Strip(compression=Compression(-6, 4, 0.01, 0.1))
    sound = noise() * np.linspace(0.1, 2, RATE, dtype=np.float32)
    soft = strip.apply(effects.gain(sound, -20), RATE)
    assert np.allclose(effects.gain(soft, 20), strip.apply(sound, RATE), atol=1e-4)


@pytest.mark.parametrize("kind", ["percussive", "harmonic", "bass"])
def test_drawn_strips_differ_and_are_the_generators(kind):
    def draw(seed):
        rng = np.random.default_rng(seed)
        return [effects.draw_strip(rng, kind) for _ in range(60)]

    strips = draw(1)
    assert strips == draw(1)
    assert len(set(strips)) == 60
    assert {strip.drive_db is None for strip in strips} == {True, False}
    assert {strip.compression is None for strip in strips} == {True, False}
    assert {strip.curve for strip in strips} == {"tanh", "asymmetric", "hard"}


def test_a_bass_is_nearer_to_the_middle_and_drier_than_the_rest():
    def mean(kind, what):
        rng = np.random.default_rng(1)
        return np.mean([what(effects.draw_strip(rng, kind)) for _ in range(60)])

    for what in (lambda strip: abs(strip.position), lambda strip: strip.send_db):
        assert mean("bass", what) < min(mean(kind, what) for kind in ("percussive", "harmonic"))
