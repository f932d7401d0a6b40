"""What headers say about where a file's samples lie and how many bytes they take."""

from ticktone.audio.headers.behind import (
    before_tags,
    has_another_behind,
    left_out,
    more_samples,
)
from ticktone.audio.headers.extent import Bytes, Extent
from ticktone.audio.headers.films import read_asf, read_avi, read_matroska
from ticktone.audio.headers.fixed import FIXED
from ticktone.audio.headers.iff import read_aiff, read_svx
from ticktone.audio.headers.riff import read_riff, read_w64

__all__ = [
    "Bytes",
    "Extent",
    "before_tags",
    "has_another_behind",
    "left_out",
    "more_samples",
    "read_extent",
]

_CHUNKED = {
    **{magic: read_riff for magic in (b"RIFF", b"RIFX", b"RF64", b"BW64")},
    b"riff": read_w64,
    b"\x1a\x45\xdf\xa3": read_matroska,
    b"\x30\x26\xb2\x75": read_asf,
}


def read_extent(file: Bytes) -> Extent | None:
    """Return where a file's samples lie, by its header.

    Parameters
    ----------
    file : Bytes

    Returns
    -------
    Extent or None
        None for a container that is not known here or whose header says nothing of lengths.
    """
    magic = file.at(0, 32)
    if magic[:4] == b"FORM":
        return read_svx(file) if magic[8:12] in (b"8SVX", b"16SV") else read_aiff(file)
    if magic[:4] == b"RIFF" and magic[8:12] == b"AVI ":
        return read_avi(file)
    if magic[:4] in _CHUNKED:
        return _CHUNKED[magic[:4]](file)
    for begins, read in FIXED.items():
        if magic.startswith(begins):
            return read(file)
    return None
