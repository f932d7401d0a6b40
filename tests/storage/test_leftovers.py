"""What killed programs leave is removed by the next; what others are at is not."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from ticktone.errors import TicktoneError
from ticktone.storage import leftovers
from ticktone.storage.atomic import Replacement, write_whole

HOLDS_A_FILE = """
import signal, sys, time
from pathlib import Path
from ticktone.storage.atomic import Replacement
from ticktone.storage.leftovers import temporary_folder
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell may have ignored
file = Replacement(Path(sys.argv[1], "a.wav"))
file.file.write(b"half")
file.file.flush()
with temporary_folder() as folder:
    (folder / "copy.wav").write_bytes(b"half")
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    """A process that has looked through no folder, and a place for temporary files."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(leftovers, "_cleaned", set())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))


@dataclass
class Other:
    """A program at work."""

    process: subprocess.Popen[str]
    folder: Path  # of a file in the making
    temporary: Path


@pytest.fixture
def other(tmp_path):
    """Another program that has a file in the making, and a temporary folder."""
    folder = tmp_path / "out"
    folder.mkdir()
    command = [sys.executable, "-c", HOLDS_A_FILE, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    temporary = Path(process.stdout.readline().strip())
    process.stdout.close()
    yield Other(process, folder, temporary)
    process.kill()
    process.wait()


def parts(folder):
    return list(folder.glob(".ticktone.*"))


def use(folder):
    write_whole(folder / "b.wav", lambda file: file.write(b"whole"))
    with leftovers.temporary_folder():
        pass


@pytest.mark.slow
def test_what_a_killed_program_left_is_removed(other):
    other.process.kill()
    other.process.wait()
    assert len(parts(other.folder)) == 1
    assert (other.temporary / "copy.wav").exists()
    use(other.folder)
    assert [path.name for path in other.folder.iterdir()] == ["b.wav"]
    assert not other.temporary.exists()


def test_temporary_folders_are_apart_and_this_users_alone(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "tmp" / leftovers.temporary_name("folder")).symlink_to(outside)
    with leftovers.temporary_folder() as first, leftovers.temporary_folder() as second:
        assert first != second
        assert first.stat().st_mode & 0o777 == 0o700
        (first / "a").write_text("")
    assert not first.exists()
    assert outside.exists()


@pytest.mark.slow
def test_what_another_is_at_is_left_alone(other):
    use(other.folder)
    assert len(parts(other.folder)) == 1
    assert (other.temporary / "copy.wav").exists()


@pytest.mark.slow
def test_a_process_number_that_was_given_anew_protects_nothing(other):
    other.process.kill()
    other.process.wait()
    (left,) = parts(other.folder)
    left.rename(re.sub(r"\.\d+\.", f".{os.getppid()}.", str(left)))  # which is alive
    use(other.folder)
    assert not parts(other.folder)


@pytest.mark.slow
def test_of_other_computers_only_what_is_a_day_old_is_removed(other):
    other.process.kill()
    other.process.wait()
    (left,) = parts(other.folder)
    foreign = left.rename(other.folder / re.sub(r"\.[0-9a-f]{8}\.", ".00000000.", left.name))
    use(other.folder)
    assert foreign.exists()
    os.utime(foreign, (time.time() - 90_000,) * 2)
    leftovers._cleaned.clear()
    use(other.folder)
    assert not foreign.exists()


def test_nothing_else_is_touched(tmp_path):
    names = [".ticktone.part", ".ticktone.x.part", "ticktone.00000000.1.ab.part", ".a.part"]
    for name in names:
        (tmp_path / name).write_bytes(b"mine")
    target = tmp_path / "precious"
    target.mkdir()
    link = tmp_path / leftovers.temporary_name("folder")
    link.symlink_to(target)
    use(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {*names, link.name, "precious"}


@pytest.mark.slow
def test_without_locks_in_the_file_system_a_live_process_keeps_its_files(tmp_path, monkeypatch):
    def none(*_):
        raise OSError("not supported")

    monkeypatch.setattr("fcntl.flock", none)
    mine = Replacement(tmp_path / "a.wav")
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = tmp_path / re.sub(r"\.\d+\.", f".{dead.pid}.", mine.temporary.name)
    left.write_bytes(b"half")
    leftovers._cleaned.clear()
    use(tmp_path)
    assert mine.temporary.exists()
    assert not left.exists()
    mine.discard()


def test_a_file_is_never_unlocked_before_it_has_its_name(tmp_path, monkeypatch):
    mine, rename = Replacement(tmp_path / "a.wav"), Path.replace

    def watched(path, target):
        leftovers._cleaned.clear()
        leftovers.remove_leftovers(tmp_path)  # as another program would at this moment
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", watched)
    mine.commit()
    assert (tmp_path / "a.wav").exists()


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    def fail(file):
        file.write(b"half")
        raise OSError(28, os.strerror(28))

    with pytest.raises(TicktoneError, match="No space left on device; free space"):
        write_whole(tmp_path / "a.wav", fail)
    assert not parts(tmp_path)


@pytest.mark.slow
def test_an_ended_program_cleans_up_itself(other):
    other.process.send_signal(signal.SIGINT)
    other.process.wait(timeout=PATIENCE)
    assert not other.temporary.exists()
