"""Recordings at another speed, or another pitch: what rings and what hits each in its own way."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, tee
from math import isfinite
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import TicktoneError
from ticktone.options import check_number, check_truths
from ticktone.parts import AudioT, Parts, as_parts
from ticktone.separator import Separator
from ticktone.splitter import Progress, cut
from ticktone.stft import STFT, scaled_length
from ticktone.streaming.buffer import SampleBuffer
from ticktone.streaming.resample import resampled
from ticktone.stretch.binary_masks import with_binary_masks
from ticktone.stretch.excerpts import clipped, stretched_length
from ticktone.stretch.overlap_add import overlap_add
from ticktone.stretch.phase_vocoder import phase_vocoder
from ticktone.tensors import as_array

Audio = NDArray[Any]
Blocks = Iterable[Audio]
Work = Callable[[Blocks], Iterator[Audio]]

SLOWEST, FASTEST = 0.25, 4.0
SEMITONES = 12.0  # up or down
HARMONIC_WINDOW = 4096  # samples at 44.1 kHz; of the phase vocoder
OVERLAP = 4  # windows of the phase vocoder over each sample
PERCUSSIVE_WINDOW = 256  # samples at 44.1 kHz; of overlap-add


@dataclass(frozen=True)
class StretchSettings:
    """How a recording is to be stretched; plain data.

    Parameters
    ----------
    speed : float
        0.25 to 4; 2 plays twice as fast.
    pitch : float
        -12 to 12 semitones: the sound is stretched so much more, then resampled.
    keep_drums : bool
        Whether the percussive part keeps its pitch, as when one transposes a song.
    lock_attacks : bool
        Whether each attack of the percussive part sounds once, as it was. If not, the part is
        stretched as the paper does it.
    binary_masks : bool
        Whether each time-frequency bin is made to belong to one part alone, as in the paper.

    Raises
    ------
    TicktoneError
        If the speed or the pitch is out of range.
    """

    speed: float = 1.0
    pitch: float = 0.0
    keep_drums: bool = False
    lock_attacks: bool = True
    binary_masks: bool = True

    def __post_init__(self) -> None:
        check_truths(self, "keep_drums", "lock_attacks", "binary_masks")
        check_speed(self.speed)
        check_pitch(self.pitch)


class Stretcher:
    """Plays recordings at another speed without changing their pitch, and the other way round.

    Parameters
    ----------
    settings : StretchSettings
    separator : Separator, optional
        What finds the parts. Default: the default method's. A residual is stretched as the
        percussive part is.

    Examples
    --------
    >>> tone = np.sin(np.arange(44_100) * 0.05)
    >>> slow = Stretcher(StretchSettings(0.8), Separator("median"))
    >>> sum(block.shape[-1] for block in slow.stream([tone[:20_000], tone[20_000:]], 44_100))
    55125
    """

    def __init__(self, settings: StretchSettings, separator: Separator | None = None) -> None:
        self.settings = settings
        self.separator = separator or Separator()

    def stretch(self, audio: AudioT, sample_rate: int, progress: Progress | None = None) -> AudioT:
        """Stretch one recording; see `ticktone.stretch` for shapes, results and errors."""
        array, restore = as_array(audio)
        blocks, done, pieces = [], 0, cut(array)
        stream = self.separator.stream(pieces, sample_rate, read_ahead=len(pieces) > 1)
        with closing(stream) as parts:
            for block in self.stretched_parts(parts, sample_rate):
                blocks.append(block)
                done += block.shape[-1]
                if progress is not None:
                    progress(done / stretched_length(array.shape[-1], self.settings.speed))
        found = np.concatenate(blocks, axis=-1) if blocks else array[..., :0].copy()
        stretched: AudioT = restore(found)
        return stretched

    def stream(self, blocks: Blocks, sample_rate: int) -> Iterator[Audio]:
        """Stretch a recording that arrives in blocks, in memory that does not grow with it.

        Parameters
        ----------
        blocks : iterable of ndarray [shape=(samples,) or (channels, samples)]
            The recording from its beginning, in blocks of any lengths.
        sample_rate : int
            Hz.

        Yields
        ------
        ndarray [shape=(samples,) or (channels, samples)]
            From its beginning, in blocks of lengths of their own; `round(samples / speed)` in
            all. Joined, they equal what `stretch` gives for the joined blocks.

        Raises
        ------
        TicktoneError, TypeError, ValueError
            As `Separator.stream`.
        """
        return self.stretched_parts(self.separator.stream(blocks, sample_rate), sample_rate)

    def stretched_parts(self, parts: Iterable[Parts], sample_rate: int) -> Iterator[Audio]:
        """Stretch a recording whose parts arrive in blocks, and sum them.

        Parameters
        ----------
        parts : iterable of Separation or SeparationWithResidual
            As of `Separator.stream`.
        sample_rate : int
            Hz.

        Yields
        ------
        ndarray [shape=(samples,) or (channels, samples)]
        """
        settings = self.settings
        if settings.speed == 1 and settings.pitch == 0:
            yield from (sum(part[1:], part[0]) for part in parts)
            return
        pairs = (as_parts([part[0], sum(part[2:], part[1])]) for part in parts)
        yield from (sum(part[1:], part[0]) for part in self.each_part(pairs, sample_rate))

    def each_part(self, parts: Iterable[Parts], sample_rate: int) -> Iterator[Parts]:
        """Stretch a recording's parts, which arrive in blocks, and keep them apart.

        Parameters
        ----------
        parts : iterable of Separation or SeparationWithResidual
            As of `Separator.stream`.
        sample_rate : int
            Hz.

        Yields
        ------
        Separation or SeparationWithResidual
            `round(samples / speed)` samples of each in all, in blocks of lengths of their own.
            With binary masks a residual is one with the percussive part.
        """
        settings, parts = self.settings, iter(parts)
        first = next(parts, None)
        if first is None:
            return
        dtype, is_mono = first[0].dtype, first[0].ndim == 1
        several: Iterable[tuple[Audio, ...]] = (
            tuple(map(np.atleast_2d, part)) for part in chain([first], parts)
        )
        if settings.binary_masks:
            pairs = ((part[0], sum(part[2:], part[1])) for part in several)
            several = with_binary_masks(pairs, sample_rate, self.separator.threads)
        count = 2 if settings.binary_masks else len(first)
        factor = 2 ** (settings.pitch / 12)
        drums_factor = 1.0 if settings.keep_drums else factor
        harmonic, *others = (
            map(itemgetter(index), stream) for index, stream in enumerate(tee(several, count))
        )
        rings = self._harmonic(sample_rate, settings.speed / factor)
        hits = self._percussive(sample_rate, settings.speed / drums_factor)
        streams = [
            _at_speed(harmonic, settings.speed, rings, factor),
            *(_at_speed(other, settings.speed, hits, drums_factor) for other in others),
        ]
        for blocks in _abreast(streams):
            yield as_parts([(block[0] if is_mono else block).astype(dtype) for block in blocks])

    def _harmonic(self, sample_rate: int, speed: float) -> Work:
        window = scaled_length(HARMONIC_WINDOW, sample_rate)
        stft = STFT(window, window // OVERLAP)
        return lambda blocks: phase_vocoder(blocks, speed, stft, self.separator.threads)

    def _percussive(self, sample_rate: int, speed: float) -> Work:
        half = scaled_length(PERCUSSIVE_WINDOW, sample_rate) // 2
        lock = self.settings.lock_attacks
        return lambda blocks: overlap_add(blocks, speed, half, lock_attacks=lock)


def _at_speed(blocks: Blocks, speed: float, work: Work, factor: float) -> Iterator[Audio]:
    """Stretch a stream by `work` and read it `factor` times as fast; exact in length."""
    if factor == 1:
        yield from work(blocks)
        return
    received = given = channels = 0

    def counted() -> Iterator[Audio]:
        nonlocal received, channels
        for block in blocks:
            received += block.shape[-1]
            channels = len(block)
            yield block

    held: Audio | None = None  # the last block, for rounding may have given it a sample too many
    for block in resampled(work(counted()), factor, 1.0):
        if held is not None:
            given += held.shape[-1]
            yield held
        held = block
    length = stretched_length(received, speed)
    if held is None:  # a few samples, of which resampling leaves none
        held = np.zeros((channels, 0), np.float32)
    missing = max(0, length - given - held.shape[-1])  # or one too few
    last = np.pad(held, ((0, 0), (0, missing)))
    last = clipped(last, given, length)
    if last.shape[-1]:
        yield last


def _abreast(streams: Sequence[Iterator[Audio]]) -> Iterator[list[Audio]]:
    """Join streams of the same length, whose blocks' lengths differ, block by block."""
    buffers = [SampleBuffer() for _ in streams]
    is_over = [False for _ in streams]
    while not all(is_over):
        behind = min(range(len(streams)), key=lambda index: (is_over[index], buffers[index].length))
        block = next(streams[behind], None)
        if block is None:
            is_over[behind] = True
            continue
        buffers[behind].put(block)
        ready = min(buffer.length for buffer in buffers)
        if ready:
            yield [buffer.take(ready) for buffer in buffers]


def check_speed(speed: float) -> None:
    """Refuse a speed that is out of range.

    Raises
    ------
    TicktoneError
    """
    check_number("speed", speed)
    if not SLOWEST <= speed <= FASTEST:
        raise TicktoneError(
            f"a speed of {speed:g} is out of range; give {SLOWEST:g} to {FASTEST:g} (1 is as it is)"
        )


def check_pitch(pitch: float) -> None:
    """Refuse a change of pitch that is out of range.

    Raises
    ------
    TicktoneError
    """
    check_number("pitch", pitch)
    if not (isfinite(pitch) and abs(pitch) <= SEMITONES):
        raise TicktoneError(
            f"a pitch of {pitch:g} semitones is out of range; "
            f"give {-SEMITONES:g} to {SEMITONES:g} (0 leaves it)"
        )


def tempo_speed(before: float, after: float) -> float:
    """Return the speed at which one tempo becomes another, both in beats a minute.

    Raises
    ------
    TicktoneError
        If a tempo is not positive or the speed is out of range.

    Examples
    --------
    >>> tempo_speed(120, 90)
    0.75
    """
    for tempo in (before, after):
        if not (isfinite(tempo) and tempo > 0):
            raise TicktoneError(f"a tempo of {tempo:g} is none; give beats a minute, above 0")
    speed = after / before
    check_speed(speed)
    return speed
