"""The constant offset (DC) of a recording, taken away before a method sees it.

Bias of a converter is no sound, yet where the recording begins and ends it makes an edge, which
methods take for a hit, and networks that never met one call all of it percussive.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.base import Method

LONGEST = 2.0  # seconds from which an offset is told
SHORTEST = 0.04  # the same, of methods that answer sooner
_SEGMENTS = 8
_STEADY = 0.5  # how far, relative to the offset, each segment's mean may be from it
_FEWEST = 256  # samples


def samples_to_measure(method: Method, sample_rate: int) -> int:
    """Return how many samples an offset is measured from: no more than the method waits for."""
    try:
        seconds = method.latency(sample_rate)
    except ValueError:  # the method does not work at this rate, which its stages will say
        seconds = 0.0
    return int(min(max(seconds, SHORTEST), LONGEST) * sample_rate)


class OffsetRemover:
    """Takes a constant offset away from a stream, channel by channel, where there clearly is one.

    There is, where the means of each eighth of the first sounding samples agree. Else the stream
    is left as it is, to the bit. Nothing is subtracted from silence before the first sound.

    Parameters
    ----------
    samples : int
        How many to tell it from. Those are held back until all are there.

    Attributes
    ----------
    offset : ndarray [shape=(channels, 1)] or None
        What is taken away; None where there is none, or it is not yet known.
    onset : int
        The sample from which on it is.
    """

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self.offset: NDArray[Any] | None = None
        self.onset = 0

    def run(self, blocks: Iterable[NDArray[Any]]) -> Iterator[NDArray[Any]]:
        """Subtract it.

        Parameters
        ----------
        blocks : iterable of ndarray [shape=(channels, samples)]

        Yields
        ------
        ndarray [shape=(channels, samples)]
            As many samples, in blocks of other lengths.
        """
        blocks = iter(blocks)
        held = yield from self._silence(blocks)
        for block in blocks:
            if held.shape[-1] >= self.samples:
                break
            held = np.concatenate([held, block], axis=-1)
        else:
            block = held[:, :0]
        self.offset = _steady_mean(held[:, : self.samples])
        yield from (self._without(part) for part in (held, block) if part.shape[-1])
        yield from map(self._without, blocks)

    def _silence(self, blocks: Iterator[NDArray[Any]]) -> Any:
        """Pass silence on; return the rest of the block in which it ends."""
        block = np.zeros((1, 0), np.float32)
        for block in blocks:
            sounding = np.flatnonzero(block.any(axis=0))
            if sounding.size:
                self.onset += int(sounding[0])
                if sounding[0]:
                    yield block[:, : sounding[0]]
                return block[:, sounding[0] :]
            self.onset += block.shape[-1]
            yield block
        return block[:, :0]

    def _without(self, block: NDArray[Any]) -> NDArray[Any]:
        return block if self.offset is None else block - self.offset

    def restored(self, part: NDArray[Any], start: int) -> NDArray[Any]:
        """Return a part with the offset in it again.

        Parameters
        ----------
        part : ndarray [shape=(channels, samples)]
        start : int
            The recording's sample with which it begins.
        """
        if self.offset is None:
            return part
        is_offset = np.arange(start, start + part.shape[-1]) >= self.onset
        restored: NDArray[Any] = part + (self.offset * is_offset).astype(part.dtype)
        return restored


def _steady_mean(audio: NDArray[Any]) -> NDArray[Any] | None:
    """Return the mean of each channel, zero where it is not steady; None if all are."""
    length = audio.shape[-1] // _SEGMENTS
    if audio.shape[-1] < _FEWEST:
        return None
    segments = audio[:, : length * _SEGMENTS].reshape(len(audio), _SEGMENTS, length)
    means = segments.mean(axis=-1, dtype=np.float64)
    mean = means.mean(axis=-1, keepdims=True)
    is_steady = (abs(means - mean) <= _STEADY * abs(mean)).all(axis=-1, keepdims=True)
    offset: NDArray[Any] = np.where(is_steady, mean, 0).astype(audio.dtype)
    return offset if offset.any() else None
