"""Files that are there whole or not at all: written beside their place, then moved there.

What a killed program leaves beside its place tells by its name whose it is, so that a later run
removes it: ``.ticktone.HOST.PROCESS.TOKEN.part``.
"""

import errno
import os
import re
import secrets
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from socket import gethostname
from typing import IO

from ticktone.errors import TicktoneError

_NAME = re.compile(r"\.ticktone\.([0-9a-f]{8})\.(\d+)\.[0-9a-f]+\.part")
_cleaned: set[Path] = set()  # folders that this process has looked through


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
            self.temporary = path.with_name(temporary_name())
            self.file: IO[bytes] = self.temporary.open("xb")  # with the permissions of a new file
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
            self.file.close()
            self.temporary.replace(self.path)
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


def temporary_name() -> str:
    """Return a new name for a file in the making by this process."""
    return f".ticktone.{_host()}.{os.getpid()}.{secrets.token_hex(8)}.part"


def remove_leftovers(folder: Path) -> None:
    """Remove what programs that were killed on this computer left half written in a folder.

    Each folder is looked through once in a process.
    """
    if folder in _cleaned:
        return
    _cleaned.add(folder)
    with suppress(OSError):
        for path in folder.iterdir():
            owner = _NAME.fullmatch(path.name)
            if owner and owner[1] == _host() and not _is_alive(int(owner[2])):
                with suppress(OSError):
                    path.unlink()


def unwritable(path: Path, error: OSError | RuntimeError) -> TicktoneError:
    """Return the error that a file cannot be written, with its cause and a remedy."""
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return TicktoneError("has too long a name; shorten it", path)
    cause = error.strerror if isinstance(error, OSError) else None
    cause = cause or (str(error).splitlines() or [type(error).__name__])[0]
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    remedy = "free space" if is_full else "choose another folder"
    return TicktoneError(f"cannot be written: {cause}; {remedy}", path)


def _host() -> str:
    """Return a short name of this computer: folders may be shared with others."""
    return f"{zlib.crc32(gethostname().encode()):08x}"


def _is_alive(process: int) -> bool:
    """Return whether there is such a process; one of another user's is."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
