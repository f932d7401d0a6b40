"""The pages of an Ogg file (RFC 3533)."""

from pathlib import Path

from ticktone.audio.decoder import SeveralFilesError
from ticktone.audio.headers import Bytes
from ticktone.errors import TicktoneError

_HEADER = 27
_FIRST, _LAST = 2, 4  # flags of a page


def is_whole(file: Bytes, path: Path) -> bool:
    """Return whether a file's last page is whole and marked as the last.

    Raises
    ------
    SeveralFilesError
        If another stream follows the first, of which libsndfile would not read a sample.
    TicktoneError
        If that is of another kind, of which ffmpeg would read none either.
    """
    size = file.size
    place, flags, begun = 0, 0, False
    kinds = set()
    while place < size:
        page = file.at(place, _HEADER + 255)
        if page[:4] != b"OggS" or len(page) < _HEADER or len(page) < _HEADER + page[26]:
            break
        flags = page[5]
        if flags & _FIRST and not begun:
            kinds.add(_kind(file, place + _HEADER + page[26]))
        if begun and flags & _FIRST:
            if _kind(file, place + _HEADER + page[26]) not in kinds:
                raise TicktoneError(
                    "is several Ogg streams of different kinds in a row; cut them apart", path
                )
            raise SeveralFilesError("is several Ogg streams in a row")
        begun = begun or not flags & _FIRST
        place += _HEADER + page[26] + sum(page[_HEADER : _HEADER + page[26]])
    return place <= size and bool(flags & _LAST)


def _kind(file: Bytes, place: int) -> bytes:
    """Return codec, channels and sample rate, as the first packet of a stream tells them."""
    head = file.at(place, 19)
    if head[1:7] == b"vorbis":
        return head[:7] + head[11:16]
    if head[:8] == b"OpusHead":
        return head[:8] + head[9:10]  # Opus is decoded at one rate
    return head[:5]
