"""Recordings on their way in: to the disk as they come, never whole in memory."""

import asyncio
from pathlib import Path

from starlette.requests import Request

from ticktone.audio.formats import READABLE

_PATIENCE = 10.0  # seconds in which an upload that holds a place must go on by...
_PROGRESS = 16_384  # ... so many bytes, or it is given up


class TooLargeError(Exception):
    """An upload is, or says it is, larger than allowed."""


class StalledError(Exception):
    """An upload does not go on."""


def upload_path(folder: Path, name: str) -> Path:
    """Return where an upload goes: of its name, only an extension that is a known one counts.

    The extension decides nothing but the extension of the parts (.aif or .aiff).
    """
    suffix = Path(name).suffix
    return folder / ("song" + (suffix if suffix[1:].lower() in READABLE else ""))


async def take_in(request: Request, path: Path, limit: int) -> None:
    """Write a request's body to a file.

    Parameters
    ----------
    request : Request
    path : Path
    limit : int
        Bytes.

    Raises
    ------
    TooLargeError
        Before the body is read where its length is told, else as soon as it exceeds the limit.
    StalledError
        If it goes on too slowly, or not at all.
    ClientDisconnect
        If it breaks off.
    """
    declared = request.headers.get("content-length", "0")
    if int(declared) > limit:  # the server has refused what is no number
        raise TooLargeError
    loop = asyncio.get_running_loop()
    taken = seen = 0
    try:
        with path.open("xb") as file:
            async with asyncio.timeout(_PATIENCE) as deadline:
                async for chunk in request.stream():
                    taken += len(chunk)
                    if taken - seen >= _PROGRESS:
                        seen = taken
                        deadline.reschedule(loop.time() + _PATIENCE)
                    if taken > limit:
                        raise TooLargeError
                    file.write(chunk)
    except TimeoutError:
        raise StalledError from None
