"""Stretching of what is percussive: overlap-add of short frames, each attack taken whole."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.stretch.excerpts import clipped, excerpts
from ticktone.stretch.frame_centres import FrameCentres


def overlap_add(
    blocks: Iterable[NDArray[Any]], speed: float, hop: int, *, lock_attacks: bool = True
) -> Iterator[NDArray[np.float32]]:
    """Play a stream at another speed by short frames laid half over each other.

    Parameters
    ----------
    blocks : iterable of ndarray [shape=(channels, samples)]
        The recording, in blocks of any lengths.
    speed : float
        1 leaves it, 2 halves its length.
    hop : int
        Samples: half of a frame.
    lock_attacks : bool
        Whether frames follow attacks and waveform: see `FrameCentres`. If not, they follow the
        speed alone, as in the paper, and each attack is laid down about `1 / speed` times.

    Yields
    ------
    ndarray [shape=(channels, samples)]
        Together `round(samples / speed)` samples.

    Notes
    -----
    J. Driedger, M. Müller, S. Ewert, "Improving time-scale modification of music signals using
    harmonic-percussive separation", IEEE Signal Processing Letters 21(1), 2014.

    Examples
    --------
    >>> click = np.zeros((1, 4000))
    >>> click[0, 2000] = 1
    >>> slow = np.concatenate(list(overlap_add([click], 0.5, 128)), axis=-1)
    >>> slow.shape, np.flatnonzero(slow[0] > 1e-3).tolist()
    ((1, 8000), [4000])
    """
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(hop) + 0.5) / hop)
    rise = rise.astype(np.float32)
    chooser = FrameCentres(speed, hop)
    margin = chooser.reach if lock_attacks else 0
    previous: NDArray[Any] | None = None  # the second half of the frame before
    position = -hop
    for excerpt in excerpts(blocks, speed, hop, hop + margin, hop + margin):
        centres = excerpt.centres
        if lock_attacks:
            centres = chooser.choose(excerpt)
        windows = np.lib.stride_tricks.sliding_window_view(excerpt.sound, 2 * hop, axis=-1)
        frames = windows[:, centres - hop - excerpt.start]  # [shape=(channels, frames, 2 * hop)]
        if previous is None:
            previous = frames[:, 0, :hop]  # before the output begins
        falling = np.concatenate([previous[:, np.newaxis], frames[:, :-1, hop:]], axis=1)
        previous = frames[:, -1, hop:]
        laid = falling + (frames[..., :hop] - falling) * rise  # unchanged where both are equal
        block = clipped(laid.reshape(len(laid), -1), position, excerpt.length)
        position += len(centres) * hop
        if block.shape[-1]:
            yield block
