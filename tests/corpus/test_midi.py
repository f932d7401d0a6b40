from contextlib import suppress

import mido
import pretty_midi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pretty_midi import ControlChange, Instrument, Note, PitchBend, PrettyMIDI

from ticktone.corpus.midi import cut, family, is_left_out, is_percussive, read_midi
from ticktone.errors import TicktoneError


def score(*instruments):
    midi = PrettyMIDI(resolution=480)
    midi.instruments = list(instruments)
    return midi


def part(*notes, program=0, drums=False, name="", controls=(), bends=()):
    """Make a part of notes given as (pitch, start, end)."""
    instrument = Instrument(program, drums, name)
    instrument.notes = [Note(100, *note) for note in notes]
    instrument.control_changes = [ControlChange(*control) for control in controls]
    instrument.pitch_bends = [PitchBend(*bend) for bend in bends]
    return instrument


def notes(instrument):
    return [(note.pitch, note.start, note.end) for note in instrument.notes]


def controls(instrument):
    return [(change.number, change.value, change.time) for change in instrument.control_changes]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "song.mid"


def test_parts_and_notes_are_read(path):
    written = score(part((60, 0.5, 1), program=33, name="bass"), part((38, 0, 0.25), drums=True))
    written.write(str(path))
    bass, drums = read_midi(path).instruments
    assert (bass.program, bass.name, bass.is_drum, drums.is_drum) == (33, "bass", False, True)
    assert notes(bass) == [(60, pytest.approx(0.5), pytest.approx(1))]


def test_oddities_are_read_without_a_warning(path):
    first = mido.MidiTrack([mido.Message("note_on", note=60, velocity=9, time=0)])
    first.append(mido.Message("note_off", note=60, time=480))
    second = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=400_000)])
    mido.MidiFile(type=1, tracks=[first, second]).save(path)
    assert read_midi(path).instruments


@pytest.mark.parametrize(
    "content",
    [b"", b"a song, but in words", b"RIFF\x24\0\0\0WAVEfmt ", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk"],
    ids=["empty", "text", "sound", "truncated"],
)
def test_what_is_no_midi_file_is_refused_in_one_line(path, content):
    path.write_bytes(content)
    with pytest.raises(TicktoneError, match="cannot be read as MIDI") as caught:
        read_midi(path)
    assert caught.value.path == str(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(path):
    with pytest.raises(TicktoneError, match="No such file"):
        read_midi(path)


def test_a_score_without_notes_is_refused(path):
    score().write(str(path))
    with pytest.raises(TicktoneError, match="has no notes"):
        read_midi(path)


@pytest.mark.parametrize(("hours", "refused"), [(1.9, False), (2.5, True), (100, True)])
def test_a_score_of_an_absurd_length_is_refused(path, hours, refused):
    score(part((60, 0, 1), (60, hours * 3600 - 1, hours * 3600))).write(str(path))
    if refused:
        with pytest.raises(TicktoneError, match="leave it out"):
            read_midi(path)
    else:
        read_midi(path)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=8))
def test_damaged_files_are_read_or_refused(tmp_path_factory, damage):
    path = tmp_path_factory.mktemp("damaged") / "song.mid"
    score(part(*((40 + n, n / 4, n / 4 + 0.5) for n in range(24)))).write(str(path))
    data = bytearray(path.read_bytes())
    for place, value in damage:
        data[place % len(data)] = value
    path.write_bytes(data)
    with suppress(TicktoneError):
        assert read_midi(path).instruments


@pytest.mark.parametrize("program", range(128))
def test_programs_are_told_apart_as_general_midi_lists_them(program):
    instrument = Instrument(program)
    name = pretty_midi.program_to_instrument_name(program)
    untuned = {"Agogo", "Woodblock", "Taiko Drum", "Melodic Tom", "Synth Drum", "Reverse Cymbal"}
    assert is_percussive(instrument) == (name in untuned)
    group = pretty_midi.program_to_instrument_class(program)
    assert is_left_out(instrument) == (group == "Sound Effects")
    assert family(instrument) == group.lower().replace(" ", "_")


@pytest.mark.parametrize("kit", [0, 24, 127])
def test_the_drum_channel_is_percussive_whatever_the_kit(kit):
    drums = Instrument(kit, is_drum=True)
    assert is_percussive(drums)
    assert not is_left_out(drums)
    assert family(drums) == "percussive"


def test_an_excerpt_starts_at_0_and_clips_the_notes_that_straddle():
    long = part((60, 0, 10), (61, 1, 3), (62, 2.5, 3.5), (63, 3.5, 9), program=5, name="keys")
    (keys,) = cut(score(long), 2, 4).instruments
    assert (keys.program, keys.name, keys.is_drum) == (5, "keys", False)
    assert notes(keys) == [(60, 0, 2), (61, 0, 1), (62, 0.5, 1.5), (63, 1.5, 2)]
    assert notes(long)[0] == (60, 0, 10)  # the score itself stays


def test_an_excerpt_has_the_parts_that_play_in_it_in_their_order():
    same = [part((60, start, start + 1), name="horn", drums=False) for start in (0, 5, 0)]
    excerpt = cut(score(*same, part((38, 0.5, 0.6), drums=True)), 0, 2)
    assert [(i.name, i.is_drum) for i in excerpt.instruments] == [
        ("horn", False),
        ("horn", False),
        ("", True),
    ]


def test_notes_that_only_touch_an_excerpt_are_not_in_it():
    assert not cut(score(part((60, 0, 1), (61, 2, 3))), 1, 2).instruments


def test_controllers_and_bends_are_at_an_excerpts_start_what_they_were():
    piece = part(
        (60, 0, 10),
        controls=[(11, 10, 0), (11, 20, 1), (64, 127, 1.5), (11, 30, 3), (64, 0, 5)],
        bends=[(100, 0), (200, 1), (300, 3), (400, 5)],
    )
    (keys,) = cut(score(piece), 2, 4).instruments
    assert sorted(controls(keys)) == [(11, 20, 0), (11, 30, 1), (64, 127, 0)]
    assert [(bend.pitch, bend.time) for bend in keys.pitch_bends] == [(200, 0), (300, 1)]


def test_the_range_of_pitch_bends_is_kept_in_the_order_that_sets_it():
    asked = [(101, 0, 0), (100, 0, 0), (6, 12, 0), (101, 0, 0.5), (100, 1, 0.5), (6, 64, 0.5)]
    (keys,) = cut(score(part((60, 0, 10), controls=asked)), 2, 4).instruments
    assert [control[:2] for control in controls(keys)] == [control[:2] for control in asked]
    assert all(control[2] == 0 for control in controls(keys))


@pytest.mark.parametrize("end", [1, 2])
def test_an_excerpt_that_ends_before_it_starts_is_refused(end):
    with pytest.raises(ValueError, match="must end after its start"):
        cut(score(part((60, 0, 10))), 2, end)
