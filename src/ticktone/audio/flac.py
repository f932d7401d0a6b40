"""Where FLAC files begin (RFC 9639)."""

from ticktone.audio.headers import Bytes

_BEGINNINGS = (b"fLaC\0\0\0\x22", b"fLaC\x80\0\0\x22")  # the mark, and how STREAMINFO begins
_PIECE = 2**20  # bytes


def begins_behind(file: Bytes, offset: int) -> bool:
    """Return whether a FLAC file begins at some byte from `offset` on, but not at the first."""
    for start in range(max(1, offset), file.size, _PIECE):
        piece = file.at(start, _PIECE + 7)
        if any(beginning in piece for beginning in _BEGINNINGS):
            return True
    return False
