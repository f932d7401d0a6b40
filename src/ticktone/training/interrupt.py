"""Ctrl-C and SIGTERM as a wish to stop at the next good moment."""

import signal
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupt:
    """While entered, notes a signal instead of being torn out of the work by it.

    A second signal does tear: it raises KeyboardInterrupt.

    Attributes
    ----------
    signum : int, optional
        The signal that came.
    """

    def __init__(self) -> None:
        self.signum: int | None = None
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.signum is not None

    def __enter__(self) -> Self:
        for signum in (signal.SIGINT, signal.SIGTERM):
            self._before[signum] = signal.signal(signum, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for signum, handler in self._before.items():
            signal.signal(signum, handler)

    def _note(self, signum: int, _: FrameType | None) -> None:
        if self.signum is not None:
            raise KeyboardInterrupt
        self.signum = signum
