"""Progress on standard error: bars on a terminal, and a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from ticktone.storage.location import Location

FIRST_LINE, NEXT_LINE = 5.0, 30.0  # seconds to the first line, and from one to the next

Clock = Callable[[], float]


class Estimate:
    """How much of a batch is done, and how long the rest will take at the pace so far.

    Parameters
    ----------
    total : int
        Items of the batch.
    clock : callable, optional
        Returns the time in seconds.

    Examples
    --------
    >>> times = iter([0.0, 60.0, 60.0])
    >>> estimate = Estimate(7, clock=lambda: next(times))
    >>> estimate.finish()
    >>> str(estimate)
    '1 of 7, 6:00 left'
    """

    def __init__(self, total: int, clock: Clock = time.monotonic) -> None:
        self.total, self.finished = total, 0
        self._clock, self._started = clock, clock()
        self._worked, self._open = 0, 0.0
        self._left: tuple[float, float] | None = None  # when estimated, and seconds from then on

    def update(self, open_items: float) -> None:
        """Update how much of the items under way is done, summed over them."""
        self._open = open_items
        now, done = self._clock(), self._worked + self._open
        if done > 0:
            pace = (now - self._started) / done
            self._left = now, pace * (self.total - self.finished - self._open)

    def finish(self, worked: bool = True, open_items: float = 0.0) -> None:
        """Count one more item as finished; `worked` if that took work worth counting."""
        self.finished += 1
        self._worked += worked
        self.update(open_items)

    @property
    def left(self) -> str:
        """The time left, as in ``", 1:20 left"``; empty where nothing is known yet."""
        if self._left is None or self.finished >= self.total:
            return ""
        estimated, seconds = self._left
        seconds -= self._clock() - estimated
        return f", {_clock_time(seconds)} left" if seconds >= 0.5 else ""

    def __str__(self) -> str:
        if self.total == 1:
            return f"{self.finished + self._open:.0%}{self.left}"
        return f"{self.finished} of {self.total}{self.left}"


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Bars:
    """Progress bars, one for the batch and one for each file at work; or lines, or nothing.

    Parameters
    ----------
    files : int
        In the batch.
    shown : bool
        Whether there is a terminal to show bars on.
    whole : str
        What the batch is called.
    lines : bool
        Whether to print a line now and then, where there are no bars.
    clock : callable, optional
        Returns the time in seconds.
    """

    def __init__(
        self,
        files: int,
        shown: bool,
        whole: str = "all files",
        lines: bool = False,
        clock: Clock = time.monotonic,
    ) -> None:
        self.shown = shown
        self._lines, self._whole, self._clock = lines and not shown, whole, clock
        self._line_due = clock() + FIRST_LINE
        self._estimate = Estimate(files, clock)
        self._files: dict[Location, Any] = {}
        self._done: dict[Location, float] = {}
        if shown:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                _status_column(),
                console=Console(stderr=True),
                transient=True,
            )
            self._batch = self._progress.add_task(
                whole, total=files, visible=files > 1, status=lambda: str(self._estimate)
            )

    def update(self, source: "Location", done: float) -> None:
        """Show how much of a file is done, from 0 to 1."""
        self._done[source] = done
        if not self.shown:
            self._estimate.update(sum(self._done.values()))
            self._print_line()
            return
        if source not in self._files:
            one = Estimate(1, self._clock)
            task = self._progress.add_task(source.name, total=1, status=lambda: str(one))
            self._files[source] = task, one
        task, one = self._files[source]
        one.update(done)
        self._progress.update(task, completed=done)
        self._estimate.update(self._open())
        self._progress.update(self._batch, completed=self._estimate.finished + self._open())

    def finish(self, source: "Location", worked: bool = True) -> None:
        """Remove a file's bar; `worked` unless it was passed over or kept."""
        task, _ = self._files.pop(source, (None, None))
        self._estimate.finish(worked, self._open())
        if self.shown:
            if task is not None:
                self._progress.remove_task(task)
            self._progress.update(self._batch, completed=self._estimate.finished + self._open())
        self._done.pop(source, None)
        self._print_line()

    def _print_line(self) -> None:
        if self._lines and self._clock() >= self._line_due:
            self._line_due = self._clock() + NEXT_LINE
            print(f"ticktone: {self._whole}: {self._estimate}", file=sys.stderr, flush=True)

    def _open(self) -> float:
        return sum(self._done[source] for source in self._files)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Hide all bars for as long as something else is printed."""
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

    def __exit__(self, *error: object) -> None:
        if self.shown:
            self._progress.stop()


def _status_column() -> Any:
    """Return the column of what is done and left; Rich is loaded only where it is shown."""
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Status(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(task.fields["status"]())

    return Status()
