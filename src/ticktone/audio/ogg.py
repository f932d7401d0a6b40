"""The pages of an Ogg file (RFC 3533)."""

import os
from pathlib import Path

from ticktone.errors import TicktoneError

_HEADER = 27
_FIRST, _LAST = 2, 4  # flags of a page


def is_whole(descriptor: int, path: Path) -> bool:
    """Tell whether a file's last page is whole and says that it is the last.

    Raises
    ------
    TicktoneError
        If another stream follows the first, of which libsndfile would not read a sample.
    """
    size = os.fstat(descriptor).st_size
    place, flags, begun = 0, 0, False
    while place < size:
        page = os.pread(descriptor, _HEADER + 255, place)
        if page[:4] != b"OggS" or len(page) < _HEADER + page[26]:
            break
        flags = page[5]
        if begun and flags & _FIRST:
            raise TicktoneError("is several Ogg streams in a row; convert it to WAV first", path)
        begun = begun or not flags & _FIRST
        place += _HEADER + page[26] + sum(page[_HEADER : _HEADER + page[26]])
    return place <= size and bool(flags & _LAST)
