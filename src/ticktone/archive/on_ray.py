"""Many songs on many machines, by Ray Data.

Every machine needs the same ticktone and reaches the songs and the outputs by the same paths or
URIs. The program that calls this lists the songs, hands them out one by one and keeps the manifest.
"""

import logging
import os
import pickle
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ticktone.archive.job import Job, Task, Worker
from ticktone.archive.result import FileResult, failure
from ticktone.errors import TicktoneError
from ticktone.storage.location import Location, as_text, canonical_name

ATTEMPTS = 3  # at a song whose worker dies or is lost, again and again
DIED = f"its process died or was lost {ATTEMPTS} times; is the file damaged, or memory short?"


def run_on_ray(
    job: Job, tasks: Sequence[Task], workers: int | None = None, address: str | None = None
) -> Iterator[FileResult]:
    """Process every file on a Ray cluster.

    Parameters
    ----------
    job : Job
    tasks : sequence of Task
    workers : int, optional
        Files at a time. Default: as many as the cluster has CPUs for.
    address : str, optional
        The cluster's.

    Yields
    ------
    FileResult
        In order of completion. A song whose worker dies or is lost with its machine is tried again.

    Raises
    ------
    TicktoneError
        If Ray is missing or fails.
    """
    if not tasks:
        return
    with _connected(address) as ray:
        from ray.data import ActorPoolStrategy, DataContext

        DataContext.get_current().enable_progress_bars = False
        fitting = int(ray.cluster_resources().get("CPU", 1)) // job.threads
        size = max(1, min(workers or fitting, len(tasks)))
        # A song to a block, so that each is handed out, given back and tried again by itself.
        rows = [{"task": pickle.dumps(_from_anywhere(task))} for task in tasks]
        songs = ray.data.from_items(rows, override_num_blocks=len(rows))
        results = songs.map(
            _Actor,
            fn_constructor_args=(job, _attempts(ray)),
            compute=ActorPoolStrategy(size=size, max_tasks_in_flight_per_actor=1),
            num_cpus=job.threads,
        )
        for row in results.iter_rows():
            yield pickle.loads(row["result"])


class _Actor:
    """A worker that Ray keeps, and starts again elsewhere if it is lost."""

    def __init__(self, job: Job, attempts: Any) -> None:
        self.worker, self.attempts = Worker(job), attempts

    def __call__(self, row: dict[str, bytes]) -> dict[str, bytes]:
        import ray

        task: Task = pickle.loads(row["task"])
        if ray.get(self.attempts.begin.remote(as_text(canonical_name(task.source)))) > ATTEMPTS:
            result = failure(task.source, f"{task.source}: {DIED}")
        else:
            result = self.worker(task)
        return {"result": pickle.dumps(result)}


class _Attempts:
    """Counts the attempts at each song: Ray would try for ever what ends a worker every time."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)

    def begin(self, name: str) -> int:
        """Count one more, and say how many that makes."""
        self.counts[name] += 1
        return self.counts[name]


def _attempts(ray: Any) -> Any:
    """Start the counter, which begins anew elsewhere if its machine is lost."""
    forever = {"max_restarts": -1, "max_task_retries": -1}
    return ray.remote(_Attempts).options(num_cpus=0, **forever).remote()


def _from_anywhere(task: Task) -> Task:
    """Return a local file's absolute path, for processes with another working folder."""

    def absolute(where: Location) -> Location:
        return where.absolute() if isinstance(where, Path) else where

    folder = task.target.folder
    target = replace(task.target, folder=None if folder is None else absolute(folder))
    return Task(absolute(task.source), target)


@contextmanager
def _connected(address: str | None) -> Iterator[Any]:
    """Connect to Ray, in the `with` block, without its own lines and its reports of usage.

    Raises
    ------
    TicktoneError
        If Ray is missing, cannot be reached, or fails.
    """
    if find_spec("ray") is None:
        raise TicktoneError("this needs Ray; install it by: pip install 'ticktone[ray]'")
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import ray
    import ray.data  # here, as loading it may fail
    from ray.exceptions import RayError

    ours = not ray.is_initialized()
    if ours:
        before = signal.getsignal(signal.SIGTERM)
        try:
            ray.init(
                address,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except Exception as error:  # as Ray's own are of any kind
            raise TicktoneError(f"Ray cannot be reached: {_line(error)}", address) from None
        if before is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)  # Ray puts its own there
    try:
        yield ray
    except RayError as error:
        raise TicktoneError(f"Ray failed: {_line(error)}") from error
    finally:
        if ours:
            ray.shutdown()


_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_LOG_LEVEL": "ERROR",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
