"""A stretch of what streams by."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


def cut(
    blocks: Iterable[NDArray[Any]], first: int, last: int | None = None
) -> Iterator[NDArray[Any]]:
    """Pass on samples [shape=(..., samples)] from `first` to before `last`, and read no further.

    >>> list(cut([np.arange(3), np.arange(3, 9)], 2, 5))
    [array([2]), array([3, 4])]
    """
    at = 0
    for block in blocks:
        length = block.shape[-1]
        start, end = max(0, first - at), length if last is None else min(length, last - at)
        if start < end:
            yield block[..., start:end]
        at += length
        if last is not None and at >= last:
            return


def faded(blocks: Iterable[NDArray[Any]], length: int, fade: int) -> Iterator[NDArray[Any]]:
    """Fade samples in at the first and out at the last of `length`. [shape=(..., samples)]."""
    at, fade = 0, max(1, min(fade, length // 2))
    for block in blocks:
        index = np.arange(at, at + block.shape[-1])
        ramp = np.minimum(1.0, np.minimum(index, length - 1 - index) / fade)
        yield block * ramp.astype(block.dtype)
        at += block.shape[-1]
