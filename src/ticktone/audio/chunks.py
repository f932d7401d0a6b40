"""The chunks of RIFF, AIFF and CAF files that are not sound: loops, markers, bext, names.

Nothing published copies them between files of all three families, so this does, in bounded memory.
A part has the recording's length and rate: loop points and positions stay valid.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from ticktone.audio.rifx import as_riff

MOST_CHUNKS = 10_000  # of a file
MOST_BYTES = 2**26  # of all that is kept of a file
_MARK32 = 2**32 - 1  # in the place of a length that is elsewhere, or was never written

# What describes the samples as they are coded or as they were, or fills space.
_OF_THE_SOUND = {
    "RIFF": (
        *(b"fmt ", b"data", b"fact", b"ds64", b"PEAK", b"levl", b"MD5 ", b"wavl"),
        *(b"JUNK", b"junk", b"FLLR", b"PAD ", b"filr", b"fake"),
    ),
    "AIFF": (b"COMM", b"SSND", b"FVER", b"PEAK", b"FLLR"),
    "CAF": (b"desc", b"data", b"pakt", b"kuki", b"free", b"peak", b"ovvw"),
}
_FAMILIES = {
    **dict.fromkeys((b"RIFF", b"RIFX", b"RF64", b"BW64"), "RIFF"),
    **{b"FORM": "AIFF", b"caff": "CAF"},
}
# Of the files that begin so, those that hold sound alone: AVI is RIFF too, and 8SVX is a FORM.
_FORMS = {"RIFF": (b"WAVE",), "AIFF": (b"AIFF", b"AIFC")}
# Loudness as measured, in bext of version 2 (EBU Tech 3285, section 2.4), and "not measured".
_LOUDNESS, _UNMEASURED = slice(412, 422), b"\xff\x7f" * 5


class Chunk(NamedTuple):
    """Where a chunk's content lies in its file."""

    name: bytes
    offset: int
    size: int


@dataclass(frozen=True)
class Chunks:
    """The chunks of a file that may be copied to another of its family.

    Attributes
    ----------
    family : str
        "RIFF" (RF64 and RIFX too, the latter's numbers as in RIFF), "AIFF" or "CAF".
    content : tuple of (bytes, bytes)
        Each chunk's name and content, in the file's order.
    """

    family: str
    content: tuple[tuple[bytes, bytes], ...]

    @property
    def size(self) -> int:
        """Bytes that they take in a file, at most."""
        return sum(16 + len(content) for _, content in self.content)


def family_of(path: Path) -> str | None:
    """Return the family of a file by its first bytes; None if it has no chunks."""
    with path.open("rb") as file:
        return _family(file.read(12))


def _family(head: bytes) -> str | None:
    family = _FAMILIES.get(head[:4])
    return None if head[8:] not in _FORMS.get(family or "", (head[8:],)) else family


def read_chunks(path: Path) -> Chunks | None:
    """Read what may be copied; None if the file is of none of the families.

    What does not lie within the file whole ends the reading, as do `MOST_CHUNKS` chunks; what
    exceeds `MOST_BYTES` is left out.
    """
    with path.open("rb") as file:
        head = file.read(12)
        magic, family = head[:4], _family(head)
        if family is None:
            return None
        kept, room = [], MOST_BYTES
        for chunk in walk(file):
            if chunk.name in _OF_THE_SOUND[family] or chunk.size > room:
                continue
            file.seek(chunk.offset)
            content = file.read(chunk.size)
            if magic == b"RIFX":
                turned = as_riff(chunk.name, content)
                if turned is None:
                    continue
                content = turned
            if chunk.name == b"bext" and len(content) >= _LOUDNESS.stop:
                start, stop = _LOUDNESS.start, _LOUDNESS.stop
                content = content[:start] + _UNMEASURED + content[stop:]
            kept.append((chunk.name, content))
            room -= chunk.size
        return Chunks(family, tuple(kept))


def walk(file: BinaryIO) -> Iterator[Chunk]:
    """List the chunks of a file that lie in it whole."""
    end = os.fstat(file.fileno()).st_size
    file.seek(0)
    magic = file.read(4)
    family = _FAMILIES[magic]
    header, offset = (12, 8) if family == "CAF" else (8, 12)
    order: Literal["little", "big"] = "big"
    if family == "RIFF" and magic != b"RIFX":
        order = "little"
    data_size = None
    for _ in range(MOST_CHUNKS):
        file.seek(offset)
        head = file.read(header)
        name, size = head[:4], int.from_bytes(head[4:], order)
        if len(head) < header or not all(32 <= byte < 127 for byte in name):
            return
        if name in _FAMILIES:
            return  # another file, laid behind this one
        if name == b"ds64":
            data_size = int.from_bytes(file.read(16)[8:], "little")
        if name == b"data" and size == _MARK32 and data_size is not None:
            size = data_size
        if offset + header + size > end or (name == b"data" and size == 0):
            return  # damaged, or of a recorder that never finished it: all that follows is sound
        yield Chunk(name, offset + header, size)
        offset += header + size + (0 if family == "CAF" else size % 2)


def append_chunks(path: Path, content: Sequence[tuple[bytes, bytes]]) -> None:
    """Append chunks to a finished file, in its family's form, and correct the length it states.

    Parameters
    ----------
    path : Path
    content : sequence of (bytes, bytes)
        Each chunk's name and content.
    """
    with path.open("r+b") as file:
        magic = file.read(4)
        family = _FAMILIES[magic]
        width, order = (8 if family == "CAF" else 4), ("little" if family == "RIFF" else "big")
        end = file.seek(0, os.SEEK_END)
        if end % 2 and family != "CAF":
            file.write(b"\0")
        for name, data in content:
            file.write(name + len(data).to_bytes(width, order))  # type: ignore[arg-type]
            file.write(data + (b"\0" if len(data) % 2 and family != "CAF" else b""))
        length = file.tell() - 8
        if magic == b"RF64":
            file.seek(20)  # the first field of ds64, which is the first chunk
            file.write(length.to_bytes(8, "little"))
        elif family != "CAF":
            file.seek(4)
            file.write(length.to_bytes(4, order))  # type: ignore[arg-type]
