"""Work at another sample rate than the recording's."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Blocks = Iterable[NDArray[np.float32]]


def at_another_rate(
    blocks: Blocks, sample_rate: float, other: float, work: Callable[[Blocks], Blocks]
) -> Iterator[NDArray[np.float32]]:
    """Resample a stream, work on it, and resample what comes of it back.

    Parameters
    ----------
    blocks : iterable of ndarray [shape=(..., samples)]
    sample_rate, other : float
        Of the stream and of the work, in Hz.
    work : callable
        Takes blocks and gives blocks, as many samples altogether, but of any other axes.

    Yields
    ------
    ndarray [shape=(..., samples)]
        As many samples as came in, at the same times.
    """
    received = given = 0

    def counted() -> Iterator[NDArray[np.float32]]:
        nonlocal received
        for block in blocks:
            received += block.shape[-1]
            yield block

    back: NDArray[Any] = np.zeros(0, np.float32)
    for back in resampled(work(resampled(counted(), sample_rate, other)), other, sample_rate):
        block = back[..., : received - given]  # rounding may give a sample too many
        given += block.shape[-1]
        yield block
    if given < received:  # or one too few
        yield np.zeros((*back.shape[:-1], received - given), np.float32)


@cache
def samples_held_by_resampling(sample_rate: float, other: float) -> int:
    """Return how many samples of a stream `at_another_rate` holds back; tried out with silence."""
    feed, taken, given, most = 64, 0, 0, 0

    def blocks() -> Iterator[NDArray[np.float32]]:
        nonlocal taken, most
        while taken < sample_rate / 2:
            taken += feed
            yield np.zeros((1, feed), np.float32)
            most = max(most, taken - given)

    for block in at_another_rate(blocks(), sample_rate, other, lambda sound: sound):
        given += block.shape[-1]
    return most


def resampled(blocks: Blocks, sample_rate: float, other: float) -> Iterator[NDArray[np.float32]]:
    """Convert a stream to another rate, without delay; its blocks' lengths do not matter.

    Parameters
    ----------
    blocks : iterable of ndarray [shape=(..., samples)]
        None of them empty.
    sample_rate, other : float
        Hz.

    Yields
    ------
    ndarray [shape=(..., samples)]
    """
    import soxr

    stream = None
    given = False
    for block in blocks:
        shape, rows = block.shape[:-1], int(np.prod(block.shape[:-1]))
        if stream is None:
            stream = soxr.ResampleStream(sample_rate, other, rows, "float32", "VHQ")
        converted = stream.resample_chunk(np.ascontiguousarray(block.reshape(rows, -1).T))
        if len(converted):
            given = True
            yield np.ascontiguousarray(converted.T).reshape(*shape, -1)
    if stream is not None:
        rest = stream.resample_chunk(np.zeros((0, rows), np.float32), last=True)
        if not given and not len(rest):
            rest = np.zeros((1, rows), np.float32)  # not even a sample long at the lower rate
        if len(rest):
            yield np.ascontiguousarray(rest.T).reshape(*shape, -1)
