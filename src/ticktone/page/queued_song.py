"""A song on its way: its state, and who waits for changes of it."""

import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ticktone.archive.time_range import WHOLE
from ticktone.page.growing import Growing
from ticktone.page.picture import LOWEST
from ticktone.page.words import file_name
from ticktone.page.work import Done, Failed, Order, Progress, Sound
from ticktone.spectrogram import RANGE


class QueuedSong(Growing):
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
    sound : Sound or None
        Known once a first piece of it is split.
    done : Done or None
    touched : float
        When it was last asked for, by `time.monotonic`.
    """

    def __init__(self, id: str, given_name: str, order: Order, keep: float) -> None:
        super().__init__()
        self.id, self.order = id, order
        self.name = file_name(given_name)
        self.state = "waiting"
        self.ahead = 0
        self.sound: Sound | None = None
        self.done: Done | None = None
        self.touched = time.monotonic()
        self.keep = keep
        self._began: float | None = None
        self._error: str | None = None

    def touch(self) -> None:
        """Remember that it was asked for."""
        self.touched = time.monotonic()

    def become(self, state: str, ahead: int = 0) -> None:
        """Change its state, and tell everybody."""
        if state == "working":
            self._began = time.monotonic()
        if self.state != "deleted":
            self.state, self.ahead = state, ahead
            self.is_whole = state == "done"
            self.has_ended = state in ("done", "failed", "deleted")
            self.tell()

    def receive(self, message: Progress | Done | Failed) -> None:
        """Receive a message from its process."""
        if isinstance(message, Progress):
            self.samples, self.sound = message.samples, message.sound
            self.tell()
        elif isinstance(message, Done):
            self.sound, self.done = message.sound, message
            self.samples = message.sound.samples or 0
            self.become("done")
        else:
            self._error = f"{self.name}: {message.cause}"
            self.become("failed")

    @property
    def expires(self) -> float | None:
        """Seconds until it is deleted unless somebody asks for it; None before it has ended."""
        if not self.has_ended:
            return None
        return max(0.0, self.touched + self.keep - time.monotonic())

    @property
    def seconds(self) -> float:
        """How much of it is split."""
        return self.samples / self.sound.sample_rate if self.sound else 0.0

    @property
    def duration(self) -> float | None:
        """Its length in seconds, as far as it is known."""
        if self.sound is None or self.sound.samples is None:
            return None
        return self.sound.samples / self.sound.sample_rate

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take, as far as can be told."""
        if self.state != "working" or self._began is None or not self.duration or self.seconds < 1:
            return None
        took = time.monotonic() - self._began
        return max(0.0, took * (self.duration - self.seconds) / self.seconds)

    async def watch(self) -> AsyncIterator[dict[str, Any] | None]:
        """Yield its state, again after every change until it ends; None where none comes."""
        async for is_news in self.changes():
            yield self.as_json() if is_news else None

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
            "seconds": self.seconds,
            "duration": self.duration,
            "left": self.left,
            "expires": self.expires,
            "error": self._error,
            "excerpt": None if self.order.excerpt == WHOLE else asdict(self.order.excerpt),
            "sound": None if self.sound is None else asdict(self.sound),
            "result": self._result(),
        }

    def _result(self) -> dict[str, Any] | None:
        if self.done is None:
            return None
        result = self.done.result
        return {
            "sample_rate": result.sample_rate,
            "channels": result.channels,
            "samples": self.samples,
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
                "bins": self.done.rows,
                "lowest": LOWEST,
                "columns": self.done.columns,
                "seconds": self.done.seconds,
                "range": RANGE,
            },
        }
