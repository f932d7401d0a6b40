"""What is done with every file, as plain data, and the worker that does it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ticktone.archive.one_file import (
    output_names,
    write_separation,
    write_stretch,
)
from ticktone.archive.remixing import RemixSettings, write_remix
from ticktone.archive.result import FileResult, failure
from ticktone.archive.target import Target
from ticktone.archive.time_range import WHOLE, TimeRange
from ticktone.errors import TicktoneError
from ticktone.logger import LOGGER
from ticktone.methods import make_method
from ticktone.options import refuse_taken
from ticktone.parts import REMIX, STRETCH
from ticktone.phase import DEFAULT as DEFAULT_PHASE
from ticktone.separator import Separator
from ticktone.splitter import Progress
from ticktone.storage.location import Location
from ticktone.stretch.stretcher import Stretcher, StretchSettings


@dataclass(frozen=True)
class Job:
    """What is to be done with every file; plain data, so that any process can do it.

    Parameters
    ----------
    target : Target
    method : str
    options : mapping
        The method's.
    phase : str
    threads : int
        To each file.
    only : str, optional
        The one part to write.
    remix : RemixSettings, optional
        Make one remix instead of the parts.
    complement : bool
        As `ticktone.Separator`.
    stretch : StretchSettings, optional
        Write the recording at another speed or pitch instead of the parts.
    excerpt : TimeRange
        What of the recording is separated.
    """

    target: Target
    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    phase: str = DEFAULT_PHASE
    threads: int = 1
    only: str | None = None
    remix: RemixSettings | None = None
    complement: bool = True
    stretch: StretchSettings | None = None
    excerpt: TimeRange = WHOLE

    def separator(self) -> Separator:
        """Return a new separator for the job.

        Raises
        ------
        TicktoneError
            If a method, option, phase, part or gain is unknown or out of range.
        """
        refuse_taken(self.options, self.method, "threads")
        method = make_method(self.method, threads=self.threads, **self.options)
        separator = Separator(
            method, phase=self.phase, complement=self.complement, threads=self.threads
        )
        output_names(separator, self.target, self.only)
        if self.remix is not None:
            self.remix.check(separator.parts)
        return separator

    def parts(self, separator: Separator) -> list[str]:
        """List what is written for each file."""
        if self.stretch is not None:
            return [STRETCH]
        return (
            [REMIX] if self.remix is not None else output_names(separator, self.target, self.only)
        )


@dataclass(frozen=True)
class Task:
    """One file, and where its outputs go."""

    source: Location
    target: Target


# Does tasks, in any order and anywhere, and gives each one's result: an engine.
Run = Callable[[Sequence[Task]], Iterator[FileResult]]


class Worker:
    """Does one file after another with one model, which it keeps; what every engine calls.

    Parameters
    ----------
    job : Job

    Raises
    ------
    TicktoneError
        As `Job.separator`.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.separator = job.separator()

    def __call__(self, task: Task, progress: Progress | None = None) -> FileResult:
        """Process one file; whatever goes wrong with it is a result like any other."""
        job, separator = self.job, self.separator
        try:
            if job.stretch is not None:
                stretcher = Stretcher(job.stretch, separator)
                result = write_stretch(stretcher, task.source, task.target, progress)
            elif job.remix is not None:
                result = write_remix(separator, task.source, job.remix, task.target, progress)
            else:
                result = write_separation(
                    *(separator, task.source, task.target, job.only, progress, (), job.excerpt)
                )
        except TicktoneError as error:
            result = failure(task.source, error)
        except Exception as error:  # an internal error, which must not cost the other files
            LOGGER.exception("%s", task.source)
            cause = f"internal error ({type(error).__name__}: {error}); please report it"
            result = failure(task.source, f"{task.source}: {cause}")
        if result.status != "done":
            result.method = separator.method.name
        return result
