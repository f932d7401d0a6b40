"""The text between header and samples of AU files: one comment, or lines of `name=value`."""

import re
from pathlib import Path

from ticktone.audio.tags import Comments, add

_HEADER = 24  # bytes
_MOST = 2**20  # bytes of text; more is none
_BLOCK = 2**20


def read_text(path: Path) -> Comments:
    """Return what the text of an AU file says, by the names of Vorbis comments.

    Parameters
    ----------
    path : Path
    """
    comments: Comments = {}
    with path.open("rb") as file:
        head = file.read(_HEADER)
        start = int.from_bytes(head[4:8], "big" if head[:4] == b".snd" else "little")
        if not _HEADER < start <= _HEADER + _MOST:
            return comments
        data = file.read(start - _HEADER).partition(b"\0")[0]
    text = data.decode(errors="replace").strip()
    pairs = [re.fullmatch(r"([A-Za-z_ ]+)=(.*)", line) for line in text.splitlines()]
    if all(pairs):
        for pair in filter(None, pairs):
            add(comments, pair[1].lower(), pair[2])
    else:
        add(comments, "comment", text)
    return comments


def write_text(path: Path, comments: Comments) -> None:
    """Put comments between header and samples of a finished AU file.

    Parameters
    ----------
    path : Path
        As libsndfile writes it, big-endian and without a text.
    comments : dict
    """
    lines = [
        f"{name}={' '.join(value.split())}" for name, values in comments.items() for value in values
    ]
    text = "\n".join(lines).encode()[: _MOST - 8] + b"\0"
    text += bytes(-len(text) % 8)
    with path.open("r+b") as file:
        if file.read(4) != b".snd":
            return
        place = file.seek(0, 2)
        while place > _HEADER:  # from the end, so that nothing is written over unread
            begin = max(_HEADER, place - _BLOCK)
            file.seek(begin)
            block = file.read(place - begin)
            file.seek(begin + len(text))
            file.write(block)
            place = begin
        file.seek(_HEADER)
        file.write(text)
        file.seek(4)
        file.write((_HEADER + len(text)).to_bytes(4, "big"))
