import re
import tempfile
from types import SimpleNamespace

import numpy as np
import pytest
from pretty_midi import ControlChange, Instrument, Note, PitchBend

from tests.corpus.soundfont import write_soundfont
from ticktone.corpus import fluidsynth
from ticktone.errors import TicktoneError

RATE = 44_100
needed = pytest.mark.program("fluidsynth")


@pytest.fixture
def soundfont(tmp_path):
    return write_soundfont(tmp_path / "sines.sf2")


def part(*notes, program=0, drums=False, controls=(), bends=()):
    """Make a part of notes given as (pitch, start, end)."""
    instrument = Instrument(program, drums)
    instrument.notes = [Note(100, *note) for note in notes]
    instrument.control_changes = [ControlChange(*control) for control in controls]
    instrument.pitch_bends = [PitchBend(*bend) for bend in bends]
    return instrument


ONE = part((69, 0, 1))


def pitch(sound, rate=RATE):
    """Measure the frequency of a sine in Hz between 0.2 and 0.8 s."""
    excerpt = sound[0, int(0.2 * rate) : int(0.8 * rate)]
    spectrum = np.abs(np.fft.rfft(excerpt * np.hanning(len(excerpt)), 2**20))
    return np.argmax(spectrum) * rate / 2**20


def sounding(sound, rate=RATE):
    """List from when to when there is sound."""
    loud = np.convolve(np.abs(sound[0]) > 0.01, np.ones(100)) > 0  # not between half waves
    edges = np.flatnonzero(np.diff(loud.astype(int), prepend=0, append=0)) / rate
    return [(start, end - 100 / rate) for start, end in zip(edges[::2], edges[1::2], strict=True)]


@needed
@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
@pytest.mark.parametrize(("key", "hertz"), [(57, 220), (69, 440), (81, 880)])
def test_notes_have_their_pitch_at_every_sample_rate(soundfont, key, hertz, rate):
    sound = fluidsynth.play(part((key, 0, 1)), soundfont, rate, rate)
    assert sound.shape == (2, rate)
    assert sound.dtype == np.float32
    assert pitch(sound, rate) == pytest.approx(hertz, rel=2e-3)


@needed
def test_notes_are_in_time(soundfont):
    notes = [(69, start, start + 0.1) for start in (0.25, 1.111, 9.0, 59.5)]
    found = sounding(fluidsynth.play(part(*notes), soundfont, 60 * RATE, RATE))
    assert np.allclose(found, [note[1:] for note in notes], atol=0.005)


@needed
def test_a_part_alone_is_dry_and_in_the_middle(soundfont):
    left, right = fluidsynth.play(part((69, 0, 0.5)), soundfont, RATE, RATE)
    assert np.array_equal(left, right)
    assert np.abs(left[: RATE // 2]).max() > 0.01
    assert not left[int(0.6 * RATE) :].any()


@needed
@pytest.mark.parametrize(("samples", "silent"), [(0, 0), (1, 0), (12_345, 0), (90_000, 40_000)])
def test_a_part_lasts_as_long_as_asked_for(soundfont, samples, silent):
    sound = fluidsynth.play(ONE, soundfont, samples, RATE)
    assert sound.shape == (2, samples)
    assert not sound[:, samples - silent :].any()
    longer = fluidsynth.play(ONE, soundfont, 100_000, RATE)
    assert np.array_equal(sound[:, : samples - 64], longer[:, : max(0, samples - 64)])


@needed
def test_what_sounds_for_ever_is_cut(soundfont):
    held = part((69, 0, 1000), controls=[(64, 127, 0)])
    sound = fluidsynth.play(held, soundfont, RATE, RATE)
    assert np.abs(sound[:, -1000:]).max() > 0.01


@needed
def test_a_part_without_notes_is_silent(soundfont):
    assert not fluidsynth.play(part(), soundfont, RATE, RATE).any()


@needed
def test_playing_twice_gives_the_same(soundfont):
    first, second = (fluidsynth.play(ONE, soundfont, RATE, RATE) for _ in range(2))
    assert np.array_equal(first, second)


@needed
@pytest.mark.parametrize("drums", [False, True])
def test_the_program_chooses_the_instrument_or_the_drum_kit(soundfont, drums):
    higher = 8 if drums else 1
    instrument = part((69, 0, 1), drums=drums)

    def hertz(instrument, **how):
        return pitch(fluidsynth.play(instrument, soundfont, RATE, RATE, **how))

    assert hertz(instrument) == pytest.approx(440, rel=2e-3)
    assert hertz(instrument, program=higher) == pytest.approx(880, rel=2e-3)
    own = part((69, 0, 1), drums=drums, program=higher)
    assert hertz(own) == pytest.approx(880, rel=2e-3)
    assert hertz(own, program=0) == pytest.approx(440, rel=2e-3)


@needed
def test_gain_is_a_factor_and_nothing_clips(soundfont):
    chord = part(*((key, 0, 1) for key in (57, 61, 64, 69)))
    soft, loud = (fluidsynth.play(chord, soundfont, RATE, RATE, gain=g) for g in (0.01, 10))
    assert np.abs(loud).max() > 1
    assert np.allclose(loud, soft * 1000, rtol=1e-3, atol=1e-3)


@needed
@pytest.mark.parametrize(
    ("semitones", "controls"),
    [(2, ()), (12, ((101, 0, 0), (100, 0, 0), (6, 12, 0)))],
    ids=["usual range", "an octave"],
)
def test_pitch_bends_are_played_in_their_range(soundfont, semitones, controls):
    bent = part((69, 0, 1), controls=controls, bends=[(8191, 0)])
    sound = fluidsynth.play(bent, soundfont, RATE, RATE)
    # SoundFonts scale the bend by 12700 cents × range / 128: 10 cents less than an octave.
    assert pitch(sound) == pytest.approx(440 * 2 ** (semitones / 12), rel=7e-3)


@needed
@pytest.mark.parametrize("controller", [1, 11, 64])
def test_modulation_expression_and_sustain_are_played(soundfont, controller):
    notes = ((69, 0, 0.5),)
    plain = fluidsynth.play(part(*notes), soundfont, RATE, RATE)
    changed = fluidsynth.play(
        part(*notes, controls=[(controller, 90, 0.25)]), soundfont, RATE, RATE
    )
    assert np.array_equal(plain[:, : RATE // 4 - 64], changed[:, : RATE // 4 - 64])
    assert not np.allclose(plain, changed, atol=1e-3)


@needed
def test_the_pedal_holds_notes(soundfont):
    held = part((69, 0, 0.2), controls=[(64, 127, 0), (64, 0, 0.7)])
    assert np.allclose(
        sounding(fluidsynth.play(held, soundfont, RATE, RATE)), [(0, 0.7)], atol=0.005
    )


@needed
@pytest.mark.parametrize("controller", [0, 7, 10, 32, 91, 93, 120, 121, 123])
def test_volume_pan_and_the_rest_are_left_to_the_mixer(soundfont, controller):
    plain = fluidsynth.play(ONE, soundfont, RATE, RATE)
    controls = [(controller, 8, 0), (controller, 20, 0.5)]
    other = fluidsynth.play(part((69, 0, 1), controls=controls), soundfont, RATE, RATE)
    assert np.array_equal(plain, other)


@needed
@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ([(69, 0, 0.8), (69, 0.3, 0.6)], [(0, 0.6)]),  # struck again while it sounds
        ([(69, 0, 0.3), (69, 0, 0.6)], [(0, 0.6)]),  # struck twice at once
        ([(69, 0, 0.3), (69, 0.3, 0.6)], [(0, 0.6)]),
        ([(69, 0.2, 0.2)], [(0.2, 0.21)]),  # FluidSynth's shortest note
    ],
    ids=["overlapping", "doubled", "touching", "without length"],
)
def test_notes_of_one_pitch_do_not_cut_each_other_or_hang(soundfont, notes, expected):
    found = sounding(fluidsynth.play(part(*notes), soundfont, RATE, RATE))
    assert np.allclose(found, expected, atol=0.006)


@needed
def test_the_users_own_configuration_changes_nothing(soundfont, tmp_path, monkeypatch):
    plain = fluidsynth.play(ONE, soundfont, RATE, RATE)
    (tmp_path / ".fluidsynth").write_text("gain 5\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert np.array_equal(plain, fluidsynth.play(ONE, soundfont, RATE, RATE))


@needed
def test_no_files_are_left_behind(soundfont, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    fluidsynth.play(ONE, soundfont, RATE, RATE)
    soundfont.write_bytes(b"junk")
    with pytest.raises(TicktoneError):
        fluidsynth.play(ONE, soundfont, RATE, RATE)
    assert not list(scratch.iterdir())


@needed
@pytest.mark.parametrize("damage", [lambda data: b"junk" * 100, lambda data: data[:3000]])
def test_a_damaged_soundfont_is_refused_in_one_line(soundfont, damage):
    soundfont.write_bytes(damage(soundfont.read_bytes()))
    with pytest.raises(TicktoneError, match="cannot be played by FluidSynth") as caught:
        fluidsynth.play(ONE, soundfont, RATE, RATE)
    assert caught.value.path == str(soundfont)
    assert "\n" not in str(caught.value)


@needed
def test_a_missing_soundfont_is_named(tmp_path):
    with pytest.raises(TicktoneError, match=r"none\.sf2: no such SoundFont"):
        fluidsynth.play(ONE, tmp_path / "none.sf2", RATE, RATE)


@needed
def test_a_sample_rate_that_fluidsynth_lacks_is_refused(soundfont):
    with pytest.raises(TicktoneError, match="out of range"):
        fluidsynth.play(ONE, soundfont, RATE, 192_000)


@needed
def test_the_version_is_told():
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", fluidsynth.version())


def test_a_missing_program_is_named_with_its_package(soundfont, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    fluidsynth.version.cache_clear()
    for call in (lambda: fluidsynth.play(ONE, soundfont, RATE, RATE), fluidsynth.version):
        with pytest.raises(TicktoneError, match=r"install it .*package fluidsynth on Debian"):
            call()


@needed
def test_systems_without_a_path_to_standard_output_hear_the_same(soundfont, monkeypatch):
    expected = fluidsynth.play(ONE, soundfont, 2 * RATE, RATE)
    monkeypatch.setattr(fluidsynth, "SYSTEM", SimpleNamespace(standard_output=None))
    assert np.array_equal(fluidsynth.play(ONE, soundfont, 2 * RATE, RATE), expected)
    with pytest.raises(TicktoneError, match="cannot be played by FluidSynth"):
        fluidsynth.play(ONE, damaged(soundfont), 2 * RATE, RATE)


def damaged(soundfont):
    path = soundfont.with_name("damaged.sf2")
    path.write_bytes(soundfont.read_bytes()[:200])
    return path
