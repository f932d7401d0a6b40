"""Many files: which they are, where their parts go, and several at a time."""

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
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

OnProgress = Callable[[Path, float], None]  # told the file and the fraction done


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
    """

    target: Target
    method: str
    options: Mapping[str, Any] = field(default_factory=dict)
    phase: str = DEFAULT_PHASE
    threads: int = 1
    only: str | None = None
    gains: Mapping[str, float] | None = None

    def separator(self) -> Separator:
        """Make it; raises `TicktoneError` for an unknown method, option, phase or part."""
        method = make_method(self.method, threads=self.threads, **self.options)
        separator = Separator(method, phase=self.phase, threads=self.threads)
        part_names(separator, self.only)
        return separator

    def parts(self, separator: Separator) -> list[str]:
        """List what is written for each file."""
        return [REMIX] if self.gains is not None else part_names(separator, self.only)

    def run(
        self, separator: Separator, source: Path, target: Target, progress: Progress | None = None
    ) -> FileResult:
        """Do it with one file; a failure that a user can mend is a result like any other."""
        try:
            if self.gains is not None:
                return remix_file(separator, source, self.gains, target, progress)
            return separate_file(separator, source, target, self.only, progress)
        except TicktoneError as error:
            return failure(source, error)


@dataclass(frozen=True)
class Task:
    """One file, and where its outputs go."""

    source: Path
    target: Target


def failure(source: Path, error: Exception | str) -> FileResult:
    """Tell that a file failed, and why, in one line."""
    return FileResult(str(source), status="failed", error=str(error).replace("\n", " "))


def find_tasks(
    paths: Sequence[Path], target: Target, parts: Sequence[str]
) -> tuple[list[Task], list[FileResult]]:
    """List the sound files that are named or lie in folders that are, at any depth.

    Parameters
    ----------
    paths : sequence of Path
    target : Target
        Its folder, if any, will mirror the tree of each folder in `paths`.
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
    for path in paths:
        if not os.path.isdir(path):
            tasks.append(Task(path, target))
            continue
        locked: list[OSError] = []
        found = sorted(_sound_files(path, locked))
        for error in locked:
            failures.append(failure(path, f"{error.filename}: may not be read: {error.strerror}"))
        if not found and not locked:
            failures.append(failure(path, f"{path}: holds no sound files; name one that does"))
        for source in found:
            folder = target.folder and target.folder / source.parent.relative_to(path)
            tasks.append(Task(source, replace(target, folder=folder)))
    tasks = list({_place(task.source): task for task in tasks}.values())  # each once
    kept, rivals = _without_collisions(tasks, parts)
    return kept, failures + rivals


def _sound_files(folder: Path, locked: list[OSError]) -> Iterator[Path]:
    for where, folders, names in os.walk(folder, onerror=locked.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(where, name)
            ours = Path(path.stem).suffix[1:] in (*PARTS, REMIX)
            sound = path.suffix[1:].lower() in READABLE and not name.startswith(".")
            if sound and not ours and os.path.isfile(path):
                yield path


def _without_collisions(
    tasks: list[Task], parts: Sequence[str]
) -> tuple[list[Task], list[FileResult]]:
    """Refuse files that would write the same outputs, or over another file that is to be read."""
    outputs = {id(task): [_output(task, part) for part in parts] for task in tasks}
    writers = defaultdict(list)
    for task in tasks:
        writers[outputs[id(task)][0]].append(task)
    sources = {_place(task.source): task.source for task in tasks}
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


def _place(path: Path) -> str:
    """Name a file uniquely: its folder without links, for it may not be there yet."""
    return f"{os.path.realpath(path.parent)}/{path.name}"


def _output(task: Task, part: str) -> str:
    """Predict where an output will go."""
    extension = task.source.suffix[1:]
    if task.target.format == "same":
        extension = _same_extension(task.source)
    else:
        extension = output_extension(task.target.format.upper(), extension)
    return _place(task.target.path(task.source, part, extension))


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
        separator = job.separator()
        for task in tasks:
            told = partial(on_progress, task.source) if on_progress else None
            yield job.run(separator, task.source, task.target, told)
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


_worker: tuple[Job, Separator, Any]


def _listen(queue: Any, on_progress: OnProgress) -> None:
    while (told := queue.get()) is not None:
        on_progress(*told)


def _prepare(job: Job, queue: Any) -> None:
    global _worker
    _worker = job, job.separator(), queue


def _work(task: Task) -> FileResult:
    job, separator, queue = _worker

    def told(done: float) -> None:
        queue.put((task.source, done))

    return job.run(separator, task.source, task.target, told if queue else None)
