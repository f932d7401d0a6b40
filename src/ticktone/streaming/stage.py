"""One stage of a method run over a stream of samples, block by block, as if over the whole."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.base import Stage
from ticktone.phase.recovery import Phase
from ticktone.streaming.buffer import SampleBuffer
from ticktone.streaming.two_window_phase import start_recovery

HARMONIC, PERCUSSIVE = 0, 1

# Samples, over all channels, that a block holds: long enough that the context it shares with its
# neighbours costs little, short enough that memory stays small (6 s of stereo at 44.1 kHz).
BLOCK_SAMPLES = 2**19


def run_stage(
    stage: Stage,
    phase: Phase,
    blocks: Iterable[NDArray[np.float32]],
    wanted: Sequence[int],
    block_frames: int | None = None,
    threads: int | None = None,
) -> Iterator[NDArray[np.float32]]:
    """Separate a stream by one stage.

    Frames are divided in blocks, each with the context that the stage asks for, so that the answer
    depends neither on how the samples arrive nor, as far as the stage keeps its promise about
    context, on the block's length.

    Parameters
    ----------
    stage : Stage
    phase : Phase
        Of the parts. It begins anew with the stage, and is shown every frame in order: once,
        or, if the phase asks for context, again beside those of the next block.
    blocks : iterable of ndarray [shape=(channels, samples) or (batch, channels, samples)]
        The recording, in blocks of any lengths; or several recordings of one length.
    wanted : sequence of int
        Which parts to give back: `HARMONIC`, `PERCUSSIVE`, or both.
    block_frames : int, optional
        Frames to a block. Default: what `BLOCK_SAMPLES` holds; of a stage that is shown nothing of
        the future, as many as have arrived, for it may be at work live.
    threads : int, optional
        Of the Fourier transforms. Default: one.

    Yields
    ------
    ndarray [shape=(parts, channels, samples) or (parts, batch, channels, samples)]
        In order and without gaps: as many samples as came in.
    """
    blocks = iter(blocks)
    first = next(blocks, None)
    if first is None:
        return
    run = _Run(stage, phase, first.shape[:-1], wanted, block_frames, threads)
    for block in chain([first], blocks):
        run.put(block)
        yield from run.ready()
    yield from run.rest()


def block_lengths(
    stage: Stage, spread: int, channels: int, block_frames: int | None = None
) -> tuple[int, int]:
    """Return how many frames of a stream are divided at a time, at the least and at the most.

    Parameters
    ----------
    stage : Stage
    spread : int
        Frames that the phase is shown beside a block.
    channels : int
    block_frames : int, optional
        See `run_stage`.
    """
    if block_frames is not None:
        return block_frames, block_frames
    wished = max(
        4 * (stage.context + spread), BLOCK_SAMPLES // (channels * stage.stft.hop_length), 1
    )
    most = -(-wished // stage.grid) * stage.grid
    return (most if stage.look_ahead or spread else stage.grid), most


def samples_held(stage: Stage, phase: Phase, channels: int, block_frames: int | None = None) -> int:
    """Return how many samples of a stream `run_stage` holds back at the most."""
    spread = phase.context(stage.stft)
    least, _ = block_lengths(stage, spread, channels, block_frames)
    # A block may begin anywhere between two multiples of the grid.
    start = 0 if least % stage.grid == 0 else stage.grid - 1
    end = -(-(start + least + spread) // stage.grid) * stage.grid + stage.look_ahead
    return (end - start - 1) * stage.stft.hop_length + stage.stft.size


class _Run:
    """The state of one stage between blocks. Lengths and offsets are in samples or frames."""

    def __init__(
        self,
        stage: Stage,
        phase: Phase,
        rows: tuple[int, ...],
        wanted: Sequence[int],
        block_frames: int | None,
        threads: int | None,
    ) -> None:
        self.stage, self.stft, self.wanted, self.threads = stage, stage.stft, wanted, threads
        self.recover = start_recovery(phase, self.stft)
        self.divide = stage.divide if len(rows) == 1 else stage.divide_batch
        self.grid = stage.grid
        # What the phase is shown beside a block must have been divided, too.
        self.spread = phase.context(self.stft)
        self.ahead = stage.look_ahead
        self.least, self.block = block_lengths(stage, self.spread, rows[-1], block_frames)
        half = self.stft.size // 2
        self.sound = SampleBuffer()  # padded by half a frame, from the first frame still needed
        self.sound.put(np.zeros((*rows, self.stft.before + half), np.float32))
        self.start = 0  # the first frame not yet divided
        self.origin = 0  # the frame with which `sound` begins
        self.received = 0  # samples of the recording
        self.emitted = -half  # samples given back; the padding comes first
        self.tails = np.zeros((len(wanted), *rows, self.stft.tail_length), np.float32)
        self.weight_tail: NDArray[np.floating] = np.zeros(self.stft.tail_length)

    def put(self, block: NDArray[np.float32]) -> None:
        self.sound.put(block)
        self.received += block.shape[-1]

    def ready(self) -> Iterator[NDArray[np.float32]]:
        """Divide every block whose context has arrived."""
        while self._arrived() >= self._end(self.start + self.least):
            stop = self.start + self.least
            if self.least < self.block:  # all that can be divided
                known = self._arrived() // self.grid * self.grid
                stop = min(self.start + self.block, known)
            yield from self._divide(stop, self._end(stop))

    def rest(self) -> Iterator[NDArray[np.float32]]:
        """Divide what is left, now that the end is known."""
        frames = self.stft.frames(self.received)
        length = self._samples(frames - self.origin)
        missing = max(0, length - self.sound.length)
        self.sound.put(np.zeros((*self.tails.shape[1:-1], missing), np.float32))
        while self.start < frames:
            stop = min(self.start + self.block, frames)
            yield from self._divide(stop, min(self._end(stop), frames))
        yield from self._emit(self.tails / self._safe(self.weight_tail))

    def _arrived(self) -> int:
        """Count the frames, from the recording's first, whose samples are all here."""
        spare = self.sound.length - self._samples(1)
        return self.origin + (spare // self.stft.hop_length + 1 if spare >= 0 else 0)

    def _samples(self, frames: int) -> int:
        """Return how many samples so many frames take in."""
        return self.stft.before + (frames - 1) * self.stft.hop_length + self.stft.size

    def _end(self, stop: int) -> int:
        """Return the frame up to which the answers before frame `stop` depend on what comes."""
        return -(-(stop + self.spread) // self.grid) * self.grid + self.ahead

    def _divide(self, stop: int, end: int) -> Iterator[NDArray[np.float32]]:
        """Divide frames `start` to `stop`, seeing frames up to `end`."""
        hop, before, count = self.stft.hop_length, self.start - self.origin, stop - self.start
        sound = self.sound.peek(self._samples(end - self.origin))
        spectrogram = self.stft.transform(sound, self.threads)
        magnitude = np.abs(spectrogram)
        # Beyond the recording's ends there is nothing to show.
        first = max(0, before - self.spread)
        around = slice(first, min(before + count + self.spread, magnitude.shape[-1]))
        divided = self.divide(magnitude, around)
        mixture, magnitude = spectrogram[..., around], magnitude[..., around]
        inner = slice(before - first, before - first + count)
        recovered = self.recover(mixture, magnitude, divided, self.wanted)
        spectrograms = [part[..., inner] for part in recovered]
        whole = count * hop
        laid = np.stack(
            [
                self.stft.overlap_add(part, tail, self.threads)
                for part, tail in zip(spectrograms, self.tails, strict=True)
            ]
        )
        weight = self.stft.weight(count, self.weight_tail)
        self.tails, self.weight_tail = laid[..., whole:], weight[whole:]
        self.start = stop
        needed = (stop - self.spread) // self.grid * self.grid - self.stage.context
        keep = max(0, needed) // self.grid * self.grid
        self.sound.drop((keep - self.origin) * hop)
        self.origin = keep
        yield from self._emit(laid[..., :whole] / self._safe(weight[:whole]))

    @staticmethod
    def _safe(weight: NDArray[np.floating]) -> NDArray[np.float32]:
        """Avoid dividing by zero in the padding, which no window may reach."""
        return np.where(weight > 1e-10, weight, 1).astype(np.float32)

    def _emit(self, parts: NDArray[Any]) -> Iterator[NDArray[np.float32]]:
        """Yield what lies within the recording."""
        begin = max(0, -self.emitted)
        end = min(parts.shape[-1], self.received - self.emitted)
        self.emitted += parts.shape[-1]
        if begin < end:
            yield parts[..., begin:end]
