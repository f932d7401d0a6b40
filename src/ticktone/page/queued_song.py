"""A song on its way: its state, and who waits for changes of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from ticktone.page.words import file_name
from ticktone.page.work import Done, Failed, Order, Progress
from ticktone.spectrogram import RANGE

_HEARTBEAT = 15.0  # seconds of silence after which a listener is told that all is well


class QueuedSong:
    """A song on its way.

    Parameters
    ----------
    id : str
    given_name : str
        Of its file, by whoever sent it.
    order : Order
    keep : float
        Seconds for which it is kept after it was last asked for, once it has ended.

    Attributes
    ----------
    state : str
        "waiting", "working", "done", "failed" or "deleted".
    ahead : int
        How many songs wait before it.
    done : Done or None
    touched : float
        When it was last asked for, by `time.monotonic`.
    """

    def __init__(self, id: str, given_name: str, order: Order, keep: float) -> None:
        self.id, self.order = id, order
        self.name = file_name(given_name)
        self.state = "waiting"
        self.ahead = 0
        self.done: Done | None = None
        self.touched = time.monotonic()
        self.keep = keep
        self._began: float | None = None
        self._progress = Progress(0.0, None)
        self._error: str | None = None
        self._news = asyncio.Event()

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in ("done", "failed", "deleted")

    def touch(self) -> None:
        """Remember that it was asked for."""
        self.touched = time.monotonic()

    def become(self, state: str, ahead: int = 0) -> None:
        """Change its state, and tell everybody."""
        if state == "working":
            self._began = time.monotonic()
        if self.state != "deleted":
            self.state, self.ahead = state, ahead
            self._tell()

    def receive(self, message: Progress | Done | Failed) -> None:
        """Receive a message from its process."""
        if isinstance(message, Progress):
            self._progress = message
            self._tell()
        elif isinstance(message, Done):
            self.done = message
            self.become("done")
        else:
            self._error = f"{self.name}: {message.cause}"
            self.become("failed")

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    @property
    def expires(self) -> float | None:
        """Seconds until it is deleted unless somebody asks for it; None before it has ended."""
        if not self.has_ended:
            return None
        return max(0.0, self.touched + self.keep - time.monotonic())

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take, as far as can be told."""
        done, duration = self._progress.seconds, self._progress.duration
        if self.state != "working" or self._began is None or not duration or done < 1:
            return None
        return max(0.0, (time.monotonic() - self._began) * (duration - done) / done)

    async def watch(self) -> AsyncIterator[dict[str, Any] | None]:
        """Yield its state, again after every change until it ends; None where none comes."""
        news = None
        while True:
            if news is None or news.is_set():
                news = self._news
                yield self.as_json()
            else:
                yield None
            if self.has_ended:
                return
            try:
                async with asyncio.timeout(_HEARTBEAT):
                    await news.wait()
            except TimeoutError:
                pass

    def download_name(self, part: str, output: str | Path) -> str:
        """Return the name that the command line would give a file made of the song."""
        return f"{Path(self.name).stem}.{part}{Path(output).suffix}"

    def as_json(self) -> dict[str, Any]:
        """Return what is known of it, as the HTTP interface tells it."""
        return {
            "id": self.id,
            "name": self.name,
            "method": self.order.method,
            "state": self.state,
            "ahead": self.ahead,
            "seconds": self._progress.seconds,
            "duration": self._progress.duration,
            "left": self.left,
            "expires": self.expires,
            "error": self._error,
            "result": self._result(),
        }

    def _result(self) -> dict[str, Any] | None:
        if self.done is None:
            return None
        result = self.done.result
        return {
            "sample_rate": result.sample_rate,
            "channels": result.channels,
            "samples": self.done.samples,
            "elapsed": result.elapsed,
            "parts": [
                {
                    "name": part,
                    "file": self.download_name(part, output),
                    "peak": result.peaks[part],
                    "limited": result.overs.get(part, 0),
                }
                for part, output in result.outputs.items()
            ],
            "remix": self.download_name("remix", result.outputs["harmonic"]),
            "spectrogram": {
                "bins": self.done.bins,
                "columns": self.done.columns,
                "seconds": self.done.seconds,
                "range": RANGE,
            },
        }
