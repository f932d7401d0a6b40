"""Samples on their way from one step to the next."""

from collections.abc import Iterable, Iterator
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray


class SampleBuffer:
    """Samples in order, first in, first out. [shape=(..., samples)].

    One thread may put samples in while another takes some out.

    Attributes
    ----------
    length : int
        Samples that it holds.

    Examples
    --------
    >>> buffer = SampleBuffer()
    >>> buffer.put(np.arange(5))
    >>> buffer.take(2), buffer.length
    (array([0, 1]), 3)
    """

    def __init__(self) -> None:
        self._pieces: list[NDArray[Any]] = []
        self.length = 0
        self._lock = RLock()

    def put(self, samples: NDArray[Any]) -> None:
        """Append samples at the end."""
        with self._lock:
            self._pieces.append(samples)
            self.length += samples.shape[-1]

    def peek(self, length: int) -> NDArray[Any]:
        """Return the first `length` samples, which stay."""
        with self._lock:
            if len(self._pieces) > 1:
                self._pieces = [np.concatenate(self._pieces, axis=-1)]
            return self._pieces[0][..., :length]

    def drop(self, length: int) -> None:
        """Remove the first `length` samples."""
        with self._lock:
            self._pieces = [self.peek(self.length)[..., length:]]
            self.length -= length

    def take(self, length: int) -> NDArray[Any]:
        """Remove and return the first `length` samples."""
        samples = self.peek(length)
        self.drop(length)
        return samples

    def tee(self, blocks: Iterable[NDArray[Any]]) -> Iterator[NDArray[Any]]:
        """Pass blocks on, and append each one here too."""
        for block in blocks:
            self.put(block)
            yield block
