"""A second look at what was found, where a method asks for one."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ticktone.audio.resampler import Blocks, at_another_rate
from ticktone.methods.base import Stage
from ticktone.phase.mixture import Mixture
from ticktone.queue import Queue
from ticktone.stage import PERCUSSIVE, run_stage

BLOCK_FRAMES = 64  # at the lower rate these are seconds already, and the parts wait for them


def refined(
    stage: Stage,
    decimation: int,
    found: Iterable[NDArray[np.float32]],
    sample_rate: int,
    block_frames: int | None = None,
    threads: int | None = None,
) -> Iterator[NDArray[np.float32]]:
    """Move between two parts what a stage finds to be on the wrong side.

    Each part keeps its phase; their sum stays what it was.

    Parameters
    ----------
    stage : Stage
        It is shown both parts, side by side as channels, the harmonic one first.
    decimation : int
        How many times lower the sample rate is at which it works.
    found : iterable of ndarray [shape=(2, channels, samples)]
        The harmonic and the percussive part, in blocks of any lengths.
    sample_rate : int
        Theirs, Hz.
    block_frames, threads : int, optional
        See `run_stage`. Default: `BLOCK_FRAMES` and one.

    Yields
    ------
    ndarray [shape=(2, channels, samples)]
        As many samples as came in.
    """

    def corrections(low: Blocks) -> Iterator[NDArray[np.float32]]:
        before = Queue()
        run = run_stage(
            stage, Mixture(), before.keep(low), [PERCUSSIVE], block_frames or BLOCK_FRAMES, threads
        )
        for (percussive,) in run:
            length = percussive.shape[-1]
            after = percussive.reshape(2, -1, length).sum(axis=0)
            yield after - before.take(length)[len(after) :]

    parts = Queue()
    side_by_side = (np.concatenate(block) for block in parts.keep(found))
    rate = sample_rate / decimation
    for correction in at_another_rate(side_by_side, sample_rate, rate, corrections):
        harmonic, percussive = parts.take(correction.shape[-1])
        yield np.stack([harmonic - correction, percussive + correction])
