"""What is wrong costs one line, and only itself."""

import json
import os
from contextlib import contextmanager

import numpy as np
import pytest
import soundfile

from tests.support.files import names
from tests.support.sounds import music

resource = pytest.importorskip("resource")  # which Windows does not have


def failing(run, folder, *arguments, reason, **how):
    """Run, and see that it fails in one line, leaves nothing behind and goes on."""
    before = set(names(folder))
    good = folder / "good.wav"
    soundfile.write(good, music(0.1).T, 44_100)
    done = run("separate", *arguments, good, **how)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("ticktone: ")
    assert reason in line
    new = set(names(folder)) - before
    assert new == {"good.wav", "good.harmonic.wav", "good.percussive.wav"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.wav", None, "a.wav: no such file; check the spelling"),
        ("a.wav", b"", "a.wav: is empty (0 bytes); copy"),
        ("a.wav", b"once upon a time\n" * 99, "a.wav: is not a sound file"),
        ("a.m4a", b"\0\0\0\x20ftypM4A " + bytes(99), "a.m4a: "),
    ],
)
def test_bad_files_cost_only_themselves(run, tmp_path, name, content, reason):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    failing(run, tmp_path, tmp_path / name, reason=reason)


def test_m4a_without_ffmpeg(run, tmp_path):
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(99))
    reason = "a.m4a: is MP4 or QuickTime; it takes the program ffmpeg to read more, which is not"
    failing(run, tmp_path, tmp_path / "a.m4a", reason=reason, env={**os.environ, "PATH": ""})


def test_a_folder_without_sound(run, tmp_path):
    (tmp_path / "empty").mkdir()
    failing(run, tmp_path, tmp_path / "empty", reason="empty: holds no sound files; name one")


def test_a_file_without_samples(run, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 1)), 44_100)
    failing(run, tmp_path, tmp_path / "a.wav", reason="a.wav: holds 0 samples")


@pytest.mark.parametrize(("value", "word"), [(np.nan, "nan"), (np.inf, "inf")])
def test_a_file_with_samples_that_are_no_numbers(run, tmp_path, value, word):
    audio = music(8.0)
    audio[0, 300_000] = value
    soundfile.write(tmp_path / "a.wav", audio.T, 44_100, subtype="FLOAT")
    reason = f"a.wav: sample 300000 of channel 1 (at 6.803 s) is {word}; repair"
    failing(run, tmp_path, tmp_path / "a.wav", reason=reason)


def test_a_truncated_file(song, run, tmp_path):
    path = song("a.mp3", 8.0)
    path.write_bytes(path.read_bytes()[:40_000])
    before = path.read_bytes()
    done = run("separate", path)
    assert done.returncode == 1
    assert "a.mp3: is truncated" in done.stderr
    assert names(tmp_path) == ["a.mp3"]
    assert path.read_bytes() == before


def test_inputs_that_would_write_the_same_outputs(song, run, tmp_path):
    one, two = song("one/a.wav", 0.1), song("two/a.wav", 0.1)
    done = run("separate", one, two, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.count("would write the same outputs") == 2
    assert not (tmp_path / "out").exists()
    song("one/a.flac", 0.1)
    done = run("separate", tmp_path / "one", "-o", tmp_path / "out", "--format", "wav")
    assert "would write the same outputs" in done.stderr
    assert run("separate", tmp_path / "one", "-o", tmp_path / "out").returncode == 0


def test_the_same_file_named_twice_is_done_once(song, run, tmp_path):
    path = song("a.wav", 0.1)
    done = run("separate", path, tmp_path, path)
    assert done.returncode == 0
    assert done.stdout.count("real time") == 1


def test_an_output_that_is_an_input(song, run, tmp_path):
    path, other = song("a.wav", 0.1), song("a.harmonic.wav", 0.1)
    before = other.read_bytes()
    done = run("separate", path, other, "--overwrite")
    assert done.returncode == 1
    assert f"a.wav: would overwrite {other}, which is to be read" in done.stderr
    assert other.read_bytes() == before


@pytest.mark.slow
def test_what_will_not_be_written_is_no_danger(song, run, tmp_path):
    path, remixed = song("a.wav", 0.1), song("a.remix.wav", 0.1)
    assert run("separate", path, remixed, "--overwrite").returncode == 0
    done = run("separate", *tmp_path.glob("*.wav"), "--skip-existing")
    assert done.stdout.count(": skipped") == 2
    assert run("remix", song("b.wav", 0.1), song("b.harmonic.wav", 0.1)).returncode == 0


def test_outputs_are_told_by_content_and_place(song, run, tmp_path):
    liar = song("a.mp3", 0.1, format="WAV")
    done = run("separate", liar, song("a.wav", 0.1), "--overwrite")
    assert done.stderr.count("would write the same outputs") == 2
    song("d/b.wav", 0.1)
    (tmp_path / "e").symlink_to(tmp_path / "d")
    done = run("separate", tmp_path / "d/b.wav", tmp_path / "e/b.wav", "--overwrite")
    assert done.returncode == 0
    assert done.stdout.count("real time") == 1


def test_an_output_that_is_its_own_input(song, run, tmp_path):
    path = song("a.wav", 0.1)
    (tmp_path / "a.harmonic.wav").hardlink_to(path)
    done = run("separate", path, "--overwrite")
    assert done.returncode == 1
    assert "would be overwritten by its own output" in done.stderr
    assert names(tmp_path) == ["a.harmonic.wav", "a.wav"]


def test_an_output_folder_that_cannot_be(song, run, tmp_path):
    path = song("a.wav", 0.1)
    done = run("separate", path, "-o", path / "out")
    assert done.returncode == 1
    assert "cannot be written: Not a directory; choose another folder" in done.stderr


@contextmanager
def as_nobody():
    """Permissions do not bind the administrator, whom tests in containers often are."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_files_and_folders_without_permission(song, tmp_path):
    from typer.testing import CliRunner

    from ticktone.cli.commands import app

    path = song("a.wav", 0.1)
    locked, closed = tmp_path / "locked", tmp_path / "closed"
    locked.mkdir()
    song("locked/b.wav", 0.1)
    closed.mkdir()
    for folder in (tmp_path, *tmp_path.parents[:3]):  # so that nobody can get here at all
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    locked.chmod(0)
    closed.chmod(0o555)

    warm = CliRunner().invoke(app, ["separate", str(path), "-o", str(tmp_path / "out")])
    assert warm.exit_code == 0  # and all modules are loaded, which nobody may not read

    def reason(*arguments):
        with as_nobody():
            done = CliRunner().invoke(app, ["separate", *map(str, arguments)])
        assert done.exit_code == 1, done.output
        (line,) = done.stderr.splitlines()
        return line.removeprefix("ticktone: ")

    denied = "cannot be written: Permission denied; choose another folder"
    try:
        assert denied in reason(path, "-o", closed)
        assert denied in reason(path, "-o", closed / "deep")
        assert reason(locked) == f"{locked}: may not be read: Permission denied"
        assert reason(locked / "b.wav").endswith("may not be read by you; change its permissions")
        path.chmod(0)
        assert reason(path) == f"{path}: may not be read by you; change its permissions"
    finally:
        locked.chmod(0o755)


def test_a_disk_that_is_full(song, run_process, tmp_path):
    path = song("a.wav", 20.0)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    for format in ("wav", "flac", "ogg"):
        done = run_process("separate", path, "--format", format, preexec_fn=limit)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert "cannot be written to the end" in line
        assert names(tmp_path) == ["a.wav"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--method", "medain"], "unknown method 'medain'; did you mean median?"),
        (["--phase", "pu_hps"], "unknown phase 'pu_hps'; did you mean pu-hpss?"),
        (["-m", "median", "-O", "powr=1"], "unknown option of median 'powr'; did you mean power?"),
        (["-O", "power"], "'power' is not of the form NAME=VALUE"),
        (["-m", "median", "-O", "power=-1"], "method median: power must be greater than 0"),
        (
            ["-m", "median", "-O", "power=loud"],
            "method median: power must be a number, not 'loud'",
        ),
        (["--only", "drums"], "there is no part 'drums'; there are: harmonic, percussive"),
        (["--format", "flv"], "unknown format 'flv'; there are: same, wav, flac, ogg, mp3"),
        (["--float", "--subtype", "PCM_16"], "--float and --subtype exclude each other"),
        (["--overwrite", "--skip-existing"], "exclude each other"),
    ],
)
def test_wrong_options_are_refused_once(song, run, tmp_path, arguments, reason):
    done = run("separate", song("a.wav", 0.1), song("b.wav", 0.1), *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("ticktone: ")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert names(tmp_path) == ["a.wav", "b.wav"]


def test_formats_that_cannot_hold_a_file_are_refused_by_its_name(song, run, tmp_path):
    done = run("separate", song("a.flac", 0.1), "--float")
    assert "a.flac: FLAC holds no FLOAT samples" in done.stderr
    done = run("separate", song("b.wav", 0.1, 96_000), "--format", "mp3")
    assert "does not hold 2 channels at 96000 Hz" in done.stderr
    assert names(tmp_path) == ["a.flac", "b.wav"]


def test_samples_beyond_full_scale_are_reported(run, tmp_path):
    path = tmp_path / "a.wav"
    loud = 0.95 * np.sin(2 * np.pi * 441 * np.arange(44_100) / 44_100)
    loud[25::11_000] *= -1  # a click against a wave's crest is twice as high as the crest
    soundfile.write(path, loud, 44_100, subtype="PCM_16")
    done = run("separate", path, "--json")
    assert done.returncode == 0
    assert "samples exceeded full scale (peak +" in done.stderr
    assert "--float keeps them" in done.stderr
    record = json.loads(done.stdout)
    assert 0 < record["overs"]["percussive"] < 20
    assert record["peaks"]["percussive"] > 1
    done = run("separate", path, "--float", "--overwrite")
    assert done.stderr == ""
    parts = [soundfile.read(tmp_path / f"a.{part}.wav")[0] for part in ("harmonic", "percussive")]
    assert abs(parts[1]).max() > 1
    assert np.array_equal(sum(parts), soundfile.read(path)[0])


@pytest.mark.parametrize("arguments", [[""], ["a.wav", "-o", ""]])
def test_an_empty_path_is_not_the_working_folder(run, song, tmp_path, arguments):
    song("a.wav", 0.1)
    done = run("separate", *arguments, "-m", "median", cwd=tmp_path)
    assert done.returncode == 1
    assert "a path is empty; name a file or a folder" in done.stderr
    assert names(tmp_path) == ["a.wav"]
