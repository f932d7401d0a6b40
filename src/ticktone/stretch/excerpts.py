"""What frames that follow each other at one pace in, at another out, need of a stream."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.streaming.buffer import SampleBuffer

# Output frames to an excerpt. Excerpts lie at fixed frames of the output, so that the result
# depends, to the bit, neither on how the samples arrive nor on how fast they are read.
FRAMES = 64


@dataclass(frozen=True)
class Excerpt:
    """The sound around some frames of the output.

    Attributes
    ----------
    sound : ndarray [shape=(channels, samples)]
        Zero where the recording has not begun or is over.
    start : int
        Sample of the recording with which `sound` begins; may be negative.
    first : int
        The first of the output's frames.
    centres : ndarray [shape=(frames,)]
        The sample of the recording on which each frame is centred.
    length : int or None
        Samples of the whole output, once the recording's end is known.
    """

    sound: NDArray[np.float32]
    start: int
    first: int
    centres: NDArray[np.int64]
    length: int | None


def stretched_length(samples: int, speed: float) -> int:
    """Return the length of so many samples at another speed, rounded half to even.

    >>> stretched_length(1000, 0.8), stretched_length(1000, 3)
    (1250, 333)
    """
    return round(samples / speed)


def centres(first: int, count: int, hop: int, speed: float) -> NDArray[np.int64]:
    """Return the samples of the recording on which frames of the output are centred."""
    exact = np.arange(first, first + count) * (hop * speed)
    whole: NDArray[np.int64] = np.rint(exact).astype(np.int64)
    return whole


def excerpts(
    blocks: Iterable[NDArray[Any]], speed: float, hop: int, before: int, after: int
) -> Iterator[Excerpt]:
    """Cut a stream into what successive frames of the output need.

    Frame `m` of the output is centred on its sample `m * hop` and made of the recording around
    sample `m * hop * speed`. The first is centred on the output's first sample, the last on or
    behind its end.

    Parameters
    ----------
    blocks : iterable of ndarray [shape=(channels, samples)]
        The recording, in blocks of any lengths.
    speed : float
        Seconds of the recording to a second of the output.
    hop : int
        Samples of the output from one frame to the next.
    before, after : int
        Samples of the recording that each frame needs before and after its centre.

    Yields
    ------
    Excerpt
    """
    buffer = SampleBuffer()
    start, received, frame = -before, 0, 0

    def cut(count: int, length: int | None = None) -> Excerpt:
        nonlocal start
        places = centres(frame, count, hop, speed)
        surplus = int(places[0]) - before - start
        if surplus > 0:
            buffer.drop(surplus)
            start += surplus
        sound = buffer.peek(int(places[-1]) + after - start)
        return Excerpt(sound, start, frame, places, length)

    for block in blocks:
        if not received:
            buffer.put(np.zeros((len(block), before), np.float32))
        buffer.put(block.astype(np.float32, copy=False))
        received += block.shape[-1]
        while int(centres(frame + FRAMES - 1, 1, hop, speed)[0]) + after <= received:
            yield cut(FRAMES)
            frame += FRAMES
    if not received:
        return
    length = stretched_length(received, speed)
    frames = ceil(length / hop) + 1
    missing = int(centres(frames - 1, 1, hop, speed)[0]) + after - received
    if missing > 0:
        buffer.put(np.zeros((len(block), missing), np.float32))
    while frame < frames:
        count = min(FRAMES, frames - frame)
        yield cut(count, length)
        frame += count


def clipped(block: NDArray[Any], position: int, length: int | None) -> NDArray[Any]:
    """Return what of a block at `position` of the output lies within it."""
    stop = block.shape[-1] if length is None else max(0, length - position)
    return block[..., max(0, -position) : stop]
