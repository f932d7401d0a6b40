import os
from pathlib import Path

import numpy as np
import pretty_midi
import pytest
import soundfile

from tests.corpus.studio import RATE, everything, read_song, songs, write_midi, write_studio
from ticktone.corpus import performance
from ticktone.corpus.bank import Licences
from ticktone.corpus.corpus_manifest import read_manifest
from ticktone.corpus.render import Rendering, find_scores, render
from ticktone.errors import TicktoneError

needed = pytest.mark.program("fluidsynth")


@pytest.fixture
def studio(tmp_path):
    return write_studio(tmp_path / "studio")


@pytest.fixture
def play(tmp_path, studio):
    """Render a folder of scores; give the songs' names and the complaints."""

    def call(*paths, output="corpus", jobs=1, versions=1, **how):
        options = {**studio.sounds, "sample_rate": RATE, "channels": 1, **how}
        scores = find_scores([tmp_path / path for path in paths or ["midi"]], versions)
        outcomes = list(render(scores, tmp_path / output, Rendering(**options), jobs))
        made = sorted(outcome.score.name for outcome in outcomes if outcome.entry)
        return made, [outcome.error for outcome in outcomes if outcome.error]

    return call


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("midi", {"midi-a b": "midi/a b.mid", "midi-x-é": "midi/x/é.MIDI"}),
        (".", {"midi-a b": "midi/a b.mid", "midi-x-é": "midi/x/é.MIDI"}),
        ("x/..", {"midi-a b": "midi/a b.mid", "midi-x-é": "midi/x/é.MIDI"}),
        ("a b.mid", {"a b": "a b.mid"}),
        ("note.txt", {"note": "note.txt"}),
    ],
)
def test_songs_are_named_after_the_path_from_the_folder_that_is_given(
    tmp_path, monkeypatch, given, named
):
    for name in ("a b.mid", "x/é.MIDI", ".hidden.mid", ".trash/b.mid", "note.txt"):
        path = tmp_path / "midi" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path if given == "midi" else tmp_path / "midi")
    scores = find_scores([Path(given)])
    assert {score.name: score.source for score in scores} == named
    assert all(score.path.is_file() for score in scores)


def test_a_name_that_is_not_unicode_becomes_one_that_is(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.mid")).touch()
    (score,) = find_scores([tmp_path / os.fsdecode(b"caf\xe9.mid")])
    assert score.name == "caf\ufffd"


@pytest.mark.parametrize(
    "names",
    [("a.mid", "a.midi"), ("x/a.mid", "x-a.mid"), ("a.mid", "a.2.mid")],
    ids=["extension", "folder", "version"],
)
def test_two_scores_that_would_be_called_alike_are_named(tmp_path, names):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(TicktoneError, match=r"would be called as .*; rename one"):
        find_scores([tmp_path], versions=2)


def test_a_score_that_is_named_twice_is_taken_once(tmp_path, monkeypatch):
    (tmp_path / "a.mid").touch()
    monkeypatch.chdir(tmp_path)
    assert len(find_scores([tmp_path / "a.mid", Path("a.mid")], versions=3)) == 3


@pytest.mark.parametrize(
    ("path", "reason"),
    [("none", "none: no such file or folder"), ("empty", "empty: holds no MIDI files")],
)
def test_a_place_without_scores_is_told(tmp_path, path, reason):
    (tmp_path / "empty").mkdir()
    with pytest.raises(TicktoneError, match=reason):
        find_scores([tmp_path / path])


@needed
def test_a_seed_gives_the_same_files_wherever_and_in_however_many_processes(tmp_path, studio, play):
    for name in "abc":
        write_midi(tmp_path / "midi" / f"{name}.mid", beats=3)
    assert play(jobs=2)[0] == ["midi-a", "midi-b", "midi-c"]
    play("midi", output="again")
    assert everything(tmp_path / "again").keys() == everything(tmp_path / "corpus").keys()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("midi", "studio"):
        (tmp_path / name).rename(elsewhere / name)
    for name in ("soundfont", "kits", "instruments"):
        setattr(studio, name, elsewhere / getattr(studio, name).relative_to(tmp_path))
    play("elsewhere/midi", output="moved")
    for song in ("midi-a", "midi-b", "midi-c"):
        first = everything(tmp_path / "corpus" / song)
        assert first == everything(tmp_path / "again" / song)
        assert first == everything(tmp_path / "moved" / song)
    assert sorted(read_manifest(tmp_path / "corpus"), key=lambda entry: entry.name) == sorted(
        read_manifest(tmp_path / "moved"), key=lambda entry: entry.name
    )


@needed
@pytest.mark.parametrize(
    "how",
    [
        {"seed": 1},
        {"seconds": 0.5},
        {"sample_rate": 24_000},
        {"channels": 2},
        {"synthesised": 1.0},
        {"blended": 1.0},
        {"mastered": 1.0},
        {"families": True},
        {"kits": ()},
        {"instruments": ()},
    ],
    ids=lambda how: next(iter(how)),
)
def test_every_option_changes_the_song(tmp_path, play, how):
    write_midi(tmp_path / "midi" / "a.mid", beats=4)
    play(seed=5)
    play(output="other", **{"seed": 5, **how})
    song, other = (everything(tmp_path / folder / "midi-a") for folder in ("corpus", "other"))
    assert song != other
    assert ("bass.flac" in other) == ("families" in how)
    info = soundfile.info(tmp_path / "other" / "midi-a" / "percussive.flac")
    assert info.samplerate == how.get("sample_rate", RATE)
    assert info.channels == how.get("channels", 1)
    assert info.duration == pytest.approx(how.get("seconds", 2.95), abs=0.01)


@needed
def test_versions_are_songs_of_their_own(tmp_path, play):
    write_midi(tmp_path / "midi" / "a.mid", beats=3)
    assert play(versions=2)[0] == ["midi-a", "midi-a.2"]
    first, second = (everything(tmp_path / "corpus" / name) for name in ("midi-a", "midi-a.2"))
    assert first.keys() == second.keys()
    assert all(first[name] != second[name] for name in first)


@needed
def test_the_manifest_tells_how_a_song_was_made(tmp_path, play):
    write_midi(tmp_path / "midi" / "a.mid", beats=40)
    licences = Licences((("*/midi/*", "CC0"), ("*/instruments/*", "MIT")))
    play(seconds=1, seed=5, licences=licences)
    (entry,) = read_manifest(tmp_path / "corpus")
    assert (entry.source, entry.seconds, entry.seed) == ("midi/a.mid", 1, 5)
    assert entry.files == ["percussive.flac", "harmonic.flac"]
    assert set(entry.players) <= {"tiny", "bass_tiny", "sines.sf2"}
    assert "CC0" in entry.licences
    assert ("MIT" in entry.licences) == ("bass_tiny" in entry.players)
    assert 0 < entry.start < 9
    assert entry.levels.keys() == {"percussive", "harmonic"}


@needed
def test_an_excerpt_is_of_a_place_where_both_parts_play(tmp_path, play):
    for name in "abcd":
        path = write_midi(tmp_path / "midi" / f"{name}.mid", beats=80)
        midi = pretty_midi.PrettyMIDI(str(path))
        midi.instruments[-1].notes = midi.instruments[-1].notes[25:50]  # 6.25 to 12.5 s
        midi.write(str(path))
    play(seconds=1)
    entries = read_manifest(tmp_path / "corpus")
    assert all(len(entry.files) == 2 and 5 < entry.start < 13 for entry in entries)
    assert len({entry.start for entry in entries}) == 4


@needed
def test_an_excerpt_longer_than_the_score_is_all_of_it(tmp_path, play):
    write_midi(tmp_path / "midi" / "a.mid", beats=4)
    play()
    play(output="longer", seconds=60)
    assert everything(tmp_path / "corpus" / "midi-a") == everything(tmp_path / "longer" / "midi-a")


@needed
def test_parts_that_a_score_lacks_have_no_file(tmp_path, play):
    write_midi(tmp_path / "midi" / "drums.mid", programs=(), beats=3)
    write_midi(tmp_path / "midi" / "piano.mid", drums=(), beats=3)
    write_midi(tmp_path / "midi" / "effects.mid", programs=(122,), drums=(), beats=3)
    made, (error,) = play()
    assert made == ["midi-drums", "midi-piano"]
    assert list(read_song(tmp_path / "corpus" / "midi-drums")) == ["percussive"]
    assert list(read_song(tmp_path / "corpus" / "midi-piano")) == ["harmonic"]
    assert error == f"{tmp_path}/midi/effects.mid: nothing in it sounds; leave it out"


@needed
def test_a_broken_score_costs_only_itself(tmp_path, play):
    for name in "ac":
        write_midi(tmp_path / "midi" / f"{name}.mid", beats=2)
    (tmp_path / "midi" / "b.mid").write_bytes(b"MThd, once upon a time")
    made, (error,) = play()
    assert made == songs(tmp_path / "corpus") == ["midi-a", "midi-c"]
    assert error.startswith(f"{tmp_path}/midi/b.mid: cannot be read as MIDI (")
    assert "\n" not in error


@needed
def test_a_broken_sound_is_named_with_the_score_that_wanted_it(tmp_path, studio, play):
    write_midi(tmp_path / "midi" / "a.mid", drums=(36,), programs=(), beats=2)
    kick = studio.kits / "tiny" / "kick_01.wav"
    soundfile.write(kick, [0.1, np.nan], RATE, subtype="FLOAT")
    errors = [play(seed=seed, output=str(seed))[1] for seed in range(3)]  # some on the SoundFont
    wanted = f"{tmp_path}/midi/a.mid: {kick}: has samples that are not finite; replace it"
    assert [wanted] in errors
    assert all(error in ([], [wanted]) for error in errors)


@needed
def test_a_damaged_soundfont_is_told_once(tmp_path, studio, play):
    for name in "abc":
        write_midi(tmp_path / "midi" / f"{name}.mid")
    studio.soundfont.write_bytes(b"junk")
    with pytest.raises(TicktoneError, match=r"sines\.sf2: cannot be played by FluidSynth"):
        play()


@needed
def test_what_is_there_is_passed_over_and_what_is_not_is_made_again(tmp_path, play):
    for name in "abc":
        write_midi(tmp_path / "midi" / f"{name}.mid", beats=2)
    corpus = tmp_path / "corpus"
    play()
    before = everything(corpus)
    assert play() == ([], [])
    assert everything(corpus) == before

    (corpus / "midi-a" / "harmonic.flac").unlink()
    (corpus / ".midi-b.part").mkdir()  # as a run that is killed leaves it,
    (corpus / "midi-b" / "percussive.flac").rename(corpus / ".midi-b.part" / "percussive.flac")
    lines = (corpus / "manifest.jsonl").read_text().splitlines(keepends=True)
    lines.sort(key=lambda line: '"midi-c"' in line)
    lines[-1] = lines[-1][:50]  # its last line too
    (corpus / "manifest.jsonl").write_text("".join(lines))
    assert play() == (["midi-a", "midi-b", "midi-c"], [])
    after = everything(corpus)
    assert after.keys() == before.keys()
    assert all(after[name] == before[name] for name in before if name.endswith(".flac"))
    assert len(read_manifest(corpus)) == 3


@needed
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"seed": 3}, "was made with seed 0, not 3"),
        ({"sample_rate": 24_000}, f"was made with sample_rate {RATE}, not 24000"),
        ({"channels": 2}, "was made with channels 1, not 2"),
        ({"seconds": 2.0}, r"was made with seconds 0\.0, not 2\.0"),
        ({"synthesised": 0.5}, r"was made with synthesised 0\.0, not 0\.5"),
        ({"families": True}, "was made with families False, not True"),
    ],
)
def test_other_options_are_not_mixed_in_silently(tmp_path, play, how, reason):
    write_midi(tmp_path / "midi" / "a.mid", beats=2)
    play()
    before = everything(tmp_path / "corpus")
    write_midi(tmp_path / "midi" / "b.mid", beats=2)
    with pytest.raises(TicktoneError, match=f"midi-a: {reason}; choose another --output"):
        play(**how)
    assert everything(tmp_path / "corpus") == before


@needed
def test_a_score_that_was_changed_is_not_passed_over(tmp_path, play):
    write_midi(tmp_path / "midi" / "a.mid", beats=2)
    play()
    write_midi(tmp_path / "midi" / "a.mid", beats=3)
    with pytest.raises(TicktoneError, match=r"a\.mid: is not the file that .*midi-a was made of"):
        play()


@needed
def test_an_output_that_cannot_be_written_is_named_at_once(tmp_path, play):
    write_midi(tmp_path / "midi" / "a.mid", beats=2)
    (tmp_path / "corpus").write_text("a file")
    with pytest.raises(TicktoneError, match="corpus: cannot be written: File exists; choose"):
        play()


@needed
def test_a_song_that_cannot_be_written_is_named(tmp_path, play):
    name = "a" * 250  # a file can be called so, a song of the folder cannot
    write_midi(tmp_path / "midi" / f"{name}.mid", beats=2)
    write_midi(tmp_path / "midi" / "b.mid", beats=2)
    made, (error,) = play()
    assert made == songs(tmp_path / "corpus") == ["midi-b"]
    assert "cannot be written: File name too long" in error


@needed
def test_a_score_too_long_for_the_memory_costs_only_itself(tmp_path, play, monkeypatch):
    def perform(midi, *others):
        if midi.get_end_time() > 1:
            raise MemoryError
        return performance.perform(midi, *others)

    monkeypatch.setattr("ticktone.corpus.render.perform", perform)
    for name, beats in (("a", 2), ("b", 40), ("c", 2)):
        write_midi(tmp_path / "midi" / f"{name}.mid", beats=beats)
    made, (error,) = play()
    assert made == ["midi-a", "midi-c"]
    assert error.startswith(f"{tmp_path}/midi/b.mid: needs more memory than there is")
