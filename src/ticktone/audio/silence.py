"""Silence for C libraries that write to the terminal by themselves."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STDOUT, STDERR = 1, 2

_lock = threading.Lock()
_inside = {STDOUT: 0, STDERR: 0}
_kept = {STDOUT: -1, STDERR: -1}


@contextmanager
def silence(stream: int) -> Iterator[None]:
    """Discard, in the `with` block, what is written to standard output or error.

    They are the process's, so other threads' lines are lost too: for short calls of libraries that
    cannot be told to be quiet. Blocks may overlap.

    Parameters
    ----------
    stream : int
        `STDOUT` or `STDERR`.
    """
    with _lock:
        if _inside[stream] == 0:
            _kept[stream] = _redirect(stream)
        _inside[stream] += 1
    try:
        yield
    finally:
        with _lock:
            _inside[stream] -= 1
            if _inside[stream] == 0 and _kept[stream] >= 0:
                os.dup2(_kept[stream], stream)
                os.close(_kept[stream])


def _redirect(stream: int) -> int:
    """Redirect a stream to nowhere; return a copy of it, or -1 if it is closed."""
    try:
        kept = os.dup(stream)
    except OSError:
        return -1
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream)
    os.close(nowhere)
    return kept
