"""A file with another beginning, for libraries that take what it says for granted."""

import io
import os
from typing import Any

from ticktone.audio.headers import Bytes


class View(io.RawIOBase):
    """A new head, and what follows from some place of a file.

    Parameters
    ----------
    file : Bytes
    head : bytes
    start, length : int
        What of the file follows the head.
    """

    def __init__(self, file: Bytes, head: bytes, start: int, length: int) -> None:
        super().__init__()
        self._file, self._head, self._shift = file, head, start - len(head)
        self._place, self._size = 0, len(head) + length

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def seekable(self) -> bool:
        """Return that it is."""
        return True

    def tell(self) -> int:
        """Return the place where it is read next."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set the place where it is read next."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is something left."""
        view = memoryview(buffer)
        count = min(len(view), max(0, self._size - self._place))
        head = self._head[self._place : self._place + count]
        data = head + self._file.at(self._place + len(head) + self._shift, count - len(head))
        view[: len(data)] = data
        self._place += len(data)
        return len(data)
