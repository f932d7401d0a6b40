"""What the server answers with: refusals that arrive, files, samples, events."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ticktone.page.growing import Growing
from ticktone.page.part_samples import BLOCK, sample_paths, sample_type
from ticktone.page.queued_song import QueuedSong
from ticktone.page.words import disposition

_CHUNK = 2**18  # bytes
_LINGER = 3.0  # seconds for which the rest of a refused upload is read


class Refusal(JSONResponse):
    """Say no, and why, while the request's body may still be coming.

    Parameters
    ----------
    status : int
    cause : str
        One line.
    headers : dict, optional

    Notes
    -----
    Most clients read the answer only when they have sent everything. Were the connection closed
    at once, they would see it break and never know why; so the rest is read, for a while, and
    thrown away.
    """

    def __init__(self, status: int, cause: str, headers: dict[str, str] | None = None) -> None:
        super().__init__({"error": cause}, status, {**(headers or {}), "connection": "close"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        if not any(name == b"expect" for name, _ in scope["headers"]):  # those wait to be asked
            with suppress(TimeoutError):
                async with asyncio.timeout(_LINGER):
                    while (await receive()).get("more_body"):
                        pass
        await send({"type": "http.response.body", "body": b""})


def send_file(
    file: BinaryIO, name: str, headers: dict[str, str] | None = None
) -> StreamingResponse:
    """Send an open file, to be saved under a name; it is closed then."""

    def chunks() -> Iterator[bytes]:
        with file:
            while chunk := file.read(_CHUNK):
                yield chunk

    known = {
        "content-length": str(os.fstat(file.fileno()).st_size),
        "content-disposition": disposition(name),
    }
    return StreamingResponse(
        chunks(), headers={**known, **(headers or {})}, media_type="application/octet-stream"
    )


def send_samples(folder: Path, part: str, growing: Growing, channels: int, offset: int) -> Response:
    """Send those of a part's samples that are there, but for so many bytes of the beginning.

    32-bit floating point, little-endian, channels interleaved. A header tells whether these are
    the last; a browser has few connections to a server, so none is held until there are more.
    """
    first, last = offset // (4 * channels), growing.samples
    path = sample_paths(folder)[part] if last else None

    def chunks() -> Iterator[bytes]:
        if path is None:
            return
        kind = sample_type(path)
        frame = channels * kind.itemsize
        with path.open("rb") as file:
            file.seek(first * frame)
            for start in range(first, last, BLOCK):
                content = file.read(min(BLOCK, last - start) * frame)
                yield np.frombuffer(content, kind).astype("<f4").tobytes()

    known = {
        "content-length": str(max(0, last - first) * channels * 4),
        "ticktone-whole": "yes" if growing.is_whole else "no",
    }
    return StreamingResponse(chunks(), headers=known, media_type="application/octet-stream")


def send_events(song: QueuedSong) -> StreamingResponse:
    """Send the changes of a song's state, as server-sent events."""

    async def events() -> AsyncIterator[str]:
        async for known in song.watch():
            yield ":\n\n" if known is None else f"data: {_json(known)}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


def _json(known: dict[str, Any]) -> str:
    return json.dumps(known, ensure_ascii=False)
