"""Matroska and WebM (RFC 9559), ASF and AVI: how long the file is, by its header."""

from ticktone.audio.headers.extent import Bytes, Extent, is_placeholder

_SEGMENT = b"\x18\x53\x80\x67"
_ASF_HEAD, _ASF_OBJECT = 30, 24  # bytes
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_IS_LIVE = 1  # a flag: sizes are not known
_MOST_OBJECTS = 100


def read_matroska(file: Bytes) -> Extent | None:
    """Return the extent of the segment; None where its header leaves the length open."""
    head = _number(file, 4)
    if head is None:
        return None
    place = 4 + head[1] + head[0]
    size = _number(file, place + 4)
    if file.at(place, 4) != _SEGMENT or size is None or size[0] == 2 ** (7 * size[1]) - 1:
        return None
    return Extent("Matroska", place + 4 + size[1], size[0])


def _number(file: Bytes, place: int) -> tuple[int, int] | None:
    """Return a number of variable width, and its width in bytes."""
    data = file.at(place, 8)
    if not data or not data[0]:
        return None
    width = 9 - data[0].bit_length()
    if len(data) < width:
        return None
    return int.from_bytes(data[:width]) & (2 ** (7 * width) - 1), width


def read_asf(file: Bytes) -> Extent | None:
    """Return the extent of the whole file; None where its header leaves the length open."""
    place = _ASF_HEAD
    for _ in range(_MOST_OBJECTS):
        size = file.numbers("<Q", place + 16)
        if size is None:
            return None
        if file.at(place, 16) == _ASF_PROPERTIES:
            length = file.numbers("<Q", place + 40)
            flags = file.numbers("<I", place + 88)
            if length is None or flags is None or flags[0] & _ASF_IS_LIVE:
                return None
            return None if is_placeholder(length[0], 64) else Extent("ASF", 0, length[0])
        place += max(size[0], _ASF_OBJECT)
    return None


def read_avi(file: Bytes) -> Extent | None:
    """Return the extent of the (first) RIFF chunk; None where its header leaves it open."""
    size = file.numbers("<I", 4)
    if size is None or is_placeholder(size[0]):
        return None
    return Extent("AVI", 8, size[0])
