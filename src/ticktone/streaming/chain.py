"""The stages of a method one after another, and its refinement, over a stream of samples."""

from collections.abc import Iterable, Iterator
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ticktone.ahead import ahead
from ticktone.errors import TicktoneError
from ticktone.methods.base import Method, Refinement, Stage
from ticktone.phase.recovery import Phase
from ticktone.streaming.buffer import SampleBuffer
from ticktone.streaming.refine import refined, samples_held_by_refining
from ticktone.streaming.resample import at_another_rate, samples_held_by_resampling
from ticktone.streaming.stage import HARMONIC, PERCUSSIVE, run_stage, samples_held

Blocks = Iterable[NDArray[np.float32]]


class Harmonics(Enum):
    """Which harmonic estimates are wanted beside the percussive one."""

    NONE = "none"  # the complement of the percussive part will do
    FIRST_STAGE = "first stage"  # what the later stages leave is the residual
    ALL_STAGES = "all stages"  # their sum is the method's raw estimate


class Chain:
    """A method at work on streams, with a phase, in blocks of some length.

    Parameters
    ----------
    method : Method
    phase : Phase
        Of the parts, in every stage.
    wanted : Harmonics
    block_frames, threads : int, optional
        See `ticktone.streaming.stage.run_stage`.
    read_ahead : bool
        Whether the stages go on in a thread of their own while what they found is refined.
    """

    def __init__(
        self,
        method: Method,
        phase: Phase,
        wanted: Harmonics,
        block_frames: int | None = None,
        threads: int | None = None,
        read_ahead: bool = False,
    ) -> None:
        self.method, self.phase, self.wanted = method, phase, wanted
        self.block_frames, self.threads = block_frames, threads
        self.read_ahead = read_ahead

    def run(self, sound: Blocks, sample_rate: int) -> Iterator[NDArray[np.float32]]:
        """Separate a stream at the method's own sample rate, and return to the stream's.

        Parameters
        ----------
        sound : iterable of ndarray [shape=(channels, samples) or (batch, channels, samples)]
            One recording, or several of one length.
        sample_rate : int
            Hz.

        Yields
        ------
        ndarray [shape=(estimates, channels, samples) or (estimates, batch, channels, samples)]
            The harmonic estimates that are wanted, in the order of their stages, and the
            percussive one. In order and without gaps: as many samples as came in.

        Raises
        ------
        TicktoneError
            If the method does not work at this rate.
        """
        rate = self.method.sample_rate or sample_rate
        if rate == sample_rate:
            return self._run(sound, rate)
        return at_another_rate(sound, sample_rate, rate, lambda blocks: self._run(blocks, rate))

    def latency(self, sample_rate: int, channels: int) -> float:
        """Return how many seconds of a stream are held back at the most.

        Raises
        ------
        TicktoneError
            If the method does not work at this rate.
        """
        rate = self.method.sample_rate or sample_rate
        stages, refinement = self._stages(rate)
        samples = sum(
            samples_held(stage, self.phase, channels, self.block_frames) for stage in stages
        )
        if refinement is not None:
            samples += samples_held_by_refining(refinement, channels, self.block_frames)
        seconds = samples / rate
        if rate != sample_rate:
            seconds += samples_held_by_resampling(sample_rate, rate) / sample_rate
        return seconds

    def _stages(self, sample_rate: int) -> tuple[tuple[Stage, ...], Refinement | None]:
        try:
            return self.method.stages(sample_rate), self.method.refinement(sample_rate)
        except ValueError as error:
            raise TicktoneError(f"method {self.method.name} at {sample_rate} Hz: {error}") from None

    def _run(self, sound: Blocks, sample_rate: int) -> Iterator[NDArray[np.float32]]:
        (*earlier, last), refinement = self._stages(sample_rate)
        set_aside = [SampleBuffer() for _ in earlier]
        for stage, harmonics in zip(earlier, set_aside, strict=True):
            sound = self._without_harmonic(stage, sound, harmonics)
        of_last = self.wanted is Harmonics.ALL_STAGES or (
            self.wanted is Harmonics.FIRST_STAGE and not earlier
        )
        if refinement is None:
            run = self._stage(last, sound, [HARMONIC, PERCUSSIVE] if of_last else [PERCUSSIVE])
        else:
            run = self._both_parts(last, sound)
            if self.read_ahead:
                run = ahead(run)
            run = refined(refinement, run, sample_rate, self.block_frames, self.threads)
        for estimates in run:
            before = [buffer.take(estimates.shape[-1]) for buffer in set_aside]
            yield np.stack([*self._chosen(before), *(estimates if of_last else estimates[-1:])])

    def _chosen(self, harmonics: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Return the estimates of the stages before the last that are wanted."""
        match self.wanted:
            case Harmonics.NONE:
                return []
            case Harmonics.FIRST_STAGE:
                return harmonics[:1]
            case Harmonics.ALL_STAGES:
                return harmonics

    def _without_harmonic(
        self, stage: Stage, sound: Blocks, harmonics: SampleBuffer
    ) -> Iterator[NDArray[np.float32]]:
        """Run a stage; set its harmonic part aside and pass on what that leaves."""
        for harmonic, rest in self._split(stage, sound, HARMONIC):
            harmonics.put(harmonic)
            yield rest

    def _both_parts(self, stage: Stage, sound: Blocks) -> Blocks:
        """Run a stage for both parts; where one is what the other leaves, that costs less."""
        if stage.sum_to_one and self.phase.is_the_mixtures:
            run = self._split(stage, sound, PERCUSSIVE)
            return (np.stack([rest, percussive]) for percussive, rest in run)
        return self._stage(stage, sound, [HARMONIC, PERCUSSIVE])

    def _split(
        self, stage: Stage, sound: Blocks, part: int
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Run a stage for one part; yield it, and what it leaves of the sound."""
        signals = SampleBuffer()
        for (found,) in self._stage(stage, signals.tee(sound), [part]):
            yield found, signals.take(found.shape[-1]) - found

    def _stage(self, stage: Stage, sound: Blocks, wanted: list[int]) -> Blocks:
        return run_stage(stage, self.phase, sound, wanted, self.block_frames, self.threads)
