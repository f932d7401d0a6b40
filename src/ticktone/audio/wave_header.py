"""The headers of WAV files: speaker positions, and RF64 that turned out to be short."""

from pathlib import Path
from typing import BinaryIO

from ticktone.audio.chunks import Chunk, walk

LIMIT = 2**32 - 2**20  # bytes; a longer WAV file is an RF64 file
_EXTENSIBLE = 0xFFFE  # a format tag: speaker positions and the true format follow
_MASK = slice(20, 24)  # of a fmt chunk
_W64_FORMAT, _W64_HEAD = 40, 24  # bytes: where a Wave64 file has its first chunk, and its head


def channel_mask(path: Path) -> int | None:
    """Return the speaker positions that a WAV, RF64 or Wave64 file states; None without any."""
    with path.open("rb") as file:
        magic, place = file.read(4), _W64_FORMAT + _W64_HEAD
        if magic in (b"RIFF", b"RF64", b"BW64"):
            form = _format(file)
            if form is None or form.size < _MASK.stop:
                return None
            place = form.offset
        elif magic != b"riff":
            return None
        file.seek(place)
        content = file.read(_MASK.stop)
        if len(content) < _MASK.stop or int.from_bytes(content[:2], "little") != _EXTENSIBLE:
            return None
        return int.from_bytes(content[_MASK], "little")


def set_channel_mask(path: Path, mask: int) -> None:
    """Write other speaker positions into a finished file, where its kind of header has them."""
    with path.open("r+b") as file:
        form = _format(file)
        if form is not None and form.size >= _MASK.stop:
            file.seek(form.offset + _MASK.start)
            file.write(mask.to_bytes(4, "little"))


def shorten_header(path: Path, extensible: bool) -> None:
    """Turn a finished RF64 file that is shorter than 4 GiB into a WAV file, in place.

    Parameters
    ----------
    path : Path
        As libsndfile writes it: ds64, fmt and data in this order, others between the last two.
    extensible : bool
        Whether it is to keep the longer form of header, with speaker positions.
    """
    with path.open("r+b") as file:
        length = file.seek(0, 2) - 8
        chunks = {chunk.name: chunk for chunk in walk(file)}
        form, data = chunks[b"fmt "], chunks[b"data"]
        file.seek(form.offset)
        content = file.read(form.size)
        if not extensible:
            content = content[24:26] + content[2:16]  # the tag is the first of the true format's
        begin = b"RIFF" + length.to_bytes(4, "little") + b"WAVE"
        own = b"fmt " + len(content).to_bytes(4, "little") + content
        spare = form.offset + form.size - len(begin) - len(own) - 8
        file.seek(0)
        file.write(begin + b"JUNK" + spare.to_bytes(4, "little") + bytes(spare) + own)
        file.seek(data.offset - 4)
        file.write(data.size.to_bytes(4, "little"))


def _format(file: BinaryIO) -> Chunk | None:
    return next((chunk for chunk in walk(file) if chunk.name == b"fmt "), None)
