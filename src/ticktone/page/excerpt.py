"""A stretch of a song."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import TicktoneError


@dataclass(frozen=True)
class Excerpt:
    """A stretch of a song, in seconds.

    Parameters
    ----------
    start : float
    end : float or None
        None for the song's end.
    """

    start: float = 0.0
    end: float | None = None

    def samples(self, sample_rate: int, length: int | None) -> tuple[int, int | None]:
        """Return its first sample and the one after its last, None if that is not known.

        Parameters
        ----------
        sample_rate : int
        length : int or None
            Samples of the song, if that is known.

        Raises
        ------
        TicktoneError
            If nothing of the song lies in it.
        """
        first = round(self.start * sample_rate)
        ends = [round(self.end * sample_rate)] if self.end is not None else []
        ends += [length] if length is not None else []
        last = min(ends, default=None)
        if last is not None and first >= last:
            raise nothing_there()
        return first, last


def nothing_there() -> TicktoneError:
    """Return the error of an excerpt that lies outside of the song."""
    return TicktoneError("nothing of the song lies between this start and this end")


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
