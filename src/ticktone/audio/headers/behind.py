"""What lies behind a file's samples: more samples, or another file."""

import struct

from ticktone.audio.headers.extent import MAX_CHUNKS, Bytes, Extent

_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
# Name of the chunk of samples, code and place of its length, bytes of a chunk's head, bytes that
# its length counts too, and what chunks are filled up to a multiple of.
_CHUNKS = {
    "WAV": (b"data", "<I", 4, 8, 0, 2),
    "RF64": (b"data", "<I", 4, 8, 0, 2),
    "AIFF": (b"SSND", ">I", 4, 8, 0, 2),
    "SVX": (b"BODY", ">I", 4, 8, 0, 2),
    "CAF": (b"data", ">q", 4, 12, 0, 1),
    "W64": (_W64_DATA, "<Q", 16, 24, 24, 8),
}
_ID3, _APE = 128, 32  # bytes of a tag, and of another's footer
_VOC_SOUND, _VOC_SILENCE, _VOC_REPEAT = (1, 2, 9), 3, 6  # kinds of block


def more_samples(file: Bytes, extent: Extent) -> int | None:
    """Return the bytes of a second chunk or block of samples behind the first; None without one.

    Parameters
    ----------
    file : Bytes
    extent : Extent
        Of the first, whose length is known.
    """
    place = extent.start + (extent.length or 0)
    if extent.container == "VOC":
        return _voc_sound(file, place)
    if extent.container not in _CHUNKS:
        return None
    name, code, offset, head, counted, filled = _CHUNKS[extent.container]
    if file.at(0, 4) == b"RIFX":
        code = ">I"
    for _ in range(MAX_CHUNKS):
        place += -place % filled
        size = file.numbers(code, place + offset)
        if size is None or size[0] < counted:
            return None
        if file.at(place, len(name)) == name:
            return size[0] - counted
        place += head + size[0] - counted
    return None


def _voc_sound(file: Bytes, place: int) -> int | None:
    for _ in range(MAX_CHUNKS):
        block = file.at(place, 4)
        if len(block) < 4 or block[0] == 0:
            return None
        size = int.from_bytes(block[1:], "little")
        if block[0] in _VOC_SOUND:
            return size if size <= file.size - place - 4 else None
        place += 4 + size
    return None


def left_out(file: Bytes) -> list[str]:
    """Return a line for each kind of block of VOC that no decoder here follows."""
    start = file.numbers("<H", 20)
    if start is None or file.at(0, 19) != b"Creative Voice File":
        return []
    kinds, place = set(), start[0]
    for _ in range(MAX_CHUNKS):
        block = file.at(place, 4)
        if len(block) < 4 or block[0] == 0:
            break
        kinds.add(block[0])
        place += 4 + int.from_bytes(block[1:], "little")
    notes = ["blocks of silence in it are left out"] if _VOC_SILENCE in kinds else []
    return notes + ["what it repeats is read once"] * (_VOC_REPEAT in kinds)


def before_tags(file: Bytes) -> int:
    """Return where a file ends without the ID3 (version 1) and APE tags behind it."""
    end = file.size
    if file.at(end - _ID3, 3) == b"TAG":
        end -= _ID3
    footer = file.at(end - _APE, _APE)
    if footer[:8] == b"APETAGEX" and end >= _APE:
        size, _, flags = struct.unpack("<III", footer[12:24])
        size += _APE * (flags >> 31)  # whether there is a header, too
        end -= size if size <= end else 0
    return end


def has_another_behind(file: Bytes) -> bool:
    """Return whether a second file is laid behind one of RIFF or AIFF chunks."""
    magic = file.at(0, 8)
    if magic[:4] not in (b"RIFF", b"RIFX", b"FORM"):
        return False
    size = int.from_bytes(magic[4:], "little" if magic[:4] == b"RIFF" else "big")
    return file.at(8 + size + size % 2, 4) in (b"RIFF", b"RIFX", b"RF64", b"BW64", b"FORM")
