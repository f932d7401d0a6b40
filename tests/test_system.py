"""What is done otherwise on Windows, done here: chosen by hand, its kernel imitated.

That shows that the branch is whole, not that Windows does as it is told; the workflow runs the
fast tests there.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

import ticktone
from tests.support.patience import PATIENCE
from ticktone.audio.headers import Bytes
from ticktone.audio.writer import Writer
from ticktone.errors import TicktoneError
from ticktone.storage import leftovers
from ticktone.storage.atomic import Replacement, write_whole
from ticktone.system import SYSTEM, Posix, System, Windows

pytest.importorskip("fcntl")  # for the imitation stands on what POSIX has


class Imitation(Windows):
    """Windows but for its kernel's functions."""

    def is_alive(self, process):
        return Posix().is_alive(process)

    def _waiting(self, pipe):
        return Posix().unread(pipe) or -1


@pytest.fixture
def windows(monkeypatch):
    """Windows, to every module that asks for the system."""
    imitation = Imitation()
    for name, module in list(sys.modules.items()):
        if name.startswith("ticktone.") and getattr(module, "SYSTEM", None) is SYSTEM:
            monkeypatch.setattr(module, "SYSTEM", imitation)
    monkeypatch.setattr(leftovers, "_cleaned", set())
    return imitation


@pytest.fixture(params=["posix", "windows"])
def either(request) -> System:
    return request.getfixturevalue("windows") if request.param == "windows" else SYSTEM


def test_the_branch_is_that_of_this_system():
    assert isinstance(SYSTEM, Windows if os.name == "nt" else Posix)


@pytest.mark.parametrize(
    ("container", "subtype"), [("WAV", "PCM_16"), ("FLAC", "PCM_24"), ("MP3", None)]
)
def test_files_are_separated_to_the_same_parts(windows, tmp_path, monkeypatch, container, subtype):
    song = tmp_path / f"song.{container.lower()}"
    noise = np.random.default_rng(0).standard_normal((30_000, 2)) / 8
    soundfile.write(song, noise, 44_100, subtype, format=container)
    given = []
    opened = soundfile.SoundFile.__init__
    monkeypatch.setattr(
        soundfile.SoundFile,
        "__init__",
        lambda self, file, *a, **k: given.append(file) or opened(self, file, *a, **k),
    )
    here = ticktone.separate_file(song, tmp_path / "windows", "median")
    assert given
    assert not [file for file in given if isinstance(file, int)]  # a descriptor
    monkeypatch.undo()
    there = ticktone.separate_file(song, tmp_path / "posix", "median")
    for part, path in here.outputs.items():
        assert Path(path).read_bytes() == Path(there.outputs[part]).read_bytes()


def test_a_file_is_closed_before_it_is_renamed(windows, tmp_path, monkeypatch):
    replacement = Replacement(tmp_path / "a.txt")
    replacement.file.write(b"whole")
    renamed = windows.replace
    monkeypatch.setattr(
        windows, "replace", lambda *paths: renamed(*paths) if replacement.file.closed else None
    )
    replacement.commit()
    assert (tmp_path / "a.txt").read_bytes() == b"whole"


def test_a_file_that_is_looked_at_is_replaced_a_moment_later(windows, tmp_path, monkeypatch):
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "old").write_bytes(b"old")
    tries = []
    replace = Path.replace

    def held(self, target):
        tries.append(target)
        if len(tries) < 3:
            raise PermissionError
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    windows.replace(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_bytes() == b"new"
    assert len(tries) == 3


def test_a_file_that_stays_open_elsewhere_is_refused_with_the_remedy(
    windows, tmp_path, monkeypatch
):
    (tmp_path / "a.txt").write_bytes(b"old")

    def held(self, target):
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(TicktoneError, match="close the programs that have it open"):
        write_whole(tmp_path / "a.txt", lambda file: file.write(b"new"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_what_a_dead_process_left_is_removed_and_what_a_living_one_has_is_not(either, tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    name = leftovers.temporary_name()
    dead = tmp_path / name.replace(f".{os.getpid()}.", f".{ended.pid}.")
    dead.write_bytes(b"half")
    replacement = Replacement(tmp_path / "a.txt")
    assert not dead.exists()
    leftovers._cleaned.clear()
    other = Replacement(tmp_path / "b.txt")
    assert replacement.temporary.exists()
    replacement.discard()
    other.discard()
    assert list(tmp_path.iterdir()) == []


def test_temporary_folders_are_kept_while_in_use(either, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with leftovers.temporary_folder() as folder:
        leftovers._cleaned.clear()
        leftovers.remove_leftovers(tmp_path)
        assert folder.exists()
    assert list(tmp_path.iterdir()) == []


def test_reading_at_a_place_leaves_the_next_one_as_it_is(either, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        assert file.read(2) == b"01"
        before = os.lseek(file.fileno(), 0, os.SEEK_CUR)
        assert either.read_at(file.fileno(), 3, 4) == b"456"
        assert Bytes(file.fileno(), 1).at(1, 2) == b"23"
        assert os.lseek(file.fileno(), 0, os.SEEK_CUR) == before


def test_links_are_not_locked(either, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(OSError, match=r"link|symbolic|directory"):
        either.open_to_lock(tmp_path / "link")


def test_signals_are_those_that_the_system_has(either):
    assert set(either.from_terminal) <= set(either.ending)
    assert any(number.name == "SIGTERM" for number in either.ending)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["posix", "windows"])
def test_a_process_ends_itself_with_time_to_clean_up(name):
    code = (
        "import threading, time\n"
        "from ticktone.processes import cleaning_up\n"
        "from ticktone.system import Posix, Windows\n"
        f"system = {name.title()}()\n"
        "with cleaning_up():\n"
        "    try:\n"
        "        threading.Thread(target=system.end_this_process).start()\n"
        "        for _ in range(200): time.sleep(0.05)\n"
        "    finally:\n"
        "        print('clean', flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stdout == "clean\n"
    assert done.returncode == 128 + 15


def test_the_disk_is_asked_for_its_room_on_every_system(windows, tmp_path, monkeypatch):
    monkeypatch.delattr(os, "statvfs")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=1, used=1, free=0))
    writer: Any = SimpleNamespace(path=tmp_path / "a.wav")
    failed = Writer._failed(writer)
    assert "the disk is full" in str(failed)
