"""Several files as one zip, sent while it is being made."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from starlette.responses import StreamingResponse

from ticktone.page.words import disposition

_CHUNK = 2**18  # bytes


class _Sink:
    """What a zip is written to: it cannot be sought in, and is emptied after every chunk."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Do nothing; `take` empties it."""

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def distinct(names: Sequence[str]) -> list[str]:
    """Return names of which no two are the same.

    >>> distinct(["a.wav", "a.wav", "b.wav"])
    ['a.wav', 'a (2).wav', 'b.wav']
    """
    seen: set[str] = set()
    found = []
    for name in names:
        path, candidate, count = Path(name), name, 1
        while candidate.lower() in seen:
            count += 1
            candidate = f"{path.stem} ({count}){path.suffix}"
        seen.add(candidate.lower())
        found.append(candidate)
    return found


def send_zip(entries: Sequence[tuple[str, Path]], name: str) -> StreamingResponse:
    """Send files as a zip; they are stored as they are, for sound hardly shrinks.

    Parameters
    ----------
    entries : sequence of (str, Path)
        Names in the zip, and the files.
    name : str
        To save the zip under.

    Raises
    ------
    OSError
        If one of the files is not there (any more).
    """
    with ExitStack() as opened:
        files = [opened.enter_context(path.open("rb")) for _, path in entries]
        opened.pop_all()  # they can be read to their end, even if the song is deleted meanwhile
    names = distinct([entry for entry, _ in entries])
    chunks = _zipped(list(zip(names, files, strict=True)))
    headers = {"content-disposition": disposition(name)}
    return StreamingResponse(chunks, headers=headers, media_type="application/zip")


def _zipped(files: Sequence[tuple[str, BinaryIO]]) -> Iterator[bytes]:
    sink = _Sink()
    with ExitStack() as closing:
        for _, file in files:
            closing.enter_context(file)
        with ZipFile(sink, "w", ZIP_STORED) as archive:  # type: ignore[call-overload]
            for name, file in files:
                with archive.open(ZipInfo(name), "w", force_zip64=True) as entry:
                    while chunk := file.read(_CHUNK):
                        entry.write(chunk)
                        yield sink.take()
        yield sink.take()
