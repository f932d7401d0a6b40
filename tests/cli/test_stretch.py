import json

import mutagen
import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from ticktone.cli.commands import app


def test_it_writes_the_file_at_another_speed(song, run, tmp_path):
    path = song("a.flac", 0.5, 48_000)
    done = run("stretch", path, "--speed", "0.8", "-m", "median")
    assert done.returncode == 0, done.stderr
    found = soundfile.info(tmp_path / "a.stretch.flac")
    assert (found.frames, found.samplerate, found.channels) == (30_000, 48_000, 2)
    assert found.subtype == soundfile.info(path).subtype


def test_tempo_is_a_speed_and_pitch_keeps_the_length(song, tmp_path):
    def call(folder, *options):
        command = ["stretch", str(path), *options, "-m", "median", "--float", "--json"]
        done = CliRunner().invoke(app, [*command, "-o", str(tmp_path / folder)])
        assert done.exit_code == 0, done.stderr
        return done

    path = song("a.wav", 0.5)
    by_speed = call("speed", "--speed", "0.75")
    call("tempo", "--tempo", "120", "90")
    call("pitch", "--pitch", "-3")
    found = [
        soundfile.read(tmp_path / folder / "a.stretch.wav")[0]
        for folder in ("speed", "tempo", "pitch")
    ]
    assert np.array_equal(found[0], found[1])
    assert found[2].shape == (22_050, 2)
    result = json.loads(by_speed.stdout)
    assert result["duration"] == pytest.approx(0.5, abs=1e-4)
    assert list(result["outputs"]) == ["stretch"]


def test_options_reach_the_stretcher(song, tmp_path):
    path = song("a.wav", 0.5)
    found = {}
    for options in ((), ("--keep-drums",), ("--no-lock-attacks",), ("--phase", "pu-hpss")):
        command = ["stretch", str(path), "--speed", "0.7", "--pitch", "4", "-m", "median"]
        done = CliRunner().invoke(app, [*command, "--float", "--overwrite", *options])
        assert done.exit_code == 0, done.stderr
        found[options] = soundfile.read(tmp_path / "a.stretch.wav")[0].tobytes()
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--speed", "5"), "a speed of 5 is out of range; give 0.25 to 4"),
        (("--speed", "nan"), "out of range"),
        (("--pitch", "13"), "out of range; give -12 to 12"),
        (("--tempo", "0", "90"), "above 0"),
        (("--tempo", "100", "10"), "a speed of 0.1 is out of range"),
        (("--speed", "2", "--tempo", "100", "90"), "exclude each other"),
        ((), "nothing would change; give --speed"),
        (("--speed", "2", "--keep-drums"), "add --pitch"),
    ],
)
def test_mistakes_are_told_in_one_line(song, tmp_path, options, message):
    done = CliRunner().invoke(app, ["stretch", str(song("a.wav", 0.1)), *options])
    assert done.exit_code == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_what_is_there_is_refused_skipped_or_replaced(song, tmp_path):
    command = ["stretch", str(song("a.wav", 0.2)), "--speed", "2", "-m", "median"]
    result = tmp_path / "a.stretch.wav"
    result.write_bytes(b"somebody's")

    def call(*more):
        return CliRunner().invoke(app, [*command, *more])

    refused = call()
    assert refused.exit_code == 1
    assert "exists; use --overwrite" in refused.stderr
    assert "skipped" in call("--skip-existing").stdout
    assert result.read_bytes() == b"somebody's"
    assert call("--overwrite").exit_code == 0
    assert soundfile.info(result).frames == 4410


def test_a_folder_s_own_results_are_passed_over(song, tmp_path):
    song("a.wav", 0.2)
    for _ in range(2):
        command = ["stretch", str(tmp_path), "--speed", "2", "-m", "median", "--overwrite"]
        assert CliRunner().invoke(app, command).exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.stretch.wav", "a.wav"]


def test_nothing_is_left_of_a_file_too_short_for_the_speed(song, tmp_path):
    path = str(song("a.wav", 1.5 / 44_100))
    done = CliRunner().invoke(app, ["stretch", path, "--speed", "4", "-m", "median"])
    assert done.exit_code == 1
    assert "too short" in done.stderr
    assert [found.name for found in tmp_path.iterdir()] == ["a.wav"]


def test_progress_reaches_1(song):
    from ticktone.archive.one_file import write_stretch
    from ticktone.archive.target import Target
    from ticktone.separator import Separator
    from ticktone.stretch.stretcher import Stretcher, StretchSettings

    told = []
    slow = Stretcher(StretchSettings(0.8), Separator("median"))
    write_stretch(slow, song("a.wav", 0.5), Target(), told.append)
    assert told[-1] == 1
    assert told == sorted(told)


def test_tags_stay_but_those_that_no_longer_hold(song, run, tmp_path):
    path = song("a.flac", 0.3)
    tags = mutagen.File(path)
    tags.update({"title": "Song", "artist": "A", "bpm": "120", "initialkey": "Am"})
    tags.save()
    for arguments, lost in ((["--speed", 0.8], {"bpm"}), (["--pitch", 2], {"initialkey"})):
        done = run("stretch", path, "-m", "median", "--overwrite", *arguments)
        assert done.returncode == 0, done.stderr
        found = dict(mutagen.File(tmp_path / "a.stretch.flac"))
        assert found["title"] == ["Song (stretch)"]
        assert {"bpm", "initialkey"} - found.keys() == lost
    run("stretch", path, "-m", "median", "--overwrite", "--speed", 0.8, "--no-tags")
    assert not mutagen.File(tmp_path / "a.stretch.flac").tags
