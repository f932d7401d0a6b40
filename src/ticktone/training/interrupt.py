"""Ctrl-C and SIGTERM as a request to stop after the step under way."""

import signal
import time
from types import FrameType
from typing import Any, Self

PATIENCE = 1.0  # seconds


class Interrupt:
    """Records a signal in the `with` block, instead of an exception in the midst of the work.

    Another signal, a second or more after the first, raises KeyboardInterrupt at once. One that
    comes sooner is the same request: `torchrun` passes on what the terminal has sent already.

    Attributes
    ----------
    signum : int, optional
        The signal that came.
    """

    def __init__(self) -> None:
        self.signum: int | None = None
        self._since = 0.0
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        """Return whether to stop."""
        return self.signum is not None

    def __enter__(self) -> Self:
        for signum in (signal.SIGINT, signal.SIGTERM):
            self._before[signum] = signal.signal(signum, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        for signum, handler in self._before.items():
            signal.signal(signum, handler)

    def _note(self, signum: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if self.signum is None:
            self.signum, self._since = signum, now
        elif now - self._since >= PATIENCE:
            raise KeyboardInterrupt
