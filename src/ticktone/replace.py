"""Files that are there whole or not at all."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from ticktone.errors import TicktoneError


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file beside its place, then move it there.

    Parameters
    ----------
    path : Path
        Its folder is made if need be.
    write : callable
        Told the open file.

    Raises
    ------
    TicktoneError
        If it cannot be written; what was there before is then there still.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())  # the name must not reach the disk before the content
        beside.replace(path)
    except (OSError, RuntimeError) as error:  # torch tells of a full disk by a RuntimeError
        cause = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise TicktoneError(
            f"cannot be written: {cause}; free space or choose another", path
        ) from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
