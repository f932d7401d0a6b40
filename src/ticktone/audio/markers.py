"""Markers and loops of AIFF files as WAV has them: `cue `, the names in LIST-adtl, and `smpl`."""

import struct
from collections.abc import Iterator, Sequence

_FORWARD, _TO_AND_FRO = 1, 2  # play modes of a loop in AIFF
_INST = struct.Struct(">6bh3h3h")  # of AIFF: notes, velocities, gain, then two loops


def as_wav(chunks: Sequence[tuple[bytes, bytes]], sample_rate: int) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a WAV file that say what those of an AIFF file say of positions.

    Parameters
    ----------
    chunks : sequence of (bytes, bytes)
        Each chunk's name and content.
    sample_rate : int
        Hz.
    """
    found = dict(chunks)
    markers = list(_markers(found.get(b"MARK", b"")))
    if not markers:
        return []
    cues = b"".join(
        struct.pack("<II4sIII", number, place, b"data", 0, 0, place) for number, place, _ in markers
    )
    names = b"".join(
        _item(b"labl", struct.pack("<I", number) + name + b"\0") for number, _, name in markers
    )
    wav = [(b"cue ", struct.pack("<I", len(markers)) + cues), (b"LIST", b"adtl" + names)]
    places = {number: place for number, place, _ in markers}
    return wav + _sampler(found.get(b"INST", b""), places, sample_rate)


def _markers(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """List the number, place and name of each marker."""
    place = 2
    for _ in range(int.from_bytes(content[:2])):
        if place + 7 > len(content):
            return
        number, position, length = struct.unpack(">hIB", content[place : place + 7])
        if number > 0:
            yield number, position, content[place + 7 : place + 7 + length]
        place += 7 + length + (length + 1) % 2  # a Pascal string, of even size with its length


def _sampler(content: bytes, places: dict[int, int], sample_rate: int) -> list[tuple[bytes, bytes]]:
    if len(content) != _INST.size:
        return []
    note, *_, mode, begin, end, _, _, _ = _INST.unpack(content)
    if mode not in (_FORWARD, _TO_AND_FRO) or not {begin, end} <= set(places):
        return []
    last = places[end] - 1  # WAV's loops end with a sample, AIFF's before one
    if last <= places[begin]:
        return []
    head = struct.pack("<9I", 0, 0, round(1e9 / sample_rate), note, 0, 0, 0, 1, 0)
    loop = struct.pack("<6I", begin, mode - _FORWARD, places[begin], last, 0, 0)
    return [(b"smpl", head + loop)]


def _item(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
