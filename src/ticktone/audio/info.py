"""The texts that chunks hold: LIST-INFO and bext of RIFF, NAME and the like of AIFF, info of CAF.

Each function that reads adds to comments by the names of Vorbis comments; each that writes returns
a chunk's content.
"""

from collections.abc import Iterator

from ticktone.audio.tag_names import AIFF, INFO
from ticktone.audio.tags import Comments, add

_INFO_NAMES = {name: chunk for chunk, name in reversed(INFO.items())}
_BEXT = (  # its texts, by name and place (EBU Tech 3285)
    ("description", 0, 256),
    ("originator", 256, 288),
    ("originator_reference", 288, 320),
    ("origination_date", 320, 330),
    ("origination_time", 330, 338),
)


def read_texts(family: str, name: bytes, content: bytes, comments: Comments) -> None:
    """Add what a chunk says."""
    if family == "RIFF" and name == b"LIST" and content[:4] == b"INFO":
        for item, text in _items(content):
            if item in INFO:
                add(comments, INFO[item], _decoded(text))
    elif family == "RIFF" and name == b"bext" and len(content) >= 348:
        for key, start, stop in _BEXT:
            add(comments, key, _decoded(content[start:stop]))
        reference = int.from_bytes(content[338:346], "little")
        add(comments, "time_reference", str(reference))
    elif family == "AIFF" and name in AIFF:
        add(comments, AIFF[name], _decoded(content))
    elif family == "CAF" and name == b"info":
        for key, value in _pairs(content):
            add(comments, "tracknumber" if key == "track number" else key, value)


def retitled(family: str, name: bytes, content: bytes, part: str) -> bytes:
    """Return a chunk's content with the part named in the title, if it has one."""
    ending = f" ({part})".encode()
    if family == "AIFF" and name == b"NAME":
        return content.rstrip(b"\0") + ending
    if family == "RIFF" and name == b"LIST" and content[:4] == b"INFO":
        return b"INFO" + b"".join(
            _item(item, text.rstrip(b"\0") + ending + b"\0" if item == b"INAM" else text)
            for item, text in _items(content)
        )
    if family == "CAF" and name == b"info":
        pairs = [(k, f"{v} ({part})" if k.lower() == "title" else v) for k, v in _pairs(content)]
        return _strings(pairs)
    return content


def text_chunks(family: str, comments: Comments) -> list[tuple[bytes, bytes]]:
    """Return the chunks in which a family holds texts."""
    if family == "CAF":
        pairs = [(name, value) for name, values in comments.items() for value in values[:1]]
        return [(b"info", _strings(pairs))] if pairs else []
    if family == "AIFF":
        return [
            (chunk, "; ".join(comments[name]).encode())
            for chunk, name in AIFF.items()
            if name in comments
        ]
    items = [
        _item(_INFO_NAMES[name], "; ".join(values).encode() + b"\0")
        for name, values in comments.items()
        if name in _INFO_NAMES
    ]
    return [(b"LIST", b"INFO" + b"".join(items))] if items else []


def _items(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """List the chunks within a LIST."""
    place = 4
    while place + 8 <= len(content):
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        yield content[place : place + 4], content[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _item(name: bytes, text: bytes) -> bytes:
    return name + len(text).to_bytes(4, "little") + text + b"\0" * (len(text) % 2)


def _pairs(content: bytes) -> list[tuple[str, str]]:
    words = content[4:].split(b"\0")
    return [(_decoded(k), _decoded(v)) for k, v in zip(words[::2], words[1::2], strict=False)]


def _strings(pairs: list[tuple[str, str]]) -> bytes:
    words = b"".join(word.replace("\0", " ").encode() + b"\0" for pair in pairs for word in pair)
    return len(pairs).to_bytes(4, "big") + words


def _decoded(text: bytes) -> str:
    text = text.partition(b"\0")[0]
    try:
        return text.decode().strip()
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace").strip()
