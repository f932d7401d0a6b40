"""Many files: which they are, where their parts go, and several at a time."""

import logging
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from os import PathLike
from pathlib import Path, PurePath
from typing import Any

from ticktone.audio.ffmpeg import is_needed
from ticktone.audio.formats import READABLE, container_of, output_extension
from ticktone.errors import TicktoneError
from ticktone.files import (
    PARTS,
    REMIX,
    FileResult,
    Progress,
    Target,
    part_names,
    remix_file,
    separate_file,
)
from ticktone.methods import make_method
from ticktone.phase import DEFAULT as DEFAULT_PHASE
from ticktone.processes import DIED, in_processes
from ticktone.separator import Separator
from ticktone.stretch.file import STRETCH, stretch_file
from ticktone.stretch.stretcher import Stretcher, StretchSettings
from ticktone.uri import Location, Uri, location

OnProgress = Callable[[Location, float], None]  # told the file and the fraction done


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
    gains : mapping, optional
        In dB, by part: make one remix instead of the parts.
    stretch : StretchSettings, optional
        Write the recording at another speed or pitch instead of the parts.
    """

    target: Target
    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    phase: str = DEFAULT_PHASE
    threads: int = 1
    only: str | None = None
    gains: Mapping[str, float] | None = None
    stretch: StretchSettings | None = None

    def separator(self) -> Separator:
        """Make it; raises `TicktoneError` for an unknown method, option, phase or part."""
        method = make_method(self.method, threads=self.threads, **self.options)
        separator = Separator(method, phase=self.phase, threads=self.threads)
        part_names(separator, self.only)
        return separator

    def parts(self, separator: Separator) -> list[str]:
        """List what is written for each file."""
        if self.stretch is not None:
            return [STRETCH]
        return [REMIX] if self.gains is not None else part_names(separator, self.only)


@dataclass(frozen=True)
class Task:
    """One file, and where its outputs go."""

    source: Location
    target: Target


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
        """Do the job with one file; whatever goes wrong with it is a result like any other."""
        job, separator = self.job, self.separator
        try:
            if job.stretch is not None:
                stretcher = Stretcher(job.stretch, separator)
                result = stretch_file(stretcher, task.source, task.target, progress)
            elif job.gains is not None:
                result = remix_file(separator, task.source, job.gains, task.target, progress)
            else:
                result = separate_file(separator, task.source, task.target, job.only, progress)
        except TicktoneError as error:
            result = failure(task.source, error)
        except Exception as error:  # a mistake of ours, which must not cost the other files
            logging.getLogger("ticktone").exception("%s", task.source)
            cause = f"{type(error).__name__}: {error}"
            result = failure(task.source, f"{task.source}: {cause}; please report this mistake")
        result.method = separator.method.name
        return result


def failure(source: Location, error: Exception | str) -> FileResult:
    """Tell that a file failed, and why, in one line."""
    return FileResult(str(source), status="failed", error=str(error).replace("\n", " "))


def find_tasks(
    names: Sequence[str | PathLike[str]], target: Target, parts: Sequence[str]
) -> tuple[list[Task], list[FileResult]]:
    """List the sound files that are named or lie in folders that are, at any depth.

    Parameters
    ----------
    names : sequence of path-like
        Paths and URIs.
    target : Target
        Its folder, if any, will mirror the tree of each folder in `names`, and the whole path of
        each file that is named by a URI.
    parts : sequence of str
        What will be written for each file.

    Returns
    -------
    tasks : list of Task
    failures : list of FileResult
        For folders without sound files or permission, and files whose outputs would collide.

    Notes
    -----
    In folders, files are told by their extensions, and those that ticktone itself has written
    (`NAME.harmonic.EXT` and the like) are passed over, as are hidden files and folders.
    """
    tasks, failures = [], []
    for path in names:
        name = os.fspath(path)
        where = location(name)
        locked: list[OSError] = []
        try:
            if not _is_folder(where):
                tasks.append(Task(where, _mirrored(target, _named_path(name))))
                continue
            found = sorted(_sound_files(where, locked))
        except TicktoneError as error:
            failures.append(failure(where, error))
            continue
        for problem in locked:
            cause = f"{problem.filename}: may not be read: {problem.strerror}"
            failures.append(failure(where, cause))
        if not found and not locked:
            failures.append(failure(where, f"{where}: holds no sound files; name one that does"))
        tasks += [Task(source, _mirrored(target, path)) for source, path in found]
    tasks = list({place_name(task.source): task for task in tasks}.values())  # each once
    kept, rivals = _without_collisions(tasks, parts)
    return kept, failures + rivals


def _is_folder(where: Location) -> bool:
    if isinstance(where, Path):
        return os.path.isdir(where)
    if where.suffix[1:].lower() in READABLE:  # to ask about each of very many would take hours
        return False
    there = where.state()
    return there is not None and there.is_folder


def _named_path(name: str) -> PurePath:
    """Give the path of a file that is named by a URI; of another, nothing."""
    _, _, path = name.partition("://")
    return PurePath(*path.split("/")[:-1])


def _mirrored(target: Target, path: PurePath) -> Target:
    return target if target.folder is None else replace(target, folder=target.folder / path)


def _sound_files(folder: Location, locked: list[OSError]) -> Iterator[tuple[Location, PurePath]]:
    """Give sound files and the folders, within the folder, that they lie in."""
    for path, within in _files(folder, locked):
        ours = PurePath(path.stem).suffix[1:] in (*PARTS, REMIX, STRETCH)
        if path.suffix[1:].lower() in READABLE and not ours and not path.name.startswith("."):
            yield path, within


def _files(folder: Location, locked: list[OSError]) -> Iterator[tuple[Location, PurePath]]:
    """Give all files but those in hidden folders, and the folders that they lie in."""
    if isinstance(folder, Uri):
        for uri in folder.files():
            within = uri.parent.relative_to(folder)
            if not any(name.startswith(".") for name in within.parts):
                yield uri, within
        return
    for where, folders, names in os.walk(folder, onerror=locked.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(where, name) for name in names):
            if os.path.isfile(path):
                yield path, path.parent.relative_to(folder)


def _without_collisions(
    tasks: list[Task], parts: Sequence[str]
) -> tuple[list[Task], list[FileResult]]:
    """Refuse files that would write the same outputs, or over another file that is to be read."""
    outputs = {id(task): [_output(task, part) for part in parts] for task in tasks}
    writers = defaultdict(list)
    for task in tasks:
        writers[outputs[id(task)][0]].append(task)
    sources = {place_name(task.source): task.source for task in tasks}
    kept, failures = [], []
    for task in tasks:
        rivals = [other for other in writers[outputs[id(task)][0]] if other is not task]
        eaten = [sources[path] for path in outputs[id(task)] if path in sources]
        eaten = [source for source in eaten if source != task.source]
        if rivals:
            cause = f"{rivals[0].source} would write the same outputs; rename one of them"
        elif eaten and task.target.existing == "overwrite":
            cause = f"would overwrite {eaten[0]}, which is to be read; choose an --output"
        else:
            kept.append(task)
            continue
        failures.append(failure(task.source, f"{task.source}: {cause}"))
    return kept, failures


def place_name(path: Location) -> str:
    """Name a file uniquely: its folder without links, for it may not be there yet."""
    if isinstance(path, Uri):
        return str(path)
    return f"{os.path.realpath(path.parent)}/{path.name}"


def _output(task: Task, part: str) -> str:
    """Predict where an output will go."""
    extension = task.source.suffix[1:]
    if task.target.format != "same":
        extension = output_extension(task.target.format.upper(), extension)
    elif isinstance(task.source, Path):  # into what is elsewhere there are too many looks
        extension = _same_extension(task.source)
    return place_name(task.target.path(task.source, part, extension))


def _same_extension(source: Path) -> str:
    """Predict the extension by a file's first bytes, as its name may not tell the truth."""
    magic = b""
    if os.path.isfile(source):  # a pipe would be waited for
        with suppress(OSError), source.open("rb") as file:  # it will be told when its turn comes
            magic = file.read(16)
    container = "FLAC" if is_needed(magic) else container_of(magic)
    own = source.suffix[1:]
    return own if container is None else output_extension(container, own)


def run_tasks(
    job: Job, tasks: Sequence[Task], jobs: int = 1, on_progress: OnProgress | None = None
) -> Iterator[FileResult]:
    """Do the job with every file, several at a time in processes of their own.

    Parameters
    ----------
    job : Job
    tasks : sequence of Task
    jobs : int
        How many at a time.
    on_progress : callable, optional

    Yields
    ------
    FileResult
        In order of completion. A process that dies costs only the files in hand at the time.
    """
    if min(jobs, len(tasks)) <= 1:
        worker = Worker(job)
        for task in tasks:
            yield worker(task, partial(on_progress, task.source) if on_progress else None)
        return
    queue = get_context("spawn").SimpleQueue() if on_progress else None
    listener = threading.Thread(target=_listen, args=(queue, on_progress), daemon=True)
    if queue is not None:
        listener.start()
    try:
        with closing(in_processes(_work, tasks, jobs, _prepare, (job, queue))) as results:
            for task, result in results:
                yield result or failure(task.source, f"{task.source}: {DIED}")
    finally:
        if queue is not None:
            queue.put(None)
            listener.join()


_worker: tuple[Worker, Any]


def _listen(queue: Any, on_progress: OnProgress) -> None:
    while (told := queue.get()) is not None:
        on_progress(*told)


def _prepare(job: Job, queue: Any) -> None:
    global _worker
    _worker = Worker(job), queue


def _work(task: Task) -> FileResult:
    worker, queue = _worker

    def told(done: float) -> None:
        queue.put((task.source, done))

    return worker(task, told if queue else None)
