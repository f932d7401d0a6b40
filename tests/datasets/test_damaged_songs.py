"""Songs of which a stem is not what its name says are left out by name, never less a stem."""

import os
import subprocess

import pytest
import soundfile

from ticktone.datasets import open_dataset, split

NAME = os.fsdecode(b"caf\xe9")


def problem(folders):
    dataset = open_dataset(folders)
    assert [song.name for song in dataset] == ["one", "three"]
    (found,) = dataset.problems
    assert (found.song, found.refused) == ("two", True)
    return found.cause


@pytest.mark.program("ffmpeg")
def test_a_stem_that_only_ffmpeg_reads_is_not_left_away(folders):
    bass = folders / "two/bass.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-i", bass, bass.with_suffix(".m4a")], check=True)
    bass.unlink()
    assert "bass.m4a: has no length in its header; convert it" in problem(folders)


def test_a_link_that_leads_nowhere_is_not_left_away(folders):
    (folders / "two/strings.wav").symlink_to("moved.wav")
    assert "strings.wav: no such file" in problem(folders)


def test_a_stem_whose_header_was_never_finished_is_named(folders):
    bass = folders / "two/bass.wav"
    data = bytearray(bass.read_bytes())
    data[40:44] = bytes(4)
    bass.write_bytes(data)
    assert "bass.wav: its header was never finished" in problem(folders)


def test_names_that_are_not_utf8_are_names_like_others(folders):
    (folders / "two").rename(folders / NAME)
    (folders / NAME / "bass.wav").rename(folders / NAME / f"{NAME}.wav")
    dataset = open_dataset(folders)
    assert not dataset.problems
    assert NAME in [name for half in split(song.name for song in dataset) for name in half]
    (song,) = (song for song in dataset if song.name == NAME)
    drums, _ = soundfile.read(os.fsencode(folders / NAME / "drums.wav"), dtype="float32")
    assert (next(song.blocks("percussive", 1000)) == drums[:1000].T).all()
