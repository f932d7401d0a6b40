from dataclasses import replace

import numpy as np
import pytest
import soxr

from ticktone.corpus.classification import (
    Evidence,
    Sheet,
    SheetEntry,
    SoundDescription,
    classify,
    describe,
    read_sheet,
    write_sheet,
)
from ticktone.corpus.classification.names import part_named
from ticktone.corpus.classification.sound import SAMPLE_RATE
from ticktone.errors import TicktoneError

TUNE = {60: 5, 62: 4, 64: 6}
ONE = {60: 12}
NOISE = SoundDescription(percussive_share=0.7, flatness=0.3, sustain=-20)
TONE = SoundDescription(percussive_share=0.05, flatness=0.001, sustain=0)
KICK = SoundDescription(percussive_share=0.5, flatness=0.005, sustain=-15)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("kick01.ogg", "percussive"),
        ("fat.rave.bassdrum", "percussive"),
        ("Bass Drum", "percussive"),
        ("Constructor.BD1", "percussive"),
        ("hi-hat", "percussive"),
        ("HiHat55", "percussive"),
        ("KorgTotalkit.snare (2)", "percussive"),
        ("Tom-Tom", "percussive"),
        ("Percu5", "percussive"),
        ("WaWa Guitar A", "harmonic"),
        ("high-strings:jefflim", "harmonic"),
        ("steel drums", "harmonic"),
        ("Trance Strings", "harmonic"),
        ("bass", None),
        ("", None),
        ("what is that", None),
        ("Jordan Touzsouzov", None),
        ("synth drum", None),
    ],
)
def test_what_names_tell(name, part):
    assert part_named(name) == part


@pytest.mark.parametrize(
    ("name", "notes", "sound", "part"),
    [
        ("snare", TUNE, TONE, "percussive"),
        ("", ONE, NOISE, "percussive"),
        ("", ONE, KICK, "percussive"),
        ("", ONE, replace(KICK, flatness=0.06), "percussive"),
        ("", ONE, replace(TONE, flatness=0.06), "unknown"),
        ("", TUNE, replace(TONE, flatness=0.06), "unknown"),
        ("", TUNE, TONE, "harmonic"),
        ("", ONE, TONE, "harmonic"),
        ("bass", TUNE, None, "harmonic"),
        ("bass", ONE, KICK, "percussive"),
        ("", TUNE, NOISE, "unknown"),
        ("", ONE, replace(NOISE, sustain=1), "unknown"),  # a sweep, applause
        ("", ONE, None, "left_out"),  # it is never heard
        ("", {60: 6, 63: 6}, KICK, "unknown"),  # toms, or a bass of two notes
    ],
)
def test_pitches_and_sounds_tell_where_names_do_not(name, notes, sound, part):
    verdict = classify(Evidence(name, notes, lambda: sound))
    assert verdict.part == part
    assert verdict.reason


def test_without_a_sound_nothing_is_guessed():
    assert classify(Evidence("", TUNE)).part == "unknown"


def test_a_hint_counts_after_the_name_and_before_the_sound():
    evidence = Evidence("", ONE, lambda: NOISE, "harmonic", "its sample")
    assert classify(evidence).part == "harmonic"
    assert classify(evidence).reason == "by its sample"
    assert classify(replace(evidence, name="snare")).part == "percussive"


def test_a_sound_is_described(rng):
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    noise = rng.standard_normal(len(time)).astype(np.float32)
    tone = np.sin(2 * np.pi * 440 * time).astype(np.float32)
    drums = noise * np.exp(-(time % 0.5) / 0.02).astype(np.float32)
    kicks = np.sin(2 * np.pi * 60 * time) * np.exp(-(time % 0.5) / 0.05)
    assert describe(tone).percussive_share < 0.05
    assert describe(tone).flatness < 0.001
    assert describe(drums).percussive_share > 0.7
    assert describe(drums).flatness > 0.2
    assert describe(drums).sustain < -20
    assert describe(kicks.astype(np.float32)).sustain == pytest.approx(-25, abs=8)
    assert describe(kicks.astype(np.float32)).flatness < 0.05
    dull = soxr.resample(drums[::4], SAMPLE_RATE // 4, SAMPLE_RATE)
    assert describe(dull).flatness > 0.2
    assert describe(noise).flatness == pytest.approx(0.56, abs=0.05)
    assert describe(np.zeros(SAMPLE_RATE, np.float32)) is None
    assert describe(np.zeros(0, np.float32)) is None
    assert describe(tone[:1000]).flatness < 0.05


def test_pauses_and_level_do_not_count(rng):
    drums = rng.standard_normal(SAMPLE_RATE).astype(np.float32)
    drums *= np.exp(-np.arange(SAMPLE_RATE) / SAMPLE_RATE / 0.05).astype(np.float32)
    plain = describe(np.tile(drums, 3))
    pauses = np.concatenate([0.01 * drums, np.zeros(5 * SAMPLE_RATE, np.float32)])
    paused = describe(np.tile(pauses, 3))
    assert paused.flatness == pytest.approx(plain.flatness, abs=0.02)
    assert paused.percussive_share == pytest.approx(plain.percussive_share, abs=0.1)


SHEET = Sheet(
    "ab12",
    (
        SheetEntry(1, 'a "name"\\ \x7f\n\x01 é', "harmonic", "by its name"),
        SheetEntry(4, "", "unknown"),
        SheetEntry(7, "x", "left_out"),
    ),
)


def test_a_sheet_is_read_as_written_and_as_corrected(tmp_path):
    path = tmp_path / "a.mod.parts.toml"
    assert read_sheet(path, "ab12", [1, 4, 7]) is None
    write_sheet(path, SHEET)
    assert read_sheet(path, "ab12", [7, 4, 1]) == SHEET
    path.write_text(path.read_text().replace('"unknown"', '"percussive"').rstrip())
    corrected = read_sheet(path, "ab12", [1, 4, 7])
    assert corrected.numbers("percussive") == [4]
    assert corrected.numbers("left_out") == [7]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("ab12", "ff", "is of another song, or the song was changed; remove it"),
        ('"unknown"', '"drums"', "instrument 4: part 'drums' is none of: percussive, harmonic"),
        ("number = 4", "number = 5", "must have each instrument once; see instrument 4"),
        ("number = 4", "number = 1", "must have each instrument once; see instrument 4"),
        ("number = 4", "", "an instrument has no number"),
        ("number = 4", "number = ", "is not valid TOML"),
    ],
)
def test_what_is_wrong_with_a_sheet_is_told(tmp_path, old, new, reason):
    path = tmp_path / "a.mod.parts.toml"
    write_sheet(path, SHEET)
    content = path.read_text()
    assert content.count(old) == 1 or old == '"unknown"'
    head, _, tail = content.rpartition(old)
    path.write_text(head + new + tail)
    with pytest.raises(TicktoneError, match=reason):
        read_sheet(path, "ab12", [1, 4, 7])


def test_a_sheet_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(TicktoneError, match="copy the song to a folder of your own"):
        write_sheet(tmp_path / "none" / "a.parts.toml", SHEET)
