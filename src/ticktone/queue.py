"""Samples on their way from one step to the next."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Queue:
    """Samples in order: put in behind, taken in front. [shape=(..., samples)]."""

    def __init__(self) -> None:
        self._pieces: list[NDArray[Any]] = []
        self.length = 0

    def put(self, samples: NDArray[Any]) -> None:
        """Put samples behind."""
        self._pieces.append(samples)
        self.length += samples.shape[-1]

    def front(self, length: int) -> NDArray[Any]:
        """See the first `length` samples."""
        if len(self._pieces) > 1:
            self._pieces = [np.concatenate(self._pieces, axis=-1)]
        return self._pieces[0][..., :length]

    def drop(self, length: int) -> None:
        """Forget the first `length` samples."""
        self._pieces = [self.front(self.length)[..., length:]]
        self.length -= length

    def take(self, length: int) -> NDArray[Any]:
        """Give the first `length` samples and forget them."""
        samples = self.front(length)
        self.drop(length)
        return samples

    def keep(self, blocks: Iterable[NDArray[Any]]) -> Iterator[NDArray[Any]]:
        """Pass blocks on, and keep them too."""
        for block in blocks:
            self.put(block)
            yield block
