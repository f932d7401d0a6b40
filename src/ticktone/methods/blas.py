"""How many threads NumPy's matrix products take: as many as asked for, not all there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@contextmanager
def blas_threads(threads: int) -> Iterator[None]:
    """Limit the threads of matrix products within a `with` statement.

    The limit is the process's, as BLAS libraries have it: products in other threads of the program
    have it as long, too.

    Parameters
    ----------
    threads : int
    """
    with _controller().limit(limits=threads, user_api="blas"):
        yield


@cache
def _controller() -> Any:
    """Find the process's BLAS libraries, which takes some milliseconds, once."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
