"""A stretch of a recording has the parts that the whole recording has there."""

import subprocess

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.id3 import CHAP, ID3, TBPM, TIT2

from tests.support.files import names, read
from ticktone.archive.many_files import separate_files, stretch_files
from ticktone.archive.one_file import separate_file
from ticktone.archive.time_range import read_clock
from ticktone.audio.reader import Reader
from ticktone.errors import TicktoneError
from ticktone.stretch.stretcher import StretchSettings


def parts_of(result):
    return {name: read(path) for name, path in result.outputs.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "start", "near"),
    [
        *(("median", 4.5, 0), ("hpr", 4.5, 0), ("folded-3w-unet", 4.5, 1e-5)),
        # which begin far into a patch, whose level is told from its margins too
        *(("3w-unet", 6.5, 1e-5), ("mad-twinnet", 4.5, 1e-5), ("dws", 4.5, 1e-5)),
    ],
)
def test_the_parts_are_those_of_the_whole_recording(song, tmp_path, method, start, near):
    path = song("a.wav", start + 4.5, subtype="PCM_24")
    whole = parts_of(separate_file(path, method=method))
    end = start + 0.75001
    result = separate_file(path, tmp_path / "out", method, start=start, end=end)
    found = parts_of(result)
    first, last = round(start * 44_100), round(end * 44_100)
    assert result.duration == (last - first) / 44_100
    for name, part in found.items():
        assert part.shape[-1] == last - first
        assert abs(part - whole[name][:, first:last]).max() <= near
    assert np.array_equal(sum(found.values()), read(path)[:, first:last])


@pytest.mark.parametrize(
    "name",
    [
        *("a.wav", "a.flac", "a.ogg", "a.mp3"),
        pytest.param("a.m4a", marks=pytest.mark.program("ffmpeg")),
    ],
)
def test_every_kind_of_file_is_cut_at_the_same_sample(song, tmp_path, name):
    if name == "a.m4a":
        path = tmp_path / name
        command = ["ffmpeg", "-v", "error", "-i", song("b.wav", 3.0), path]
        subprocess.run(command, check=True)
    else:
        path = song(name, 3.0)
    whole = read(path)
    with Reader(path) as reader:
        found = np.concatenate(list(reader.blocks(70_001, 90_000)), axis=-1)
    assert np.array_equal(found, whole[:, 70_001:90_000])


def test_the_end_of_the_recording_is_the_end(song, tmp_path):
    path = song("a.wav", 2.0, 8000)
    (late,) = separate_files([path], tmp_path / "a", "median", start=1.5, end=99.0)
    (early,) = separate_files([path], tmp_path / "b", "median", end=0.5)
    assert sum(parts_of(late).values()).shape == (2, 4000)
    assert np.array_equal(sum(parts_of(late).values()), read(path)[:, 12_000:])
    assert np.array_equal(sum(parts_of(early).values()), read(path)[:, :4000])


def test_the_command_takes_seconds_and_minutes(song, run, tmp_path):
    path = song("a.wav", 3.0)
    how = ("-m", "median", "--start", "0:01", "--end", "2.5")
    done = run("separate", path, *how)
    assert "0:01.5" in done.stdout
    assert soundfile.info(tmp_path / "a.harmonic.wav").frames == 66_150
    done = run("separate", path, *how, "--overwrite", "--only", "percussive", "-f", "flac")
    assert soundfile.info(tmp_path / "a.percussive.flac").frames == 66_150


def test_a_manifest_is_of_one_excerpt(song, run, tmp_path):
    path = song("a.wav", 1.0)
    how = ("-m", "median", "-o", tmp_path / "out", "--manifest", tmp_path / "done")
    assert run("separate", path, *how, "--start", "0.5").returncode == 0
    again = run("separate", path, *how)
    assert "is of a run with start and end [0.5, None], not None" in again.stderr


def test_chapters_of_mp3_go_and_the_other_frames_stay(song, tmp_path):
    path = song("a.mp3", 1.0)
    tags = ID3()
    tags.add(TIT2(encoding=3, text="Song"))
    tags.add(TBPM(encoding=3, text="120"))
    tags.add(CHAP(element_id="one", start_time=0, end_time=500))
    tags.save(path)
    result = separate_file(path, method="median", start=0.5)
    found = ID3(result.outputs["harmonic"])
    assert (str(found["TIT2"]), str(found["TBPM"])) == ("Song (harmonic)", "120")
    assert not found.getall("CHAP")
    whole = ID3(separate_file(path, tmp_path / "out", "median").outputs["harmonic"])
    assert whole.getall("CHAP")
    (slow,) = stretch_files([path], StretchSettings(0.5), tmp_path / "slow", "median")
    assert {"TIT2"} == set(ID3(slow.outputs["stretch"]))


def test_tags_are_kept_but_not_positions(song, tmp_path):
    path = song("a.flac", 1.0)
    file = mutagen.File(path)
    file["title"], file["artist"] = "Song", "A"
    file.save()
    result = separate_file(path, method="median", start=0.5)
    found = mutagen.File(result.outputs["harmonic"])
    assert (found["title"], found["artist"]) == (["Song (harmonic)"], ["A"])


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (0.5, 0.5, r"--end \(0.5 s\) must come after --start \(0.5 s\)"),
        (0.5, 0.1, "must come after"),
        (-1, None, "--start must be 0 or more seconds, not -1"),
        (float("nan"), None, "--start must be 0 or more"),
        (0.0, float("inf"), "--end must be 0 or more"),
        (2.0, None, r"a.wav: is 1.0 s long; nothing begins at 2 s"),
        (0.5, 0.500001, r"a.wav: holds no sample between --start and --end"),
    ],
)
def test_what_is_no_stretch_of_it_is_refused(song, tmp_path, start, end, message):
    with pytest.raises(TicktoneError, match=message):
        separate_file(song("a.wav", 1.0), method="median", start=start, end=end)
    assert names(tmp_path) == ["a.wav"]


@pytest.mark.parametrize(
    "text", ["", "1:2:3:4", "1:75", "-3", "1.5:00", "nan", "inf", "1e3x", ":5"]
)
def test_what_is_no_time_is_refused(text, song, run):
    done = run("separate", song("a.wav", 0.1), "-m", "median", f"--start={text}")
    assert done.returncode == 1
    assert "is no time; write seconds or m:ss" in done.stderr


def test_clocks_are_read_as_people_write_them():
    assert [read_clock(text) for text in ("0", "7.25", "1:05", "90:00", "1:00:00.5")] == [
        *(0.0, 7.25, 65.0, 5400.0, 3600.5),
    ]
