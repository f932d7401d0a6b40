"""Remix a song whose parts are known, by the same code that remixes any file."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ticktone.archive.outputs import open_outputs, write_parts
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.audio.reader import Reader
from ticktone.errors import TicktoneError
from ticktone.page.work import exact_path
from ticktone.parts import PARTS, REMIX, Parts, as_parts, check_gains, mix_parts

_FADE = 0.005  # seconds: too short to be heard as one, long enough for no click


@dataclass(frozen=True)
class FadedRange:
    """A stretch of a song, in seconds; it is faded in and out over 5 ms each."""

    start: float
    end: float


def remix(
    source: Path,
    method: str,
    gains: Mapping[str, float],
    target: Target,
    excerpt: FadedRange | None = None,
) -> FileResult:
    """Write the remix of a recording that was separated by `ticktone.page.work.split`.

    Parameters
    ----------
    source : Path
    method : str
        By which it was.
    gains : mapping
        Of parts, in dB; minus infinity leaves a part out.
    target : Target
        Where the remix goes, and in what format.
    excerpt : FadedRange, optional
        Default: the whole song.

    Returns
    -------
    FileResult

    Raises
    ------
    TicktoneError
        If a gain is out of range, nothing of the song is in the excerpt, or the remix cannot be
        written.
    """
    check_gains(gains)
    with open_outputs(source, [REMIX], target) as outputs:
        parts = _stored_parts(source)
        if excerpt is not None:
            rate = outputs.reader.sample_rate
            first, last = round(max(0.0, excerpt.start) * rate), round(excerpt.end * rate)
            parts = _cropped(parts, first, last, round(_FADE * rate))
            outputs.frames, outputs.untrue = None, set()  # its loops and positions hold no longer
        return write_parts(outputs, parts, lambda block: [mix_parts(block, gains)], (), method)


def _stored_parts(source: Path) -> Iterator[Parts]:
    """Read the parts as they were found, block by block."""
    paths = [path for part in PARTS if (path := exact_path(source, part)).exists()]
    with ExitStack() as files:
        readers = [files.enter_context(Reader(path)) for path in paths]
        for blocks in zip(*(reader.blocks() for reader in readers), strict=True):
            yield as_parts(blocks)


def _cropped(blocks: Iterator[Parts], first: int, last: int, fade: int) -> Iterator[Parts]:
    """Pass on the samples from `first` to before `last`, faded in and out over so many."""
    at, is_empty = 0, True
    fade = max(1, min(fade, (last - first) // 2))
    for parts in blocks:
        length = parts.harmonic.shape[-1]
        inside = slice(max(0, first - at), max(0, min(length, last - at)))
        if inside.start < inside.stop:
            index = np.arange(at + inside.start, at + inside.stop)
            nearest = np.minimum(index - first, last - 1 - index)
            ramp = np.minimum(1.0, nearest / fade)
            yield as_parts([part[:, inside] * ramp.astype(part.dtype) for part in parts])
            is_empty = False
        at += length
    if is_empty:
        raise TicktoneError("nothing of the song lies between this start and this end")
