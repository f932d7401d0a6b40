"""From one sound file to the files of its parts."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from os import PathLike
from typing import Any

from numpy.typing import NDArray

from ticktone.archive.outputs import Mix, Observer, open_outputs, write_parts
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.archive.time_range import WHOLE, TimeRange
from ticktone.errors import TicktoneError
from ticktone.methods import DEFAULT
from ticktone.methods.base import Method
from ticktone.parts import STEM, STRETCH, Parts, as_parts
from ticktone.separator import Separator
from ticktone.splitter import Progress
from ticktone.storage.location import Location, location
from ticktone.stretch.excerpts import stretched_length
from ticktone.stretch.stretcher import Stretcher


def separate_file(
    path: str | PathLike[str],
    output: str | PathLike[str] | None = None,
    method: str | Method = DEFAULT,
    *,
    separator: Separator | None = None,
    only: str | None = None,
    format: str = "same",
    subtype: str | None = None,
    float_: bool = False,
    existing: str = "refuse",
    tags: bool = True,
    bitrate: float | None = None,
    stem_mp4: bool = False,
    start: float = 0.0,
    end: float | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> FileResult:
    """Split a sound file into `NAME.harmonic.EXT`, `NAME.percussive.EXT` (and `.residual`).

    Or write `NAME.stem.mp4`, which holds the recording and its parts, for DJ programs.

    Parameters
    ----------
    path : path-like
        Or a URI.
    output : path-like, optional
        Folder of the parts, or its URI, made if need be. Default: the file's own.
    method, **options
        As `ticktone.Separator`.
    separator : Separator, optional
        To use in place of a new one, for many files.
    only : str, optional
        Write this part alone.
    format, subtype, float_
        As `ticktone.audio.formats.output_format`. Default: as the file.
    existing : {"refuse", "overwrite", "skip"}
        What to do where a part is there already; "skip" leaves the file alone if all are.
    tags, bitrate, stem_mp4
        As `ticktone.archive.target.Target`.
    start, end : float, optional
        Seconds. The parts of this stretch alone, to the sample; they are what they are in the
        whole recording. Default: all of it.
    progress : callable, optional
        Called with the fraction done, from 0 to 1, where the file tells its length. What it raises
        ends the work, and nothing is left behind.

    Returns
    -------
    FileResult

    Raises
    ------
    TicktoneError
        If the file cannot be read or a part not be written; nothing is left behind then.

    Examples
    --------
    >>> import ticktone
    >>> result = ticktone.separate_file("song.flac", "parts/")  # doctest: +SKIP
    >>> result.outputs["percussive"]  # doctest: +SKIP
    'parts/song.percussive.flac'
    """
    if separator is None:
        separator = Separator(method, **options)
    elif options or method != DEFAULT:
        raise TypeError("give either a separator, or a method and its options")
    folder = None if output is None else location(output)
    target = Target(
        *(folder, format, subtype, float_, existing),
        tags=tags,
        bitrate=bitrate,
        stem_mp4=stem_mp4,
    )
    return write_separation(
        separator, location(path), target, only, progress, excerpt=TimeRange(start, end)
    )


def write_separation(
    separator: Separator,
    source: Location,
    target: Target,
    only: str | None = None,
    progress: Progress | None = None,
    observers: Sequence[Observer] = (),
    excerpt: TimeRange = WHOLE,
) -> FileResult:
    """Write a sound file's parts; see `separate_file`."""
    output_names(separator, target, only)
    names = part_names(separator, only)
    indices = [separator.parts.index(name) for name in names]

    def mix(parts: Parts) -> list[NDArray[Any]]:
        return [parts[index] for index in indices]

    return _write(separator, source, names, mix, target, progress, observers, excerpt)


def write_stretch(
    stretcher: Stretcher, source: Location, target: Target, progress: Progress | None = None
) -> FileResult:
    """Write a sound file at another speed or pitch, as `NAME.stretch.EXT`.

    Parameters
    ----------
    stretcher : Stretcher
    source : Path or Uri
    target : Target
    progress : callable, optional

    Returns
    -------
    FileResult
        Its duration is the recording's.

    Raises
    ------
    TicktoneError
        As `separate_file`, or if the file is too short for the speed.
    """
    speed = stretcher.settings.speed
    with open_outputs(source, [STRETCH], target) as outputs:
        reader = outputs.reader
        outputs.untrue = {"bpm"} if speed != 1 else set()
        outputs.untrue |= {"initialkey"} if stretcher.settings.pitch else set()
        observers = []
        if reader.frames is not None:
            outputs.frames = stretched_length(reader.frames, speed)
            if progress is not None and outputs.frames:
                observers.append(ProgressObserver(progress, outputs.frames))
        rate = reader.sample_rate
        with closing(stretcher.separator.stream(reader.blocks(), rate, read_ahead=True)) as parts:
            blocks = stretcher.stretched_parts(parts, rate)
            stretched = (as_parts([block, block]) for block in _some(blocks))
            method = stretcher.separator.method.name
            result = write_parts(outputs, stretched, lambda parts: parts[:1], observers, method)
    result.duration *= speed
    return result


def _some(blocks: Iterator[NDArray[Any]]) -> Iterator[NDArray[Any]]:
    """Pass blocks on; raises `TicktoneError` where none come."""
    is_empty = True
    for block in blocks:
        is_empty = False
        yield block
    if is_empty:
        raise TicktoneError("is too short for this speed; nothing would be left of it")


def part_names(separator: Separator, only: str | None = None) -> list[str]:
    """List the parts that are to be written.

    Raises
    ------
    TicktoneError
        If `only` is not one of the method's parts.
    """
    if only is None:
        return list(separator.parts)
    if only not in separator.parts:
        raise TicktoneError(f"there is no part {only!r}; there are: {', '.join(separator.parts)}")
    return [only]


def output_names(separator: Separator, target: Target, only: str | None = None) -> list[str]:
    """List the outputs of a separation: the parts, or one stem file.

    Raises
    ------
    TicktoneError
        As `part_names`, or if a stem file cannot hold what is asked for.
    """
    names = part_names(separator, only)
    if not target.stem_mp4:
        return names
    if only is not None:
        raise TicktoneError("--stem-mp4 holds all parts; leave out --only")
    if not separator.complement:
        raise TicktoneError(
            "--stem-mp4 holds parts that sum to the recording; leave out --no-complement"
        )
    return [STEM]


def _write(
    separator: Separator,
    source: Location,
    names: Sequence[str],
    mix: Mix,
    target: Target,
    progress: Progress | None,
    observers: Sequence[Observer] = (),
    excerpt: TimeRange = WHOLE,
) -> FileResult:
    with open_outputs(source, names, target) as outputs:
        reader = outputs.reader
        section = excerpt.section(separator.method, reader.sample_rate, reader.frames)
        blocks = reader.blocks(section.read_first, section.read_last)
        if excerpt != WHOLE:
            outputs.frames = section.length
            outputs.untrue = {"time_reference"}
        if progress is not None and outputs.frames:
            observers = [*observers, ProgressObserver(progress, outputs.frames)]
        parts = separator.stream(blocks, reader.sample_rate, step=outputs.step, read_ahead=True)
        with closing(parts):
            wanted = parts if excerpt == WHOLE else section.cropped(parts)
            return write_parts(outputs, wanted, mix, observers, separator.method.name)


class ProgressObserver:
    """Reports the fraction done of so many samples, block by block."""

    def __init__(self, progress: Progress, samples: int) -> None:
        self.progress, self.samples, self.done = progress, samples, 0

    def __call__(self, parts: Parts) -> None:
        """Count a block."""
        self.done += parts.harmonic.shape[-1]
        self.progress(self.done / self.samples)
