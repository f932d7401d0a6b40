"""A stretch of a recording: where it begins and ends, to the sample, and what is heard around it.

The parts of an excerpt are those of the whole recording there. So its surroundings are heard too,
or its first note would begin with a cut, which is a hit to any method.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ticktone.errors import TicktoneError
from ticktone.methods.base import Method, Stage
from ticktone.options import check_number
from ticktone.parts import Parts, as_parts


@dataclass(frozen=True)
class TimeRange:
    """A stretch of a recording.

    Parameters
    ----------
    start : float
        Seconds.
    end : float, optional
        Seconds; where the recording ends before, that is the end. Default: its end.

    Raises
    ------
    TicktoneError
        If they are not times, or nothing lies between them.
    """

    start: float = 0.0
    end: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("start", self.start), ("end", self.end)):
            if value is not None:
                check_number(name, value)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise TicktoneError(f"--{name} must be 0 or more seconds, not {value:g}")
        if self.end is not None and self.end <= self.start:
            raise TicktoneError(
                f"--end ({self.end:g} s) must come after --start ({self.start:g} s)"
            )

    def section(self, method: Method, sample_rate: int, frames: int | None) -> "SampleRange":
        """Return which samples it is.

        Parameters
        ----------
        method : Method
            That is to separate it: what is heard around depends on it.
        sample_rate : int
            Hz.
        frames : int or None
            Samples in each channel of the recording, if that is known.

        Raises
        ------
        TicktoneError
            If the recording ends before it begins, or it is shorter than a sample.
        """
        first = round(self.start * sample_rate)
        last = None if self.end is None else round(self.end * sample_rate)
        if frames is not None:
            if first >= frames:
                raise TicktoneError(
                    f"is {frames / sample_rate:.1f} s long; nothing begins at {self.start:g} s"
                )
            last = frames if last is None else min(last, frames)
        if last is not None and last <= first:
            raise TicktoneError("holds no sample between --start and --end")
        return SampleRange(first, last, *_surroundings(method, sample_rate))


def _surroundings(method: Method, sample_rate: int) -> tuple[int, int]:
    """Return how many samples around one its answer depends on, and their grid.

    Blocks of frames lie on the grid: in an excerpt that is read from a multiple of it, they lie as
    in the whole recording.
    """
    rate = method.sample_rate or sample_rate
    stages: list[tuple[Stage, int]] = [(stage, 1) for stage in method.stages(rate)]
    refinement = method.refinement(rate)
    around = 0
    if refinement is not None:
        stages.append((refinement, refinement.decimation))
        around = 2 * refinement.resampling_delay * refinement.decimation
    grid = 1
    for stage, decimation in stages:
        hop = stage.stft.hop_length * decimation
        reach = stage.stft.before + stage.stft.window_length
        # What is answered for together may depend on all that is shown for it, as on its level.
        around += (stage.context + stage.grid) * hop + reach * decimation
        grid = math.lcm(grid, stage.grid * hop)
    ratio = sample_rate / rate
    return math.ceil(around * ratio), round(grid * ratio)


WHOLE = TimeRange()


@dataclass(frozen=True)
class SampleRange:
    """The samples of an excerpt.

    Parameters
    ----------
    first, last : int
        From `first` to before `last`; None for the end of the recording.
    around : int
        How many are heard before and after.
    grid : int
        Hearing begins at a multiple of it.
    """

    first: int
    last: int | None
    around: int
    grid: int

    @property
    def length(self) -> int | None:
        """Samples, if they are known."""
        return None if self.last is None else self.last - self.first

    @property
    def read_first(self) -> int:
        """The first sample that is heard."""
        return max(0, self.first - self.around) // self.grid * self.grid

    @property
    def read_last(self) -> int | None:
        """The sample before which hearing ends."""
        if self.last is None:
            return None
        return self.last + self.around

    def cropped(self, blocks: Iterator[Parts]) -> Iterator[Parts]:
        """Pass on the excerpt's own samples of the parts of what is heard.

        Raises
        ------
        TicktoneError
            If there are none.
        """
        at, is_empty = self.read_first, True
        for parts in blocks:
            length = parts.harmonic.shape[-1]
            start = max(0, self.first - at)
            stop = length if self.last is None else min(length, self.last - at)
            if start < stop:
                is_empty = False
                yield as_parts([part[..., start:stop] for part in parts])
            at += length
        if is_empty:
            raise TicktoneError(f"nothing begins at sample {self.first}; the recording ends before")


def read_clock(text: str) -> float:
    """Return the seconds that a text says: `SECONDS`, `M:SS` or `H:MM:SS`, with decimals or not.

    Raises
    ------
    TicktoneError
        If it says none.

    Examples
    --------
    >>> read_clock("75"), read_clock("1:15"), read_clock("1:01:15.5")
    (75.0, 75.0, 3675.5)
    """
    words = text.strip().split(":")
    try:
        values = [float(word) for word in words]
    except ValueError:
        values = []
    is_time = 1 <= len(values) <= 3 and all(word[:1].isdigit() for word in words)
    whole = all(word.isdigit() for word in words[:-1]) and all(v < 60 for v in values[1:])
    if not is_time or not whole:
        raise TicktoneError(f"{text!r} is no time; write seconds or m:ss, as 75 or 1:15")
    return sum((value * 60**place for place, value in enumerate(reversed(values))), 0.0)
