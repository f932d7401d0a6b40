import numpy as np
import pytest
import soundfile

from tests.corpus.lmms_project import track, write_project
from tests.corpus.tracker import TUNE, burst, tone, write_module, write_song
from ticktone.corpus import exclusions
from ticktone.corpus.bank import Licences
from ticktone.corpus.composed import SongRendering, render_songs
from ticktone.corpus.corpus_manifest import read_manifest
from ticktone.corpus.render import find_songs
from ticktone.corpus.song_writer import digest

needed = pytest.mark.library("openmpt")
RATE = 22_050


@pytest.fixture
def play(tmp_path):
    """Render a folder of songs; give the names of those made and the complaints."""

    def call(output="corpus", jobs=1, **how):
        songs = find_songs([tmp_path / "songs"])
        rendering = SongRendering(**{"sample_rate": RATE, **how})
        outcomes = list(render_songs(songs, tmp_path / output, rendering, jobs))
        made = sorted(outcome.score.name for outcome in outcomes if outcome.entry)
        return made, [outcome.error for outcome in outcomes if outcome.error]

    return call


def read(folder, part):
    return soundfile.read(folder / f"{part}.flac", dtype="float32", always_2d=True)[0].T


@needed
def test_a_module_becomes_a_song_in_stems(tmp_path, play):
    path = write_song(tmp_path / "songs" / "a.mod", drum="snare")
    assert play(licences=Licences((("*/songs/*", "CC0"),))) == (["songs-a"], [])
    folder = tmp_path / "corpus" / "songs-a"
    drums, tune = (read(folder, part) for part in ("percussive", "harmonic"))
    assert drums.shape == tune.shape
    assert np.count_nonzero(drums[:, : RATE // 5]) == 0  # the tune alone
    assert abs(tune[:, : RATE // 5]).max() > 0.02
    (entry,) = read_manifest(tmp_path / "corpus")
    assert (entry.name, entry.source, entry.sha256) == ("songs-a", "songs/a.mod", digest(path))
    assert (entry.licences, entry.files) == (["CC0"], ["percussive.flac", "harmonic.flac"])
    assert entry.seconds == pytest.approx(drums.shape[1] / RATE, abs=0.01)
    assert entry.players[0].startswith("libopenmpt ")
    assert entry.options["parts"] == {"percussive": [2], "harmonic": [1], "left_out": []}
    assert entry.levels["harmonic"] == pytest.approx(-20, abs=0.1)
    assert play() == ([], [])


@needed
@pytest.mark.parametrize("how", [{"sample_rate": 24_000}, {"channels": 1}])
def test_every_option_changes_the_files(tmp_path, play, how):
    write_song(tmp_path / "songs" / "a.mod")
    play(**how)
    info = soundfile.info(tmp_path / "corpus" / "songs-a" / "harmonic.flac")
    assert info.samplerate == how.get("sample_rate", RATE)
    assert info.channels == how.get("channels", 2)


@needed
def test_a_song_with_unknown_instruments_waits_for_a_person(tmp_path, play):
    tunes = {"a": tone(), "": burst()}
    write_module(tmp_path / "songs" / "a.mod", tunes, [*TUNE, *((r, 2, n) for r, _, n in TUNE)])
    sheet = tmp_path / "songs" / "a.mod.parts.toml"
    made, (error,) = play()
    assert made == []
    assert "cannot tell whether these are percussive or harmonic: 2 ''; write it in" in error
    assert error.endswith(str(sheet))
    assert play() == (made, [error])
    sheet.write_text(sheet.read_text().replace('"unknown"', '"percussive"'))
    assert play() == (["songs-a"], [])


@needed
@pytest.mark.parametrize("part", ["harmonic", "left_out"])
def test_what_a_person_corrects_is_rendered_anew(tmp_path, play, part):
    write_song(tmp_path / "songs" / "a.mod")
    play()
    before = read(tmp_path / "corpus" / "songs-a", "harmonic")
    sheet = tmp_path / "songs" / "a.mod.parts.toml"
    sheet.write_text(sheet.read_text().replace('part = "percussive"', f'part = "{part}"'))
    assert play() == (["songs-a"], [])
    (entry,) = read_manifest(tmp_path / "corpus")
    assert entry.files == ["harmonic.flac"]
    after = read(tmp_path / "corpus" / "songs-a", "harmonic")
    assert (abs(after - before).max() > 0.01) == (part == "harmonic")


@needed
def test_songs_that_are_measured_by_are_never_rendered(tmp_path, play, monkeypatch):
    write_song(tmp_path / "songs" / "capdan" / "a.mod")
    write_song(tmp_path / "songs" / "b.mod", title="by Skiessi")
    path = write_song(tmp_path / "songs" / "c.mod")
    known = exclusions.exclusions()
    monkeypatch.setattr(
        "ticktone.corpus.composed.exclusions",
        lambda: exclusions.Exclusions(known.authors, frozenset([digest(path)])),
    )
    made, errors = play()
    assert made == []
    assert len(errors) == 3
    assert all("leave it out" in error for error in errors)
    assert not list((tmp_path / "songs").rglob("*.toml"))


@pytest.mark.slow
@needed
def test_a_song_that_fails_costs_no_other(tmp_path, play):
    for name in "ab":
        write_song(tmp_path / "songs" / f"{name}.mod")
    (tmp_path / "songs" / "c.xm").write_bytes(b"junk")
    write_module(tmp_path / "songs" / "d.mod", {}, [])
    made, errors = play(jobs=2)
    assert made == ["songs-a", "songs-b"]
    assert sorted(error.partition(": ")[2] for error in errors) == [
        "is not a tracker module, or is damaged",
        "is silent; leave it out",
    ]


@pytest.mark.program("lmms")
def test_a_project_becomes_a_song_in_stems(tmp_path, play):
    (tmp_path / "songs").mkdir()
    lead = track("lead", "tripleoscillator", [60, 64, 67])
    write_project(tmp_path / "songs" / "a.mmpz", lead, track("kick", "kicker", [57]))
    assert play() == (["songs-a"], [])
    (entry,) = read_manifest(tmp_path / "corpus")
    assert entry.files == ["percussive.flac", "harmonic.flac"]
    assert entry.licences == ["unknown"]
    folder = tmp_path / "corpus" / "songs-a"
    drums, tune = (read(folder, part) for part in ("percussive", "harmonic"))
    assert drums.shape == tune.shape
    assert abs(tune).max() > 0.05
