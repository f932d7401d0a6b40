"""What the process of one song does: the command line's work, watched."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.archive.job import Job
from ticktone.archive.one_file import write_separation
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.audio.formats import Format
from ticktone.audio.reader import Reader
from ticktone.audio.writer import Writer
from ticktone.errors import TicktoneError, naming
from ticktone.page.words import clock
from ticktone.parts import Parts
from ticktone.separator import Separator
from ticktone.spectrogram import RANGE, Spectrograms, relative_levels

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
    """

    source: Path
    method: str
    threads: int
    longest: float


@dataclass(frozen=True)
class Progress:
    """How far it is: seconds of the recording, and how many there are, if it tells."""

    seconds: float
    duration: float | None


@dataclass(frozen=True)
class Done:
    """What came of it.

    Attributes
    ----------
    result : FileResult
    samples : int
        In each channel.
    bins, columns : int
        Of each spectrogram.
    seconds : float
        How long its columns are together.
    """

    result: FileResult
    samples: int
    bins: int
    columns: int
    seconds: float


@dataclass(frozen=True)
class Failed:
    """Why it failed, in one line that does not name the file."""

    cause: str


def exact_path(source: Path, part: str) -> Path:
    """Return where the samples of a part are kept as they were before they were coded."""
    return source.with_name(f"exact.{part}.wav")


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
        duration = None if reader.frames is None else reader.frames / rate
    _refuse_longer(duration or 0.0, order.longest)
    _refuse_larger((duration or 0.0) * rate * channels, order.longest)
    pictures = Spectrograms(separator.parts, rate)
    with ExitStack() as cleanup:
        exact = _Exact(order.source, separator, rate, channels)
        cleanup.callback(exact.discard)
        samples, reported = 0, 0.0

        def observe(parts: Parts) -> None:
            nonlocal samples, reported
            samples += parts.harmonic.shape[-1]
            _refuse_longer(samples / rate, order.longest)
            _refuse_larger(samples * channels, order.longest)
            if time.monotonic() > reported + _PAUSE:
                reported = time.monotonic()
                report(Progress(samples / rate, duration))

        observers = (observe, exact.write, pictures.put)
        result = write_separation(separator, order.source, Target(), observers=observers)
        exact.commit()
    powers = pictures.finish()
    loudest = powers["mixture"].max()
    for name, power in powers.items():
        level = relative_levels(power, loudest)
        shades = np.rint(np.clip(1 + level / RANGE, 0, 1) * 255).astype(np.uint8)
        spectrogram_path(order.source, name).write_bytes(shades.tobytes())
    bins, columns = powers["mixture"].shape
    return Done(result, samples, bins, columns, pictures.seconds)


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


class _Exact:
    """The samples of the parts as they are, for the remix and for listening."""

    def __init__(self, source: Path, separator: Separator, rate: int, channels: int) -> None:
        self._paths = [exact_path(source, part) for part in separator.parts]
        self._rate, self._channels = rate, channels
        self._writers: list[Writer] = []

    def write(self, parts: Parts) -> None:
        for path in self._paths[len(self._writers) :]:  # the first block tells the kind of sample
            kind = Format("RF64", _subtype(parts.harmonic), "wav")
            self._writers.append(Writer(path, self._rate, self._channels, kind))
        for writer, part in zip(self._writers, parts, strict=True):
            writer.write(part)

    def commit(self) -> None:
        for writer in self._writers:
            writer.close()
            writer.commit()

    def discard(self) -> None:
        for writer in self._writers:
            writer.discard()


def _subtype(samples: NDArray[Any]) -> str:
    return "DOUBLE" if samples.dtype == np.float64 else "FLOAT"
