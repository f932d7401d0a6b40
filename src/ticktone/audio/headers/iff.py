"""AIFF, AIFC and Amiga's SVX: chunks within a FORM, all numbers big-endian."""

from ticktone.audio.headers.extent import (
    MAX_CHUNKS,
    Bytes,
    Extent,
    Field,
    begins_chunk,
    is_placeholder,
    plus,
)

# AIFC's compression types: bytes to a sample of one channel, where it is not what COMM says.
_BYTES = {b"ulaw": 1, b"ULAW": 1, b"alaw": 1, b"ALAW": 1, b"ima4": 34}
_BYTES |= {b"fl32": 4, b"FL32": 4, b"fl64": 8, b"FL64": 8}
_PCM = (b"", b"NONE", b"twos", b"sowt", b"raw ", b"in24", b"in32", b"42ni", b"23ni")


def read_aiff(file: Bytes) -> Extent | None:
    """Return where the samples of an AIFF or AIFC file lie; None if it has no SSND chunk."""
    place, frame, count = 12, 0, -1
    for _ in range(MAX_CHUNKS):
        head = file.numbers(">I", place + 4)
        if head is None:
            return None
        (size,), start = head, place + 8
        name = file.at(place, 4)
        if name == b"COMM" and (common := file.numbers(">hIh", start)):
            kind = file.at(start + 18, 4) if file.at(8, 4) == b"AIFC" else b""
            width = -(-common[2] // 8) if kind in _PCM else _BYTES.get(kind, 0)
            frame, count = common[0] * width, start + 2
        if name == b"SSND":
            return _samples(file, start, size, frame, count)
        place = start + size + size % 2
    return None


def _samples(file: Bytes, place: int, size: int, frame: int, count: int) -> Extent | None:
    head = file.numbers(">I", place)
    if head is None:
        return None
    start, before = place + 8 + head[0], 8 + head[0]
    is_open = is_placeholder(size) or size == before
    if place + size <= file.size:
        is_open = size in (0, before) and not begins_chunk(file, place + size, ">I")
    fields = [
        Field(4, ">I", plus(start - 8)),
        Field(place - 4, ">I", plus(before)),
    ]
    if frame > 0:
        fields.append(Field(count, ">I", lambda length: length // frame))
    return Extent("AIFF", start, None if is_open else size - before, tuple(fields), max(frame, 1))


def read_svx(file: Bytes) -> Extent | None:
    """Return where the samples of an Amiga SVX file lie; None if it has no BODY chunk."""
    place = 12
    for _ in range(MAX_CHUNKS):
        head = file.numbers(">I", place + 4)
        if head is None:
            return None
        (size,), start = head, place + 8
        if file.at(place, 4) == b"BODY":
            is_open = is_placeholder(size) and (size == 0 or start + size > file.size)
            fields = (
                Field(4, ">I", plus(start - 8)),
                Field(start - 4, ">I", plus(0)),
            )
            return Extent("SVX", start, None if is_open else size, fields)
        place = start + size + size % 2
    return None
