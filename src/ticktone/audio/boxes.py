"""The boxes of MP4 files (ISO/IEC 14496-12): found by their path, and one put among others.

A box is its size in 4 bytes, its type in 4 bytes, and its content, which may be boxes again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ticktone.errors import TicktoneError

_HEADER, _LONG_HEADER = 8, 16  # bytes; the long one has a size of 8 bytes


@dataclass(frozen=True)
class Box:
    """Where a box is in its file, in bytes: its header from `start`, its content from `content`."""

    kind: bytes
    start: int
    content: int
    end: int


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """List the boxes between two places of a file; it ends where what is there is none."""
    while start + _HEADER <= end:
        file.seek(start)
        header = file.read(_LONG_HEADER)
        size, content = int.from_bytes(header[:4], "big"), start + _HEADER
        if size == 1:
            size, content = int.from_bytes(header[8:16], "big"), start + _LONG_HEADER
        elif size == 0:
            size = end - start  # the rest of the file
        if start + size < content or start + size > end:
            return
        yield Box(header[4:8], start, content, start + size)
        start += size


def find_path(file: BinaryIO, *kinds: bytes) -> list[Box]:
    """Return the boxes on the way down a path, as far as there are any.

    Parameters
    ----------
    file : file object
        Open for reading bytes.
    kinds : bytes
        Types of boxes, each within the one before; the first of its type is taken.
    """
    start, end = 0, file.seek(0, 2)
    found: list[Box] = []
    for kind in kinds:
        box = next((box for box in boxes(file, start, end) if box.kind == kind), None)
        if box is None:
            break
        found.append(box)
        start, end = box.content, box.end
    return found


def append_box(path: Path, parents: Sequence[bytes], kind: bytes, content: bytes) -> None:
    """Put a box at the end of its parents, the first of which is the last box of the file.

    So no byte of sound moves, and the file's index stays true.

    Raises
    ------
    TicktoneError
        If the file has not these boxes in this order, or they would be too large.
    OSError
    """
    with path.open("r+b") as file:
        way = find_path(file, *parents)
        size = file.seek(0, 2)
        if len(way) < len(parents) or way[0].end != size:
            raise TicktoneError(f"has no box {parents[-1].decode()} at its end", path)
        if any(box.content - box.start != _HEADER or box.end - box.start > 2**31 for box in way):
            raise TicktoneError("has too large an index", path)
        file.seek(way[-1].end)
        behind = file.read()
        length = _HEADER + len(content)
        file.seek(way[-1].end)
        file.write(length.to_bytes(4, "big") + kind + content + behind)
        for box in way:
            file.seek(box.start)
            file.write((box.end - box.start + length).to_bytes(4, "big"))
