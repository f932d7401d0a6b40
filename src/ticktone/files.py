"""From one sound file to the files of its parts."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any

from numpy.typing import NDArray

from ticktone.audio.formats import output_format
from ticktone.audio.reader import Reader
from ticktone.audio.writer import Writer
from ticktone.errors import TicktoneError
from ticktone.mixing import mix_parts
from ticktone.separator import Parts, Separator
from ticktone.uri import Location, Uri, delivering, fetched, state_of

Progress = Callable[[float], None]  # told the fraction done, from 0 to 1
# Makes what goes into each output file from a block of parts.
Mix = Callable[[Parts], Sequence[NDArray[Any]]]

PARTS = ("harmonic", "percussive", "residual")
REMIX = "remix"
EXISTING = ("refuse", "overwrite", "skip")


@dataclass(frozen=True)
class Target:
    """Where the outputs of a file go, and how.

    Parameters
    ----------
    folder : Path or Uri, optional
        Default: the file's own.
    format, subtype, float_
        As `ticktone.audio.formats.output_format`.
    existing : {"refuse", "overwrite", "skip"}
        What to do where an output is there already; "skip" leaves the file alone if all are.
    since : float, optional
        Seconds since 1970. What was last changed before is somebody's, as `existing` says; what
        was changed later an earlier attempt left there, and is replaced.
    """

    folder: Location | None = None
    format: str = "same"
    subtype: str | None = None
    float_: bool = False
    existing: str = "refuse"
    since: float | None = None

    def __post_init__(self) -> None:
        if self.existing not in EXISTING:
            raise ValueError(
                f"existing must be one of {', '.join(EXISTING)}, not {self.existing!r}"
            )

    def path(self, source: Location, part: str, extension: str) -> Location:
        """Name the output `NAME.PART.EXTENSION`."""
        folder = source.parent if self.folder is None else self.folder
        return folder / f"{source.stem}.{part}.{extension}"


@cache
def our_version() -> str:
    """Tell which version of ticktone this is."""
    return version("ticktone")


@dataclass
class FileResult:
    """What became of one file.

    Attributes
    ----------
    source : str
        Path or URI of the recording.
    outputs : dict
        Path or URI of each part.
    status : str
        "done", "skipped" or "failed".
    error : str or None
        One line, where it failed.
    method : str
    version : str
        Ticktone's.
    sample_rate : int
        Hz.
    channels : int
    duration : float
        Seconds of the recording.
    elapsed : float
        Seconds it took.
    overs : dict
        For each part, the PCM samples that exceeded full scale and were limited to it.
    peaks : dict
        For each part, its largest magnitude; 1 is full scale.
    """

    source: str
    outputs: dict[str, str] = field(default_factory=dict)
    status: str = "done"
    error: str | None = None
    method: str = ""
    version: str = field(default_factory=our_version)
    sample_rate: int = 0
    channels: int = 0
    duration: float = 0.0
    elapsed: float = 0.0
    overs: dict[str, int] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)


def separate_file(
    separator: Separator,
    source: Location,
    target: Target,
    only: str | None = None,
    progress: Progress | None = None,
) -> FileResult:
    """Write a sound file's parts; see `Separator.separate_file`."""
    names = part_names(separator, only)
    places = [separator.parts.index(name) for name in names]

    def mix(parts: Parts) -> list[NDArray[Any]]:
        return [parts[place] for place in places]

    return write_outputs(separator, source, names, mix, target, progress)


def remix_file(
    separator: Separator,
    source: Location,
    gains: Mapping[str, float],
    target: Target,
    progress: Progress | None = None,
) -> FileResult:
    """Put a sound file's parts together again at other levels, as `NAME.remix.EXT`.

    Parameters
    ----------
    separator : Separator
    source : Path or Uri
    gains : mapping
        Of parts, in dB; minus infinity leaves a part out. A part not named keeps its level.
    target : Target
    progress : callable, optional

    Returns
    -------
    FileResult

    Raises
    ------
    TicktoneError
        As `Separator.separate_file`.
    """

    def mix(parts: Parts) -> list[NDArray[Any]]:
        return [mix_parts(parts, gains)]

    return write_outputs(separator, source, [REMIX], mix, target, progress)


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


def write_outputs(
    separator: Separator,
    source: Location,
    names: Sequence[str],
    mix: Mix,
    target: Target,
    progress: Progress | None = None,
) -> FileResult:
    """Separate a file and write what `mix` makes of its parts, all of it or nothing."""
    began = time.perf_counter()
    with (
        naming(source),
        fetched(source) as recording,
        Reader(recording) as reader,
        ExitStack() as cleanup,
    ):
        format = output_format(reader.format, target.format, target.subtype, target.float_)
        paths = [target.path(source, name, format.extension) for name in names]
        outputs = {name: str(path) for name, path in zip(names, paths, strict=True)}
        if target.existing == "skip" and all(map(_is_file, paths)):
            return FileResult(str(source), outputs, "skipped")
        for path in paths:
            refuse_loss(source, path, target.existing, target.since)
        writers = []
        for path in cleanup.enter_context(delivering(paths)):
            writer = Writer(path, reader.sample_rate, reader.channels, format, reader.frames)
            cleanup.callback(writer.discard)
            writers.append(writer)
        # The recording's own step, if it can be kept, lets the parts sum to it in PCM too.
        step = format.step if format.step == reader.format.step else None
        done = 0
        for parts in separator.stream(reader.blocks(), reader.sample_rate, step=step):
            for writer, samples in zip(writers, mix(parts), strict=True):
                writer.write(samples)
            done += parts.harmonic.shape[-1]
            if progress is not None and reader.frames:
                progress(done / reader.frames)
        for writer in writers:
            writer.close()
        for writer in writers:
            writer.commit()
    return FileResult(
        source=str(source),
        outputs=outputs,
        method=separator.method.name,
        sample_rate=reader.sample_rate,
        channels=reader.channels,
        duration=done / reader.sample_rate,
        elapsed=time.perf_counter() - began,
        overs={name: w.overs for name, w in zip(names, writers, strict=True) if w.overs},
        peaks={name: w.peak for name, w in zip(names, writers, strict=True)},
    )


def refuse_loss(
    source: Location, path: Location, existing: str, since: float | None = None
) -> None:
    """Refuse an output that is the recording itself, or that may not be replaced.

    Raises
    ------
    TicktoneError
    """
    there = state_of(path)
    if there is None:
        return
    if _are_one(source, path):
        raise TicktoneError("would be overwritten by its own output; rename it", source)
    if there.is_folder:
        raise TicktoneError(f"its output {path} is a folder; move that folder", source)
    ours = since is not None and there.changed is not None and there.changed >= since
    if existing == "refuse" and not ours:
        raise TicktoneError(f"{path} exists; use --overwrite or --skip-existing", source)


def _is_file(path: Location) -> bool:
    there = state_of(path)
    return there is not None and not there.is_folder


def _are_one(source: Location, path: Location) -> bool:
    if isinstance(source, Uri) or isinstance(path, Uri):
        return source == path
    return path.samefile(source)


@contextmanager
def naming(source: Location) -> Iterator[None]:
    """Put the file's name to errors that do not know it."""
    try:
        yield
    except TicktoneError as error:
        raise error if error.path else TicktoneError(error.cause, source) from None
    except MemoryError:
        raise TicktoneError("needs more memory than there is; close programs", source) from None
    except OSError as error:
        raise TicktoneError(f"failed: {error.strerror or error}; mend that", source) from None
