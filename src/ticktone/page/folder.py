"""The temporary folder of a running server; those of servers that were killed are removed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ticktone.system import SYSTEM

_PREFIX = "ticktone-page."


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder that only this user can read, and remove it at the end.

    A running server holds a lock on its folder, which the system lets go however the server ends:
    a folder that can be locked belongs to none, and is removed before a new one is made.

    Yields
    ------
    Path
    """
    _remove_leftovers()
    folder, lock = _make()
    try:
        yield folder
    finally:
        _remove(folder, lock)


def _make() -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with suppress(FileNotFoundError):  # another server took it for a leftover
            lock = SYSTEM.open_to_lock(folder)
            if SYSTEM.lock(lock) is not False and folder.exists():
                return folder, lock
            os.close(lock)


def _remove_leftovers() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # not ours, in use, or gone
            if folder.is_symlink() or not SYSTEM.is_ours(folder):
                continue
            lock = SYSTEM.open_to_lock(folder)
            if SYSTEM.lock(lock):
                _remove(folder, lock)
            else:
                os.close(lock)


def _remove(folder: Path, lock: int) -> None:
    """Remove a folder whose lock is ours."""
    if SYSTEM.holds_open_files:
        os.close(lock)
    shutil.rmtree(folder, ignore_errors=True)
    if not SYSTEM.holds_open_files:
        os.close(lock)
