"""Files that are there whole or not at all: written beside their place, then moved there.

A file in the making is named ``.ticktone.HOST.PROCESS.TOKEN.part`` and locked by the process that
writes it. What is not locked a killed program has left, and a later run removes it: see
`ticktone.storage.leftovers`.
"""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from ticktone.errors import TicktoneError
from ticktone.storage.leftovers import create_locked, remove_leftovers
from ticktone.system import SYSTEM


class Replacement:
    """A file in the making, under a temporary name in the folder that it is for.

    Use `discard` in a `finally`: it removes an uncommitted file and does nothing to a committed
    one.

    Parameters
    ----------
    path : Path
        Its final name. The folder is made if need be, and cleared of what killed programs left.

    Attributes
    ----------
    path, temporary : Path
    file : file object
        Open for writing bytes.

    Raises
    ------
    TicktoneError
        If it cannot be created.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._committed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            remove_leftovers(path.parent)
            self.file: IO[bytes]
            self.temporary, self.file = create_locked(path.parent)
        except OSError as error:
            raise unwritable(path, error) from None

    def commit(self) -> None:
        """Close the file and give it its name, in place of what had it before.

        Raises
        ------
        TicktoneError
            If that fails; what was there before is then there still.
        """
        try:
            if SYSTEM.holds_open_files:
                self.file.close()
                SYSTEM.replace(self.temporary, self.path)
            else:
                lock = os.dup(self.file.fileno())  # else it would be a leftover until it is renamed
                try:
                    self.file.close()
                    SYSTEM.replace(self.temporary, self.path)
                finally:
                    os.close(lock)
        except OSError as error:
            raise unwritable(self.path, error) from None
        self._committed = True

    def discard(self) -> None:
        """Remove the file unless it is committed."""
        if not self._committed:
            with suppress(OSError):
                self.file.close()
            with suppress(OSError):
                self.temporary.unlink(missing_ok=True)


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file beside its place, then move it there.

    Parameters
    ----------
    path : Path
        Its folder is made if need be.
    write : callable
        Called with the open file.

    Raises
    ------
    TicktoneError
        If it cannot be written; what was there before is then there still.
    """
    replacement = Replacement(path)
    try:
        write(replacement.file)
        replacement.file.flush()
        os.fsync(replacement.file.fileno())  # the name must not reach the disk before the content
        replacement.commit()
    except (OSError, RuntimeError) as error:  # torch reports a full disk by a RuntimeError
        raise unwritable(path, error) from None
    finally:
        replacement.discard()


def unwritable(path: Path, error: OSError | RuntimeError) -> TicktoneError:
    """Return the error that a file cannot be written, with its cause and a remedy."""
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return TicktoneError("has too long a name; shorten it", path)
    cause = error.strerror if isinstance(error, OSError) else None
    cause = cause or (str(error).splitlines() or [type(error).__name__])[0]
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    is_held = SYSTEM.holds_open_files and isinstance(error, PermissionError) and path.exists()
    remedy = "free space" if is_full else "choose another folder"
    if is_held:
        remedy = "close the programs that have it open, or choose another folder"
    return TicktoneError(f"cannot be written: {cause}; {remedy}", path)
