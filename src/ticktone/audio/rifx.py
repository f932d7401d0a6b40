"""The chunks of RIFX files, whose numbers are big-endian, as RIFF has them."""

import struct
from collections.abc import Iterator

# Numbers and bytes of each kind of chunk, in the words of `struct`: at its beginning, and of each
# of the items that follow. What stands behind them is text or bytes.
_FORMS = {
    b"smpl": ("9I", "6I"),
    b"cue ": ("I", "II4sIII"),
    b"plst": ("I", "III"),
    b"acid": ("IHHfIHHf", ""),
    b"inst": ("7b", ""),
    b"labl": ("I", ""),
    b"note": ("I", ""),
    b"ltxt": ("II4s4H", ""),
}
_TEXTS = (b"iXML", b"axml", b"aXML", b"_PMX", b"id3 ", b"ID3 ", b"DISP", b"CSET")
_LISTS = (b"INFO", b"adtl")


def as_riff(name: bytes, content: bytes) -> bytes | None:
    """Return a chunk's content with its numbers little-endian; None where its form is not known.

    Parameters
    ----------
    name : bytes
    content : bytes
        As in a RIFX file.
    """
    if name == b"LIST" and content[:4] in _LISTS:
        return content[:4] + b"".join(_items(content[:4], content[4:]))
    if name in _FORMS:
        return _turned(*_FORMS[name], content)
    return content if name in _TEXTS else None


def _items(kind: bytes, content: bytes) -> Iterator[bytes]:
    """List the chunks within a LIST, as RIFF has them."""
    place = 0
    while place + 8 <= len(content):
        name, size = content[place : place + 4], int.from_bytes(content[place + 4 : place + 8])
        item = content[place + 8 : place + 8 + size]
        turned = item if kind == b"INFO" else as_riff(name, item)
        if turned is not None:
            yield name + len(turned).to_bytes(4, "little") + turned + bytes(len(turned) % 2)
        place += 8 + size + size % 2


def _turned(head: str, item: str, content: bytes) -> bytes | None:
    """Return content with its numbers the other way round; None where it is too short."""
    size = struct.calcsize(f">{head}")
    if len(content) < size:
        return None
    turned = struct.pack(f"<{head}", *struct.unpack_from(f">{head}", content))
    step = struct.calcsize(f">{item}")
    while step and size + step <= len(content):
        turned += struct.pack(f"<{item}", *struct.unpack_from(f">{item}", content, size))
        size += step
    return turned + content[size:]
