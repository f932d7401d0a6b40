"""Progress bars on standard error: one for the batch and one for each file at work."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from ticktone.storage.location import Location


class Bars:
    """Progress bars, or nothing at all.

    Parameters
    ----------
    files : int
        In the batch.
    shown : bool
        Whether there is anybody to see them.
    whole : str
        What the batch is called.
    """

    def __init__(self, files: int, shown: bool, whole: str = "all files") -> None:
        self.shown = shown
        self._files: dict[Location, Any] = {}
        if shown:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._batch = self._progress.add_task(whole, total=files, visible=files > 1)

    def update(self, source: "Location", done: float) -> None:
        """Show how much of a file is done, from 0 to 1."""
        if source not in self._files:
            self._files[source] = self._progress.add_task(source.name, total=1)
        self._progress.update(self._files[source], completed=done)

    def finish(self, source: "Location") -> None:
        """Take a file's bar away."""
        if self.shown:
            if source in self._files:
                self._progress.remove_task(self._files.pop(source))
            self._progress.advance(self._batch)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take all bars away for as long as something else is printed."""
        started = self.shown and self._progress.live.is_started
        if started:
            self._progress.stop()
        try:
            yield
        finally:
            if started:
                self._progress.start()

    def __enter__(self) -> Self:
        if self.shown:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.shown:
            self._progress.stop()
