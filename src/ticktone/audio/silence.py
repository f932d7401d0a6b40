"""Silence for C libraries that write to the terminal by themselves."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2

_lock = threading.Lock()
_inside = 0
_kept = -1


@contextmanager
def standard_error_closed() -> Iterator[None]:
    """Let go to nowhere, in the `with` block, what is written to standard error.

    It is the process's, so other threads' lines are lost too: for short calls of libraries that
    cannot be told to be quiet, such as libmpg123 within libsndfile. Blocks may overlap.
    """
    global _inside, _kept
    with _lock:
        if _inside == 0:
            _kept = _redirect()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _kept >= 0:
                os.dup2(_kept, _STDERR)
                os.close(_kept)


def _redirect() -> int:
    """Redirect standard error; return a copy of it, or -1 if there is none."""
    try:
        kept = os.dup(_STDERR)
    except OSError:
        return -1
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDERR)
    os.close(nowhere)
    return kept
