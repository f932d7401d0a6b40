"""What killed programs leave behind: recognised by that nobody holds its lock, and removed.

The lock is the system's, which goes with its process however that ends; unlike a process's
number it is never somebody else's, and it holds between containers that share a folder. Windows has
none that serve; there the process's number must do, and open files cannot be removed anyway.
"""

import os
import platform
import re
import secrets
import shutil
import stat
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

from ticktone.system import SYSTEM

_NAME = re.compile(r"\.ticktone\.([0-9a-f]{8})\.(\d+)\.[0-9a-f]+\.(?:part|folder)")
_DAY = 86_400.0  # seconds
_cleaned: set[str] = set()  # folders that this process has looked through


def temporary_name(kind: str = "part") -> str:
    """Return a new name for a file (or, of kind "folder", a folder) of this process."""
    return f".ticktone.{_host()}.{os.getpid()}.{secrets.token_hex(8)}.{kind}"


def create_locked(folder: Path) -> tuple[Path, IO[bytes]]:
    """Create a file that is recognised as a leftover once this process has ended.

    Returns
    -------
    path : Path
    file : file object
        Open for writing, with the permissions of any new file. Closing it gives up the lock.
    """
    while True:
        path = folder / temporary_name()
        file = path.open("xb")
        if SYSTEM.lock(file.fileno()) is False or os.fstat(file.fileno()).st_nlink:
            return path, file
        file.close()  # another process took it for a leftover before it was locked


def remove_leftovers(folder: Path) -> None:
    """Remove what programs that were killed left half written in a folder.

    Each folder is looked through once in a process. Of other computers, whose locks are not always
    to be seen, only what is a day old is removed.
    """
    found: list[str] = []
    with suppress(OSError):
        name = str(folder.absolute())
        if name in _cleaned:
            return
        _cleaned.add(name)
        with os.scandir(folder) as entries:
            found = [entry.path for entry in entries if _NAME.fullmatch(entry.name)]
    for path in found:
        with suppress(OSError):
            _remove_if_left(Path(path))


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a temporary folder and remove it at the end; first, those of killed programs."""
    place = Path(tempfile.gettempdir())
    remove_leftovers(place)
    while True:
        folder = place / temporary_name("folder")
        folder.mkdir(mode=0o700)
        with suppress(FileNotFoundError):  # another process took it for a leftover
            descriptor = SYSTEM.open_to_lock(folder)
            if SYSTEM.lock(descriptor) is False or folder.exists():
                break
            os.close(descriptor)
    try:
        yield folder
    finally:
        if SYSTEM.holds_open_files:
            os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)
        if not SYSTEM.holds_open_files:
            os.close(descriptor)


def _remove_if_left(path: Path) -> None:
    owner = _NAME.fullmatch(path.name)
    state = path.lstat()
    age = time.time() - state.st_mtime
    is_foreign = owner is None or owner[1] != _host()
    is_ours = stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)
    if owner is None or not is_ours or (is_foreign and age < _DAY):
        return
    descriptor = SYSTEM.open_to_lock(path)
    try:
        is_free = SYSTEM.lock(descriptor)
        may_live = is_free is None and age < _DAY and SYSTEM.is_alive(int(owner[2]))
        if is_free is False or may_live:
            return
        if not SYSTEM.holds_open_files:
            _remove(path, state)
    finally:
        os.close(descriptor)
    if SYSTEM.holds_open_files:
        _remove(path, state)


def _remove(path: Path, state: os.stat_result) -> None:
    if stat.S_ISDIR(state.st_mode):
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


@cache
def _host() -> str:
    """Return a short name of this computer: folders may be shared with others."""
    return f"{zlib.crc32(platform.node().encode()):08x}"
