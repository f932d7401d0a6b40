"""From a recording to its parts: checked, freed of an offset, divided, and made to sum to it."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from ticktone.ahead import ahead
from ticktone.complement import (
    Assembly,
    complement_of_both,
    complement_of_percussive,
    nearest_to_both,
    raw_three,
    raw_two,
)
from ticktone.methods.base import Method
from ticktone.parts import Audio
from ticktone.phase.recovery import Phase
from ticktone.streaming.buffer import SampleBuffer
from ticktone.streaming.chain import Chain, Harmonics
from ticktone.streaming.check import CheckedBlocks
from ticktone.streaming.offset import OffsetRemover, samples_to_measure
from ticktone.streaming.stage import BLOCK_SAMPLES

Progress = Callable[[float], None]  # called with the fraction done, from 0 to 1

# By whether the parts sum to the recording, and whether there are three: what is asked of the
# method, and what is made of it.
_CASES: dict[tuple[bool, bool], tuple[Harmonics, Assembly]] = {
    (True, False): (Harmonics.NONE, complement_of_percussive),
    (True, True): (Harmonics.FIRST_STAGE, complement_of_both),
    (False, False): (Harmonics.ALL_STAGES, raw_two),
    (False, True): (Harmonics.FIRST_STAGE, raw_three),
}


@dataclass(frozen=True)
class Splitter:
    """A method at work on recordings of one sample rate.

    Parameters
    ----------
    method, phase, complement, threads, block_frames
        As `ticktone.Separator`.
    sample_rate : int
        Hz.
    """

    method: Method
    phase: Phase
    complement: bool
    threads: int | None
    block_frames: int | None
    sample_rate: int

    def stream(
        self, blocks: Iterable[Audio], step: float | None = None, read_ahead: bool = False
    ) -> Generator[list[Audio], None, None]:
        """Split a recording; see `ticktone.Separator.stream`."""
        if read_ahead and (self.threads or 1) > 1:
            yield from ahead(self._stream(blocks, step, read_ahead=True))
        else:
            yield from self._stream(blocks, step)

    def _stream(
        self, blocks: Iterable[Audio], step: float | None = None, read_ahead: bool = False
    ) -> Iterator[list[Audio]]:
        checked = CheckedBlocks(blocks, self.sample_rate)
        mixtures = SampleBuffer()
        remover = self._offset_remover()
        sound = remover.run(block.astype(np.float32) for block in mixtures.tee(checked))
        for parts in self._parts(sound, mixtures, remover.restored, step, read_ahead):
            yield [part[0] if checked.is_mono else part for part in parts]

    def whole(self, audio: Audio, progress: Progress | None = None) -> list[Audio]:
        """Split a recording that is there as a whole; see `ticktone.Separator.separate`."""
        blocks, done, pieces = [], 0, cut(audio)
        with closing(self.stream(pieces, read_ahead=len(pieces) > 1)) as stream:
            for parts in stream:
                blocks.append(parts)
                done += parts[0].shape[-1]
                if progress is not None:
                    progress(done / audio.shape[-1])
        if not blocks:
            return [audio.copy() for _ in self.method.parts]
        return _joined(blocks)

    def batch(self, recordings: Audio, progress: Progress | None = None) -> list[Audio]:
        """Split several recordings, short ones together, long ones one after another.

        Parameters
        ----------
        recordings : ndarray [shape=(batch, channels, samples)]
        progress : callable, optional

        Returns
        -------
        list of ndarray [shape=(batch, channels, samples)]
            The parts; each recording's are what they are by itself.
        """
        if not recordings.size:
            return [recordings.copy() for _ in self.method.parts]
        together = self._batch_size(*recordings.shape[1:])
        found: list[list[Audio]] = []
        for start in range(0, len(recordings), together):
            some = recordings[start : start + together]
            if together > 1:
                found.append(self._together(some))
                if progress is not None:
                    progress((start + len(some)) / len(recordings))
                continue

            def share(done: float, before: int = start) -> None:
                if progress is not None:
                    progress((before + done) / len(recordings))

            found.append([part[np.newaxis] for part in self.whole(some[0], share)])
        return [np.concatenate(part) for part in zip(*found, strict=True)]

    def _batch_size(self, channels: int, samples: int) -> int:
        """Return how many recordings of a length are split at a time, so that memory is bounded."""
        if not self.phase.is_the_mixtures:  # others may remember what they were shown
            return 1
        higher = max(1.0, (self.method.sample_rate or 0) / self.sample_rate)
        return max(1, int(BLOCK_SAMPLES / (channels * samples * higher)))

    def _together(self, recordings: Audio) -> list[Audio]:
        checked = [
            block for each in recordings for block in CheckedBlocks([each], self.sample_rate)
        ]
        removers = [self._offset_remover() for _ in checked]
        sound = [
            np.concatenate(list(remover.run([block.astype(np.float32)])), axis=-1)
            for remover, block in zip(removers, checked, strict=True)
        ]

        def restored(parts: Audio, start: int) -> Audio:
            each = zip(removers, parts, strict=True)
            return np.stack([remover.restored(part, start) for remover, part in each])

        mixtures = SampleBuffer()
        mixtures.put(np.stack(checked))
        blocks = self._parts([np.stack(sound)], mixtures, restored, None)
        return _joined(blocks)

    def latency(self, channels: int) -> float:
        """Return how many seconds of a stream are held back; see `ticktone.Separator.latency`."""
        return self._chain(Harmonics.NONE).latency(self.sample_rate, channels)

    def _chain(self, wanted: Harmonics, read_ahead: bool = False) -> Chain:
        return Chain(self.method, self.phase, wanted, self.block_frames, self.threads, read_ahead)

    def _offset_remover(self) -> OffsetRemover:
        return OffsetRemover(samples_to_measure(self.method, self.sample_rate))

    def _parts(
        self,
        sound: Iterable[Audio],
        mixtures: SampleBuffer,
        restored: Callable[[Audio, int], Audio],
        step: float | None,
        read_ahead: bool = False,
    ) -> Iterator[list[Audio]]:
        """Make parts of what the method finds in the sound that `mixtures` holds too."""
        wanted, assemble = _CASES[self.complement, self.method.has_residual]
        if assemble is complement_of_percussive and not self.phase.is_the_mixtures:
            wanted, assemble = Harmonics.ALL_STAGES, nearest_to_both
        start = 0
        for estimates in self._chain(wanted, read_ahead).run(sound, self.sample_rate):
            mixture = mixtures.take(estimates.shape[-1])
            *harmonics, percussive = estimates.astype(mixture.dtype)
            if harmonics:  # an offset is no hit
                harmonics[0] = restored(harmonics[0], start)
            start += mixture.shape[-1]
            yield assemble(mixture, harmonics, percussive, step)


def cut(audio: Audio) -> list[Audio]:
    """Cut an array in blocks, between which progress is told."""
    if audio.size <= BLOCK_SAMPLES:
        return [audio]
    starts = range(0, audio.shape[-1], BLOCK_SAMPLES)
    return [audio[..., start : start + BLOCK_SAMPLES] for start in starts]


def _joined(blocks: Iterable[list[Audio]]) -> list[Audio]:
    """Join the parts' blocks."""
    return [np.concatenate(part, axis=-1) for part in zip(*blocks, strict=True)]
