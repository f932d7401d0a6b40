"""The refinement of what the stages of a method have divided, where it has one."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.base import Refinement
from ticktone.phase.mixture import Mixture
from ticktone.streaming.buffer import SampleBuffer
from ticktone.streaming.resample import Blocks, at_another_rate
from ticktone.streaming.stage import PERCUSSIVE, run_stage, samples_held


def refined(
    refinement: Refinement,
    found: Iterable[NDArray[np.float32]],
    sample_rate: int,
    block_frames: int | None = None,
    threads: int | None = None,
) -> Iterator[NDArray[np.float32]]:
    """Move between two parts what a refinement finds to be on the wrong side.

    Each part keeps its phase; their sum stays what it was.

    Parameters
    ----------
    refinement : Refinement
    found : iterable of ndarray [shape=(2, channels, samples) or (2, batch, channels, samples)]
        The harmonic and the percussive part, in blocks of any lengths; or those of a batch.
    sample_rate : int
        Theirs, Hz.
    block_frames, threads : int, optional
        See `run_stage`. Default: the refinement's grid and one.

    Yields
    ------
    ndarray
        Of the same axes; as many samples as came in.
    """

    def corrections(low: Blocks) -> Iterator[NDArray[np.float32]]:
        before = SampleBuffer()
        frames = block_frames or refinement.grid
        run = run_stage(refinement, Mixture(), before.tee(low), [PERCUSSIVE], frames, threads)
        for (percussive,) in run:
            length = percussive.shape[-1]
            halves = (*percussive.shape[:-2], 2, percussive.shape[-2] // 2, length)
            after = percussive.reshape(halves).sum(axis=-3)
            yield after - before.take(length).reshape(halves)[..., 1, :, :]

    parts = SampleBuffer()
    side_by_side = (np.concatenate(block, axis=-2) for block in parts.tee(found))
    rate = sample_rate / refinement.decimation
    for correction in at_another_rate(side_by_side, sample_rate, rate, corrections):
        harmonic, percussive = parts.take(correction.shape[-1])
        yield np.stack([harmonic - correction, percussive + correction])


def samples_held_by_refining(
    refinement: Refinement, channels: int, block_frames: int | None = None
) -> int:
    """Return how many samples of a stream `refined` holds back at the most."""
    held = samples_held(refinement, Mixture(), 2 * channels, block_frames or refinement.grid)
    return (held + refinement.resampling_delay) * refinement.decimation
