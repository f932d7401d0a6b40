"""Many files, several at a time, in processes of this computer."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from multiprocessing import get_context
from typing import Any

from ticktone.archive.job import Job, Task, Worker
from ticktone.archive.result import FileResult, failure
from ticktone.processes import DIED, in_processes
from ticktone.storage.location import Location

OnProgress = Callable[[Location, float], None]  # called with the file and the fraction done


def run_tasks(
    job: Job, tasks: Sequence[Task], jobs: int = 1, on_progress: OnProgress | None = None
) -> Iterator[FileResult]:
    """Process every file, several at a time in processes of their own.

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
        with closing(in_processes(_Reporting, (job, queue), tasks, jobs)) as results:
            for task, result in results:
                yield result or failure(task.source, f"{task.source}: {DIED}")
    finally:
        if queue is not None:
            queue.put(None)
            listener.join()


def _listen(queue: Any, on_progress: OnProgress) -> None:
    while (report := queue.get()) is not None:
        on_progress(*report)


class _Reporting:
    """A worker in a process of its own, which reports its progress to a queue."""

    def __init__(self, job: Job, queue: Any) -> None:
        self.worker, self.queue = Worker(job), queue

    def __call__(self, task: Task) -> FileResult:
        if self.queue is None:
            return self.worker(task)
        return self.worker(task, lambda done: self.queue.put((task.source, done)))
