"""Write files of a song whose parts are known, by the same code that writes those of any file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ticktone.archive.outputs import Mix, open_outputs, write_parts
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.archive.time_range import WHOLE, TimeRange
from ticktone.errors import TicktoneError
from ticktone.page.crop import cut, faded
from ticktone.page.part_samples import read_samples
from ticktone.page.work import Order, Sound, exact_folder
from ticktone.parts import REMIX, Parts, as_parts, check_gains, mix_parts
from ticktone.separator import Separator
from ticktone.stretch.excerpts import stretched_length
from ticktone.stretch.stretcher import Stretcher, StretchSettings

_FADE = 0.005  # seconds: too short to be heard as one, long enough for no click


@dataclass(frozen=True)
class Wanted:
    """How much of a song is wanted, and how fast.

    Parameters
    ----------
    excerpt : TimeRange
        It is faded in and out over 5 ms each, unless it is the whole song.
    speed : float
        2 is twice as fast, at the same pitch.
    """

    excerpt: TimeRange = WHOLE
    speed: float = 1.0


def write_part(
    order: Order, sound: Sound, part: str, target: Target, wanted: Wanted | None = None
) -> FileResult:
    """Write a part of a song that `ticktone.page.work.split` has split; see `write_remix`."""
    index = sound.parts.index(part)
    return _write(order, sound, [part], lambda parts: [parts[index]], target, wanted or Wanted())


def write_stems(order: Order, sound: Sound, target: Target) -> FileResult:
    """Write the stem file of such a song; see `write_remix`. The target says that it is one."""
    return _write(order, sound, sound.parts, lambda parts: parts, target, Wanted())


def write_remix(
    order: Order,
    sound: Sound,
    gains: Mapping[str, float],
    target: Target,
    wanted: Wanted | None = None,
) -> FileResult:
    """Write the remix of a song that `ticktone.page.work.split` has split.

    Parameters
    ----------
    order : Order
    sound : Sound
    gains : mapping
        Of parts, in dB; minus infinity leaves a part out.
    target : Target
        Where the remix goes, and in what format.
    wanted : Wanted, optional
        Default: the whole song, at its speed.

    Returns
    -------
    FileResult

    Raises
    ------
    TicktoneError
        If a gain or the speed is out of range, nothing of the song is in the excerpt, or the remix
        cannot be written.
    """
    check_gains(gains)
    mix: Mix = lambda parts: [mix_parts(parts, gains)]  # noqa: E731
    return _write(order, sound, [REMIX], mix, target, wanted or Wanted())


def _write(
    order: Order, sound: Sound, names: Sequence[str], mix: Mix, target: Target, wanted: Wanted
) -> FileResult:
    with open_outputs(order.source, names, target) as outputs:
        parts: Iterator[Parts] = read_samples(exact_folder(order.source), sound.channels)
        if (order.excerpt, wanted) != (WHOLE, Wanted()):
            parts = _changed(parts, order, sound, wanted)
            outputs.frames = None
            outputs.untrue = {"time_reference"} | ({"bpm"} if wanted.speed != 1 else set())
        return write_parts(outputs, parts, mix, (), order.method)


def _changed(parts: Iterator[Parts], order: Order, sound: Sound, wanted: Wanted) -> Iterator[Parts]:
    rate, samples = sound.sample_rate, sound.samples
    assert samples is not None  # for it is split
    end = samples if wanted.excerpt.end is None else round(wanted.excerpt.end * rate)
    first, last = round(wanted.excerpt.start * rate), min(samples, end)
    if first >= last:
        raise TicktoneError("nothing of the song lies between this start and this end")
    blocks = cut(map(np.stack, parts), first, last)
    if wanted.speed != 1:
        stretched = stretcher(sound, wanted.speed, order.threads).each_part(
            map(as_parts, map(list, blocks)), rate
        )
        blocks = map(np.stack, stretched)
    if wanted.excerpt != WHOLE:
        blocks = faded(blocks, stretched_length(last - first, wanted.speed), round(_FADE * rate))
    yield from map(as_parts, map(list, blocks))


def stretcher(sound: Sound, speed: float, threads: int) -> Stretcher:
    """Return what stretches the parts of a song, each for itself.

    Raises
    ------
    TicktoneError
        If the speed is out of range.
    """
    # Binary masks are for two parts alone. The separator only tells the threads.
    settings = StretchSettings(speed, binary_masks=len(sound.parts) == 2)
    return Stretcher(settings, Separator("median", threads=threads))
