import shutil
import sys

import musdb
import numpy as np
import pytest

from tests.datasets.conftest import SONGS, STREAMS, encode
from ticktone import TicktoneError
from ticktone.datasets import open_dataset


@pytest.mark.program("ffmpeg")
def test_songs_are_decoded_once_to_what_musdb_reads(musdb18, tmp_path, monkeypatch):
    dataset = open_dataset(musdb18, cache=tmp_path / "cache")
    assert (dataset.kind, dataset.harmonic, dataset.problems) == ("musdb18", "difference", ())
    assert {song.name: song.subset for song in dataset} == {
        "A - One": "train",
        "B - Two": "train",
        "C - Three": "test",
    }
    monkeypatch.setenv("PATH", "")  # what is decoded needs no program
    again = open_dataset(musdb18, cache=tmp_path / "cache")
    assert again == dataset
    monkeypatch.undo()
    theirs = {track.name: track for track in musdb.DB(root=str(musdb18))}
    for song in dataset:
        mixture, drums, *_ = (stem.T.astype("f4") for stem in theirs[song.name].stems)
        assert song.sample_rate == 44_100
        assert np.array_equal(song.read("percussive"), drums)
        assert np.array_equal(song.read("harmonic"), mixture - drums)
        assert np.array_equal(song.read("mixture", 20_000, 500), mixture[:, 20_000:20_500])


@pytest.mark.program("ffmpeg")
def test_decoding_goes_on_where_it_was_cut_off(musdb18, tmp_path):
    cache = tmp_path / "cache"
    first = open_dataset(musdb18, subset="test", cache=cache)
    (drums,) = cache.rglob("drums.*.wav")
    (mixture,) = cache.rglob("mixture.*.wav")
    wanted, written = first.songs[0].read("harmonic"), mixture.stat().st_mtime_ns
    drums.unlink()
    (drums.parent / f".{drums.name}.abc.part").write_bytes(b"half a file")
    second = open_dataset(musdb18, subset="test", cache=cache)
    assert np.array_equal(second.songs[0].read("harmonic"), wanted)
    assert mixture.stat().st_mtime_ns == written


@pytest.mark.program("ffmpeg")
def test_songs_that_are_not_as_they_should_be_are_refused_by_name(musdb18, tmp_path, stem):
    one, two = (musdb18 / f"{song}.stem.mp4" for song in SONGS[:2])
    whole = one.read_bytes()
    one.write_bytes(whole[: len(whole) // 2])
    two.write_bytes(b"not an MP4 file")
    wavs = [tmp_path / SONGS[0] / f"{stream}.wav" for stream in STREAMS]
    encode(musdb18 / "test" / "D.stem.mp4", wavs[:1])
    stem(wavs[1], channels=1)
    encode(musdb18 / "test" / "E.stem.mp4", wavs)
    dataset = open_dataset(musdb18, cache=tmp_path / "cache")
    assert [song.name for song in dataset] == ["C - Three"]
    found = {problem.song: problem.cause for problem in dataset.problems}
    assert "A - One.stem.mp4: is damaged" in found["A - One"]
    assert "B - Two.stem.mp4: is damaged" in found["B - Two"]
    assert "has 1 streams of sound, not the 5" in found["D"]
    assert "same number of channels" in found["E"]
    assert len(list((tmp_path / "cache").rglob("*.wav"))) == 2


@pytest.fixture
def undecoded(tmp_path):
    (tmp_path / "MUSDB18" / "train").mkdir(parents=True)
    (tmp_path / "MUSDB18" / "train" / "A.stem.mp4").write_bytes(b"not looked into")
    return tmp_path / "MUSDB18"


def test_a_cache_is_asked_for(undecoded):
    with pytest.raises(TicktoneError, match=r"stem\.mp4 files must be decoded before use; .*cache"):
        open_dataset(undecoded)


def test_a_missing_program_is_named(undecoded, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TicktoneError, match="need the program ffmpeg"):
        open_dataset(undecoded, cache=tmp_path / "cache")


def test_a_missing_package_is_named(undecoded, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setitem(sys.modules, "stempeg", None)
    with pytest.raises(TicktoneError, match=r"pip install 'ticktone\[data\]'"):
        open_dataset(undecoded, cache=tmp_path / "cache")


@pytest.mark.program("ffmpeg")
def test_a_cache_that_cannot_be_written_is_no_fault_of_the_songs(musdb18, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(TicktoneError, match="cannot be written"):
        open_dataset(musdb18, cache=tmp_path / "cache")
