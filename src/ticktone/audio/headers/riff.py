"""WAV, RF64 (EBU Tech 3306) and Wave64: chunks whose sizes count from the first byte after."""

import struct

from ticktone.audio.headers.extent import (
    MAX_CHUNKS,
    Bytes,
    Extent,
    Field,
    begins_chunk,
    is_placeholder,
    plus,
)

_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
_W64_HEAD, _W64_CHUNK = 40, 24  # bytes
_UNKNOWN = 2**32 - 1  # a size that stands in the ds64 chunk


def read_riff(file: Bytes) -> Extent | None:
    """Return where the samples of a WAV or RF64 file lie; None if it has no data chunk."""
    magic = file.at(0, 4)
    order = ">" if magic == b"RIFX" else "<"
    place, frame, long, wide = 12, 1, None, magic in (b"RF64", b"BW64")
    for _ in range(MAX_CHUNKS):
        head = file.numbers(f"{order}I", place + 4)
        if head is None:
            return None
        (length,), start = head, place + 8
        match file.at(place, 4):
            case b"fmt ":
                frame = (file.numbers(f"{order}H", start + 12) or (1,))[0] or 1
            case b"ds64":
                long = file.numbers("<QQQ", start)
            case b"data":
                fields = _fields(order, start, frame, wide)
                container = "RF64" if wide else "WAV"
                if wide and length == _UNKNOWN and long is not None:
                    length = long[1]
                    is_open = is_placeholder(length, 64) and length not in (2**31, 2**32)
                else:
                    is_open = is_placeholder(length)
                end = start + length + length % 2
                if end == file.size or begins_chunk(file, end, f"{order}I"):
                    is_open = False  # it is what it says
                known = None if is_open else length
                return Extent(container, start, known, fields, frame, wraps=not wide)
        place = start + length + length % 2
    return None


def _fields(order: str, start: int, frame: int, wide: bool) -> tuple[Field, ...]:
    if wide:
        return (
            Field(20, "<Q", plus(start - 8)),
            Field(28, "<Q", plus(0)),
            Field(36, "<Q", lambda length: length // frame),
            Field(start - 4, "<I", lambda _: _UNKNOWN),
        )
    return (
        Field(4, f"{order}I", plus(start - 8)),
        Field(start - 4, f"{order}I", plus(0)),
    )


def as_rf64(head: bytes, length: int, frame: int) -> bytes:
    """Return the header of a WAV file as one that can tell of more than 4 GiB.

    Parameters
    ----------
    head : bytes
        The file up to its samples.
    length : int
        Bytes of samples.
    frame : int
        Bytes to a sample of all channels.
    """
    sizes = struct.pack(
        "<4sIQQQI", b"ds64", 28, len(head) + 28 + length, length, length // frame, 0
    )
    unknown = struct.pack("<I", _UNKNOWN)
    return b"RF64" + unknown + b"WAVE" + sizes + head[12:-4] + unknown


def read_w64(file: Bytes) -> Extent | None:
    """Return where the samples of a Wave64 file lie; None if it has no data chunk."""
    place, frame = _W64_HEAD, 1
    for _ in range(MAX_CHUNKS):
        head = file.numbers("<Q", place + 16)
        if head is None:
            return None
        (size,), start = head, place + _W64_CHUNK
        name = file.at(place, 16)
        if name[:4] == b"fmt ":
            frame = (file.numbers("<H", start + 12) or (1,))[0] or 1
        if name == _W64_DATA:
            length = size - _W64_CHUNK
            open_ = size in (0, _W64_CHUNK) or is_placeholder(size, 64)
            is_open = open_ and (size <= _W64_CHUNK or start + length > file.size)
            fields = (
                Field(16, "<Q", plus(start)),
                Field(start - 8, "<Q", plus(_W64_CHUNK)),
            )
            return Extent("W64", start, None if is_open else length, fields, frame)
        place += max(_W64_CHUNK, -(-size // 8) * 8)
    return None
