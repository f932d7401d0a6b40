"""The pages of an Ogg file (RFC 3533)."""

from ticktone.audio.decoder import SeveralFilesError
from ticktone.audio.headers import Bytes

_HEADER = 27
_FIRST, _LAST = 2, 4  # flags of a page


def is_whole(file: Bytes) -> bool:
    """Return whether a file's last page is whole and marked as the last.

    Raises
    ------
    SeveralFilesError
        If another stream follows the first, of which libsndfile would not read a sample.
    """
    size = file.size
    place, flags, begun = 0, 0, False
    while place < size:
        page = file.at(place, _HEADER + 255)
        if page[:4] != b"OggS" or len(page) < _HEADER or len(page) < _HEADER + page[26]:
            break
        flags = page[5]
        if begun and flags & _FIRST:
            raise SeveralFilesError("is several Ogg streams in a row")
        begun = begun or not flags & _FIRST
        place += _HEADER + page[26] + sum(page[_HEADER : _HEADER + page[26]])
    return place <= size and bool(flags & _LAST)
