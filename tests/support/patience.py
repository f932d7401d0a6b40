"""How long tests wait for what other processes and threads do."""

import time
from collections.abc import Callable

PATIENCE = 300.0  # seconds for what takes one or two where nothing else runs


def wait_until(true: Callable[[], object], moment: float = 0.05) -> None:
    """Wait until a condition holds, asking every so many seconds."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(moment)
