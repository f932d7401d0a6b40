"""What the process of one song does: the command line's work, watched."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ticktone.archive.job import Job
from ticktone.archive.one_file import write_separation
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.archive.time_range import WHOLE, TimeRange
from ticktone.audio.reader import Reader
from ticktone.errors import TicktoneError, naming
from ticktone.page.part_samples import SampleFiles
from ticktone.page.picture import OctavePictures
from ticktone.page.words import clock
from ticktone.parts import Parts

_DENSEST = 2 * 96_000  # samples to a second, all channels together, of the longest recording
_PAUSE = 0.1  # seconds between two reports of progress

# Called with Progress often, then Done or Failed once.
Report = Callable[["Progress | Done | Failed"], None]


@dataclass(frozen=True)
class Order:
    """What is to be done.

    Parameters
    ----------
    source : Path
        The recording; what is made of it goes beside it.
    method : str
    threads : int
    longest : float
        Seconds; a longer recording is refused.
    excerpt : TimeRange
        What is to be split of it.
    """

    source: Path
    method: str
    threads: int
    longest: float
    excerpt: TimeRange = WHOLE


@dataclass(frozen=True)
class Sound:
    """What a recording is, and what becomes of it.

    Parameters
    ----------
    sample_rate : int
        Hz.
    channels : int
    samples : int or None
        In each channel, if the recording tells.
    parts : tuple of str
    """

    sample_rate: int
    channels: int
    samples: int | None
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """How far it is: so many samples of each part can be heard."""

    samples: int
    sound: Sound


@dataclass(frozen=True)
class Done:
    """What came of it.

    Attributes
    ----------
    result : FileResult
    sound : Sound
    rows, columns : int
        Of each spectrogram.
    seconds : float
        How long its columns are together.
    """

    result: FileResult
    sound: Sound
    rows: int
    columns: int
    seconds: float


@dataclass(frozen=True)
class Failed:
    """Why it failed, in one line that does not name the file."""

    cause: str


def exact_folder(source: Path) -> Path:
    """Return where the samples of the parts are kept as they were before they were coded."""
    return source.parent / "exact"


def spectrogram_path(source: Path, name: str) -> Path:
    """Return where the spectrogram of a part or the mixture is: a byte for each bin."""
    return source.with_name(f"{name}.spectrogram")


def split(order: Order, report: Report) -> None:
    """Write a recording's parts as `ticktone separate` does; also what the page shows and plays.

    Parameters
    ----------
    order : Order
    report : callable
    """
    try:
        report(_split(order, report))
    except TicktoneError as error:
        report(Failed(error.cause))


def _split(order: Order, report: Report) -> Done:
    separator = Job(Target(), order.method, threads=order.threads).separator()
    with naming(order.source), Reader(order.source) as reader:
        rate, channels = reader.sample_rate, reader.channels
        length = order.excerpt.section(separator.method, rate, reader.frames).length
    _refuse_longer((length or 0) / rate, order.longest)
    _refuse_larger((length or 0) * channels, order.longest)
    pictures = OctavePictures(separator.parts, rate)
    sound = Sound(rate, channels, length, separator.parts)
    reported = 0.0

    def observe(_: Parts) -> None:
        nonlocal reported
        _refuse_longer(exact.samples / rate, order.longest)
        _refuse_larger(exact.samples * channels, order.longest)
        if time.monotonic() > reported + _PAUSE:
            reported = time.monotonic()
            report(Progress(exact.samples, sound))

    with closing(SampleFiles(exact_folder(order.source), separator.parts)) as exact:
        result = write_separation(
            *(separator, order.source, Target()),
            observers=(exact.write, observe, pictures.put),
            excerpt=order.excerpt,
        )
    shades = pictures.finish()
    for name, picture in shades.items():
        spectrogram_path(order.source, name).write_bytes(picture.tobytes())
    sound = replace(sound, samples=exact.samples)
    rows, columns = shades["mixture"].shape
    return Done(result, sound, rows, columns, pictures.seconds)


def _refuse_longer(seconds: float, longest: float) -> None:
    if seconds > longest:
        raise TicktoneError(
            f"is longer than the {clock(longest)} that this page takes; "
            "use `ticktone separate`, which has no limit, or raise --max-duration"
        )


def _refuse_larger(samples: float, longest: float) -> None:
    """Refuse what is short but has so many channels, or so high a rate, that it takes as long."""
    if samples > longest * _DENSEST:
        raise TicktoneError(
            f"holds more samples than {clock(longest)} of stereo at 96 kHz, all that this page "
            "takes; use `ticktone separate`, which has no limit, or raise --max-duration"
        )
