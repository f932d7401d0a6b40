from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ticktone.corpus.instruments import Instrument, read_instrument
from ticktone.corpus.kits import Kit
from ticktone.corpus.sampler import play_instrument, play_kit
from ticktone.corpus.samples import Sample
from ticktone.errors import TicktoneError

RATE = 8000
EXACT = {"timing": 0.0, "level_db": 0.0}


@dataclass
class Hit:
    start: float
    pitch: int
    velocity: int = 100
    end: float = 0.0


def sample(folder: Path, name: str, audio) -> Sample:
    soundfile.write(folder / f"{name}.wav", audio, RATE, subtype="FLOAT")
    return Sample(folder / f"{name}.wav")


def constant(folder: Path, name: str, level: float, seconds: float = 0.01) -> Sample:
    return sample(folder, name, np.full(round(seconds * RATE), level))


def tone(folder: Path, name: str, hertz: float, seconds: float = 2.0) -> Sample:
    return sample(folder, name, 0.5 * np.sin(2 * np.pi * hertz * np.arange(seconds * RATE) / RATE))


def played(kit, hits, seconds=4.0, seed=1, **options):
    rng = np.random.default_rng(seed)
    return play_kit(kit, hits, round(seconds * RATE), RATE, rng, **({"tuning": 0.0} | options))


def sounded(instrument, hits, seconds=4.0, seed=1, **options):
    rng = np.random.default_rng(seed)
    return play_instrument(instrument, hits, round(seconds * RATE), RATE, rng, **(EXACT | options))


@pytest.fixture
def kit(tmp_path) -> Kit:
    soft, loud = constant(tmp_path, "soft", 0.01), constant(tmp_path, "loud", 0.1)
    takes = tuple(constant(tmp_path, f"take{k}", (k + 1) / 10) for k in range(3))
    hat = constant(tmp_path, "hat", 0.1)
    ringing = constant(tmp_path, "ringing", 0.1, seconds=2)
    tom = tone(tmp_path, "tom", 200, seconds=1)
    return Kit(
        "test",
        "",
        {
            "snare": ((soft,), (loud,)),
            "kick": (takes,),
            "hat_closed": ((hat,),),
            "hat_half": ((ringing,),),
            "hat_open": ((ringing,),),
            "crash": ((ringing,),),
            "tom_low": ((tom,),),
        },
    )


def test_each_piece_that_plays_has_a_stereo_array(kit):
    parts = played(kit, [Hit(0.5, 36), Hit(1, 38), Hit(1.5, 71)])
    assert set(parts) == {"kick", "snare"}
    assert all(part.shape == (2, 4 * RATE) and part.dtype == np.float32 for part in parts.values())
    assert all(part.any() for part in parts.values())


def test_velocity_picks_the_layer_and_shapes_the_level_inside_it(kit):
    def peak(velocity):
        return played(kit, [Hit(0, 38, velocity)], **EXACT)["snare"].max()

    assert peak(32) == pytest.approx(0.01, rel=0.02)  # amid the soft layer
    assert peak(95) == pytest.approx(0.1, rel=0.02)
    assert peak(20) < peak(40) < peak(85) < peak(110)


def test_a_single_layer_gets_the_whole_velocity_curve(kit):
    levels = [
        played(kit, [Hit(0, 42, velocity)], **EXACT)["hat_closed"].max()
        for velocity in (1, 30, 60, 90, 127)
    ]
    assert levels == sorted(levels)
    assert levels[-1] == pytest.approx(0.1)
    assert 20 * np.log10(levels[0] / levels[-1]) == pytest.approx(-30, abs=1)


def test_near_the_border_between_layers_both_are_heard(kit):
    hits = [Hit(k / 50, 38, 63) for k in range(100)]
    snare = played(kit, hits, **EXACT)["snare"][0, :: RATE // 50][:100]
    loud = snare > 0.03
    assert 20 < loud.sum() < 80


def test_no_take_is_heard_twice_in_a_row(kit):
    hits = [Hit(k / 50, 36, 127) for k in range(200)]
    kick = played(kit, hits, **EXACT)["kick"][0, :: RATE // 50][:200]
    takes = np.round(10 * kick).astype(int)
    assert set(takes) == {1, 2, 3}
    assert np.all(np.diff(takes) != 0)


def test_a_closing_hat_silences_an_open_one_within_its_fade(kit):
    parts = played(kit, [Hit(0.5, 46, 127), Hit(1, 42, 127)], **EXACT)
    hat = parts["hat_open"][0]
    assert hat[round(0.99 * RATE)] == pytest.approx(0.1)
    fade = hat[round(1.0 * RATE) : round(1.03 * RATE)]
    assert np.all(np.diff(fade) <= 0)
    assert fade[len(fade) // 2] == pytest.approx(0.05, rel=0.05)
    assert not hat[round(1.04 * RATE) :].any()


def test_only_a_less_open_hat_silences(kit):
    def until(*hits):
        return np.flatnonzero(played(kit, [*hits], **EXACT)["hat_open"][0]).max() / RATE

    assert until(Hit(0.5, 46), Hit(1, 36)) == pytest.approx(2.5, abs=0.01)
    assert until(Hit(0.5, 46), Hit(1, 44)) == pytest.approx(1.03, abs=0.01)
    assert until(Hit(0.5, 46), Hit(0.505, 42)) == pytest.approx(2.5, abs=0.01)  # one hit of both
    assert until(Hit(0.5, 46), Hit(1, 46)) == pytest.approx(3, abs=0.01)
    twice = played(kit, [Hit(0.5, 46, 127), Hit(1, 46, 127)], **EXACT)["hat_open"][0]
    assert twice[round(1.5 * RATE)] == pytest.approx(0.2)
    crash = played(kit, [Hit(0.5, 49), Hit(1, 49)], **EXACT)["crash"][0]
    assert crash[round(1.5 * RATE)] > 1.9 * crash[round(0.7 * RATE)]


def test_the_same_seed_plays_the_same_and_another_does_not(kit):
    hits = [Hit(k / 10, key) for k, key in enumerate([36, 38, 42, 46, 41] * 4)]
    one, same, other = (played(kit, hits, seed=seed, tuning=1.0) for seed in (1, 1, 2))
    for piece, part in one.items():
        np.testing.assert_array_equal(part, same[piece])
        assert not np.array_equal(part, other[piece])


def test_onsets_stray_by_the_timing_and_never_begin_before_the_part(kit):
    hits = [Hit(k / 10, 42) for k in range(100)]
    hat = played(kit, hits, 12, timing=0.004)["hat_closed"][0]
    starts = np.flatnonzero(np.diff(hat, prepend=0) > 0) / RATE
    late = starts - np.arange(100) / 10
    assert np.abs(late).max() < 0.0125
    assert 0.003 < late.std() < 0.005
    exact = played(kit, hits, 12, timing=0.0)["hat_closed"][0]
    np.testing.assert_allclose(
        np.flatnonzero(np.diff(exact, prepend=0) > 0), np.arange(100) * RATE / 10
    )


def test_levels_vary_by_level_db(kit):
    hits = [Hit(k / 50, 42, 127) for k in range(500)]
    peaks = played(kit, hits, 11, timing=0.0, level_db=1.5)["hat_closed"][0, :: RATE // 50][:500]
    assert np.std(20 * np.log10(peaks)) == pytest.approx(1.5, abs=0.15)


def frequency(audio):
    """Find the strongest frequency in Hz."""
    size = 2**19
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio)), size))
    return spectrum.argmax() * RATE / size


def test_tuning_varies_from_call_to_call_by_about_as_many_semitones(kit):
    def shift(seed):
        part = played(kit, [Hit(0, 41, 127)], 1, seed, tuning=1.0)["tom_low"]
        return 12 * np.log2(frequency(part[0, : RATE // 2]) / 200)

    shifts = [shift(seed) for seed in range(60)]
    assert 0.8 < np.std(shifts) < 1.3
    untuned = played(kit, [Hit(0, 41, 127)], 1, **EXACT)["tom_low"][0]
    assert frequency(untuned) == pytest.approx(200, abs=0.1)


def test_hits_behind_the_end_are_left_out_and_long_ones_cut(kit):
    assert played(kit, [Hit(9, 36)]) == {}
    assert played(kit, [Hit(3.9, 49)])["crash"][0, -1] > 0


def test_an_unreadable_file_is_told(tmp_path):
    (tmp_path / "kick.wav").write_text("not sound")
    kit = Kit("test", "", {"kick": ((Sample(tmp_path / "kick.wav"),),)})
    with pytest.raises(TicktoneError, match=r"kick\.wav"):
        played(kit, [Hit(0, 36)])


@pytest.fixture
def instrument(tmp_path) -> Instrument:
    layers: dict[int, tuple[tuple[Sample, ...], ...]] = {}
    for pitch in (57, 69):
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        takes = tuple(tone(tmp_path, f"{pitch}_{k}", hertz) for k in range(2))
        layers[pitch] = (takes,)
    return Instrument("test", "", layers)


@pytest.mark.parametrize(
    ("pitch", "heard"), [(57, 57), (60, 60), (66, 66), (81, 81), (45, 45), (44, 68), (83, 59)]
)
def test_a_note_sounds_at_its_pitch_or_octaves_from_it(instrument, pitch, heard):
    part = sounded(instrument, [Hit(0, pitch, 127, end=1.0)])
    cents = 1200 * np.log2(frequency(part[0, : RATE // 2]) / 440) - 100 * (heard - 69)
    assert abs(cents) < 5
    assert part.shape == (2, 4 * RATE)
    assert part.dtype == np.float32


def test_a_note_ends_with_its_release_or_with_its_recording(instrument):
    def until(end):
        part = sounded(instrument, [Hit(0.5, 69, 127, end=end)])[0]
        return np.flatnonzero(np.abs(part) > 1e-4).max() / RATE

    assert 1.03 < until(1.0) < 1.16
    assert until(3.5) == pytest.approx(2.5, abs=0.01)


def test_a_recording_that_is_cut_while_it_sounds_fades_out(tmp_path):
    instrument = Instrument("test", "", {60: ((constant(tmp_path, "cut", 0.5, seconds=1),),)})
    part = sounded(instrument, [Hit(0, 60, 127, end=3.0)])[0]
    assert part[round(0.8 * RATE)] == pytest.approx(0.5)
    assert np.abs(np.diff(part)).max() < 0.01


def test_takes_of_a_note_take_turns(tmp_path):
    takes = tuple(constant(tmp_path, f"take{k}", (k + 1) / 10) for k in range(2))
    hits = [Hit(k / 10, 60, 127, end=k / 10 + 0.05) for k in range(30)]
    part = sounded(Instrument("test", "", {60: (takes,)}), hits)[0, 4 :: RATE // 10][:30]
    assert np.all(np.diff(np.round(part, 1)) != 0)


def test_a_missing_layer_is_played_by_a_neighbour(tmp_path):
    soft, loud = constant(tmp_path, "soft", 0.02), constant(tmp_path, "loud", 0.2)
    instrument = Instrument("test", "", {60: ((soft,), (loud,)), 61: ((), (loud,))})

    def peak(pitch, velocity):
        return sounded(instrument, [Hit(0, pitch, velocity, end=1)]).max()

    assert peak(60, 110) > 5 * peak(60, 20)
    assert peak(61, 20) == pytest.approx(peak(60, 20), rel=0.3)  # a semitone off is near enough


def test_levelled_layers_follow_the_velocity_all_the_same(tmp_path):
    takes = [(constant(tmp_path, name, 0.2),) for name in "pf"]
    levels = {
        levelled: [
            sounded(
                Instrument("test", "", {60: tuple(takes)}, levelled=levelled),
                [Hit(0, 60, velocity, end=1)],
            ).max()
            for velocity in (32, 95)
        ]
        for levelled in (False, True)
    }
    assert levels[False][0] == pytest.approx(levels[False][1], rel=0.02)
    assert levels[True][1] > 4 * levels[True][0]


def test_short_notes_are_played_by_recordings_of_short_notes(tmp_path):
    for name, level in (("060_c4_f", 0.1), ("060_c4_stac", 0.3)):
        constant(tmp_path, name, level, seconds=1)
    instrument = read_instrument(tmp_path)
    assert sounded(instrument, [Hit(0, 60, 127, end=0.1)]).max() == pytest.approx(0.3, rel=0.01)
    assert sounded(instrument, [Hit(0, 60, 127, end=0.5)]).max() == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize("option", ["timing", "level_db"])
def test_every_option_of_an_instrument_is_heard_and_drawn_by_seed(instrument, option):
    hits = [Hit(0.5 + k / 4, 60 + k, end=0.7 + k / 4) for k in range(8)]
    value = {"timing": 0.006, "level_db": 1.0}[option]
    plain, one, same, other = (
        sounded(instrument, hits, seed=seed, **({option: value} if vary else {}))
        for seed, vary in ((1, False), (1, True), (1, True), (2, True))
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, plain)
    assert not np.array_equal(one, other)
