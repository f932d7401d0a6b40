"""Full disks, deleted folders, odd names, odd encodings, pipes: one line each, and no traceback."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.support.files import names, read
from tests.support.patience import PATIENCE

resource = pytest.importorskip("resource")  # which Windows does not have

pytestmark = pytest.mark.slow  # all of it is about processes

TICKTONE = [sys.executable, "-m", "ticktone"]
BAD = b"1\xe9.wav"  # a name as Latin-1 has it


def ticktone(*arguments, **how):
    command = [*TICKTONE, *map(os.fspath, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE, **how)


def one_line(done, *words):
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("ticktone: ")
    assert all(word in line for word in words), line
    assert done.returncode == 1


@pytest.mark.parametrize("command", [["separate", "a.wav"], ["--help"], ["methods"]])
def test_output_that_cannot_be_written_costs_one_line(song, tmp_path, command):
    song("a.wav", 0.1)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*TICKTONE, *command], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    one_line(done, "standard output cannot be written: No space left on device")


def test_a_reader_that_has_had_enough_is_no_error(song, tmp_path):
    command = f"{sys.executable} -m ticktone methods --json | head -c 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"{", b"")


def test_a_working_folder_that_was_deleted(tmp_path):
    (tmp_path / "gone").mkdir()
    command = f"cd {tmp_path}/gone; rmdir ../gone; {sys.executable} -m ticktone separate a.wav"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    one_line(done)


def test_names_that_the_encoding_lacks(song, tmp_path):
    song("Sóng.wav", 0.1)
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = ticktone("separate", tmp_path / "Sóng.wav", "-m", "hpr", env=env)
    assert done.returncode == 0
    assert b"S\\xf3ng.harmonic.wav" in done.stdout
    again = ticktone("separate", tmp_path / "Sóng.wav", "-m", "hpr", "--json", env=env)
    assert "Sóng.wav" in json.loads(again.stdout)["source"]
    one_line(again, "ng.harmonic.wav exists")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_names_that_are_not_utf8_are_names_like_others(song, tmp_path, jobs):
    (tmp_path / "in").mkdir()
    for name in (BAD, b"2.wav"):
        song("a.wav", 0.1).rename(tmp_path / "in" / os.fsdecode(name))
    arguments = ("separate", "in", "-o", "out", "-m", "median", "-j", jobs, "--manifest", "m")
    done = ticktone(*arguments, "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    sources = {os.fsencode(json.loads(line)["source"]) for line in done.stdout.splitlines()}
    assert sources == {b"in/" + BAD, b"in/2.wav"}
    written = os.listdir(os.fsencode(tmp_path / "out"))  # noqa: PTH208
    assert b"1\xe9.harmonic.wav" in written
    assert len(written) == 4
    again = ticktone(*arguments, cwd=tmp_path)
    assert again.returncode == 0
    assert b"2 skipped" in again.stdout
    assert b"in/1\\udce9.wav: skipped" in again.stdout


def test_names_do_nothing_to_the_terminal_or_to_lines(song, tmp_path):
    evil = "a\nb\x1b[31m\u202egnp.wav"
    (tmp_path / "in").mkdir()
    song("a.wav", 0.1).rename(tmp_path / "in" / evil)
    done = ticktone("separate", tmp_path / "in", "-m", "median")
    (line,) = done.stdout.decode().splitlines()
    assert "a\\nb\\x1b[31m\\u202egnp.wav: 0:00.1" in line
    bad = tmp_path / "in" / evil.replace("a", "c")
    bad.write_text("text")
    one_line(ticktone("separate", bad), "c\\nb\\x1b[31m")


def test_what_libraries_print_is_not_among_the_results(song, tmp_path):
    code = (
        "import os, ticktone.archive.job as job\n"
        "from ticktone.cli import main\n"
        "def loud(*arguments, original=job.write_separation):\n"
        "    os.write(1, b'noise\\n')\n"
        "    return original(*arguments)\n"
        "job.write_separation = loud\n"
        "main()\n"
    )
    command = [sys.executable, "-c", code, "separate", song("a.wav", 0.1), "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert json.loads(done.stdout)["status"] == "done"
    assert done.stderr == b"noise\n"


def test_links_to_folders_are_followed_once(song, tmp_path):
    song("music/a.wav", 0.1)
    song("in/own/b.wav", 0.1)
    for link, target in (
        *(("in/1-link", "../music"), ("in/2-link", "../music"), ("in/0-own", "own")),
        *(("in/own/cycle", "../../in"), ("music/cycle", "."), ("in/dead", "nothing")),
    ):
        (tmp_path / link).symlink_to(target)
    done = ticktone("separate", "in", "-o", "out", "-m", "median", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert {name.rsplit(".", 2)[0] for name in names(tmp_path / "out")} == {"1-link/a", "own/b"}


def test_from_standard_input_to_standard_output(song, tmp_path):
    path = song("a.wav", 0.3)
    found = {}
    for part in ("harmonic", "percussive"):
        with path.open("rb") as file:
            arguments = ("separate", "-", "-o", "-", "--only", part, "-m", "median")
            done = ticktone(*arguments, stdin=file, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        found[part] = soundfile.read(io.BytesIO(done.stdout), dtype="float32")[0].T
        assert done.stderr.decode().startswith("-: 0:00.3")
    assert np.array_equal(sum(found.values()), read(path))
    assert names(tmp_path) == ["a.wav"]


def test_from_standard_input_to_a_folder(song, tmp_path):
    path = song("in/a.flac", 0.3)
    with path.open("rb") as file:
        done = ticktone("separate", "-", "-o", "out", "--json", stdin=file, cwd=tmp_path)
    record = json.loads(done.stdout)
    assert record["source"] == "-"
    assert names(tmp_path / "out") == ["stdin.harmonic.flac", "stdin.percussive.flac"]
    one_line(ticktone("separate", "-", input=b"text", cwd=tmp_path), "standard input: is not a")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["a.wav", "-o", "-"], "-o - writes one file: give one recording, and --only"),
        (["a.wav", "b.wav", "-o", "-", "--only", "harmonic"], "-o - writes one file"),
        (["-", "--manifest", "m"], "a manifest cannot name a pipe"),
    ],
)
def test_pipes_that_cannot_be(arguments, reason):
    one_line(ticktone("separate", *arguments, stdin=subprocess.DEVNULL), reason)


def test_a_batch_ends_at_its_first_failure_if_asked(song, tmp_path):
    (tmp_path / "a.wav").write_text("text")
    song("b.wav", 0.1)
    arguments = ("separate", tmp_path / "a.wav", tmp_path / "b.wav", "-m", "median")
    one_line(ticktone(*arguments, "--fail-fast"), "a.wav: is not a sound file")
    assert names(tmp_path) == ["a.wav", "b.wav"]
    assert b"1 done, 1 failed" in ticktone(*arguments).stdout


def test_a_manifest_that_cannot_be_written_does_not_end_the_batch(song, tmp_path):
    for number in range(3):
        song(f"in/{number}.wav", 0.1)
    code = (
        "import ticktone.archive.manifest as manifest\n"
        "from ticktone.cli import main\n"
        "from ticktone.storage.atomic import unwritable\n"
        "calls = []\n"
        "def full(path, write, original=manifest.write_whole):\n"
        "    calls.append(path)\n"
        "    if len(calls) in FAILING: raise unwritable(path, OSError(28, 'No space left'))\n"
        "    original(path, write)\n"
        "manifest.write_whole, manifest._SECONDS = full, 0\n"
        "main()\n"
    )
    command = ["separate", "in", "-o", "out", "-m", "median", "--manifest", "m"]
    how = {"cwd": tmp_path, "capture_output": True, "check": False}
    done = subprocess.run(
        [sys.executable, "-c", f"FAILING = (2, 3)\n{code}", *command], **how
    )  # the room comes back
    assert done.returncode == 0
    assert done.stdout.endswith(b"3 done\n")
    one = done.stderr.decode().splitlines()
    assert len(one) == 1
    assert "in/0.wav: is not recorded, but will be" in one[0]
    assert b"3 skipped" in ticktone(*command, cwd=tmp_path).stdout
    for path in (tmp_path / "m").iterdir():
        path.unlink()
    never = subprocess.run(
        [sys.executable, "-c", f"FAILING = range(2, 99)\n{code}", *command, "--overwrite"], **how
    )
    assert never.returncode == 1
    assert never.stderr.decode().splitlines()[-1].endswith("free space")
    assert len(never.stderr.splitlines()) == 2


def test_a_full_disk_costs_its_files_and_is_recorded(song, tmp_path):
    song("in/1.wav", 0.1)
    song("in/2.wav", 20.0)
    limit = 400_000  # bytes to a file
    done = ticktone(
        *("separate", "in", "-o", "out", "-m", "median", "--manifest", "m"),
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    one_line(done, "2.harmonic.wav: cannot be written to the end")
    from ticktone.archive.manifest import read_manifest
    from ticktone.storage.location import location

    rows = read_manifest(location(tmp_path / "m")).to_pylist()
    assert sorted(row["status"] for row in rows) == ["done", "failed"]
    assert names(tmp_path / "out") == ["1.harmonic.wav", "1.percussive.wav"]


@pytest.mark.parametrize("command", [["separate", "--only", "harmonic"], ["remix"], ["plot"]])
def test_standard_output_that_is_closed_costs_one_line(song, tmp_path, command):
    song("a.wav", 0.1)
    arguments = [*TICKTONE, *command, "a.wav", "-m", "median", "-o", "-"]
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *arguments]
    done = subprocess.run(closed, stderr=subprocess.PIPE, cwd=tmp_path, timeout=PATIENCE)
    one_line(done, "standard output, which is closed")


def test_a_picture_goes_through_pipes(song, tmp_path):
    with song("a.wav", 0.1).open("rb") as file:
        done = ticktone("plot", "-", "-o", "-", "-m", "median", stdin=file, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout[:8] == b"\x89PNG\r\n\x1a\n"
