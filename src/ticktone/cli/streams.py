"""Standard output for results alone."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

_STDOUT, _STDERR = 1, 2


@contextmanager
def results_alone() -> Iterator[TextIO]:
    """Yield standard output; what others write there meanwhile goes to standard error.

    Others are Python's libraries, C's (libsndfile prints of some files what it thinks of them) and
    the processes that are started.
    """
    out = sys.stdout
    try:
        is_ours = out.fileno() == _STDOUT and sys.stderr.fileno() == _STDERR
    except (AttributeError, OSError, ValueError):  # no file, as in a test
        is_ours = False
    if not is_ours:
        with redirect_stdout(sys.stderr):
            yield out
        return
    out.flush()
    kept = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    try:
        with (
            redirect_stdout(sys.stderr),
            open(kept, "w", 1, out.encoding, out.errors, closefd=False) as results,
        ):
            yield results
    finally:
        os.dup2(kept, _STDOUT)
        os.close(kept)
