"""Many songs on many machines, by Ray Data.

Every machine needs the same ticktone and reaches the songs and the outputs by the same paths or
URIs. The program that calls this lists the songs, hands them out one by one and keeps the manifest.
"""

import logging
import os
import pickle
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import Any

from ticktone.batch import Job, Task, Worker, failure, find_tasks, place_name
from ticktone.errors import TicktoneError
from ticktone.files import FileResult, Target
from ticktone.manifest import Manifest, recorded
from ticktone.methods import DEFAULT
from ticktone.phase import DEFAULT as DEFAULT_PHASE
from ticktone.uri import Location, location

ATTEMPTS = 3  # at a song whose worker dies or is lost, again and again
DIED = f"its process died or was lost {ATTEMPTS} times; is the file damaged, or memory short?"


def separate_dataset(
    sources: Sequence[str | PathLike[str]],
    output: str | PathLike[str] | None = None,
    *,
    manifest: str | PathLike[str],
    method: str = DEFAULT,
    options: Mapping[str, Any] | None = None,
    phase: str = DEFAULT_PHASE,
    only: str | None = None,
    format: str = "same",
    subtype: str | None = None,
    float_: bool = False,
    existing: str = "refuse",
    threads: int = 1,
    workers: int | None = None,
    address: str | None = None,
    on_result: Callable[[FileResult], object] | None = None,
) -> dict[str, int]:
    """Separate very many songs on a Ray cluster; what the manifest has as finished is not redone.

    Parameters
    ----------
    sources : sequence of path-like
        Sound files and folders of them, as paths or URIs (``s3://bucket/folder``).
    output : path-like, optional
        Folder of the parts, or its URI. The tree of each folder in `sources` is mirrored there, and
        the whole path of each file that is named by a URI. Default: beside each file.
    manifest : path-like
        Folder, or its URI, for the manifest: see `ticktone.manifest`.
    method : str
    options : mapping, optional
        The method's.
    phase : str
    only : str, optional
        Write this part alone.
    format, subtype, float_
        As `ticktone.audio.formats.output_format`.
    existing : {"refuse", "overwrite", "skip"}
        What to do where a part is there from before the manifest was begun.
    threads : int
        To each worker; so many CPUs of Ray's it takes.
    workers : int, optional
        Songs at a time. Default: as many as the cluster has CPUs for.
    address : str, optional
        The cluster's. Default: the one that Ray finds, or one of this machine's own, for as long
        as it takes.
    on_result : callable, optional
        Called with every `FileResult`, in order of completion.

    Returns
    -------
    dict
        How many songs are "done", "skipped" and "failed". The manifest tells which, and why.

    Raises
    ------
    TicktoneError
        If an option is unknown, the manifest is another job's, or Ray is missing or fails.
    """
    folder = None if output is None else location(output)
    target = Target(folder, format, subtype, float_, existing)
    job = Job(target, method, dict(options or {}), phase, threads, only)
    tasks, failures = find_tasks(sources, target, job.parts(job.separator()))
    run = partial(run_on_ray, job, workers=workers, address=address)
    counts: Counter[str] = Counter()
    for result in recorded(Manifest(location(manifest), job), tasks, failures, run):
        counts[result.status] += 1
        if on_result is not None:
            on_result(result)
    return dict(counts)


def run_on_ray(
    job: Job, tasks: Sequence[Task], workers: int | None = None, address: str | None = None
) -> Iterator[FileResult]:
    """Do the job with every file on a Ray cluster.

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
        if ray.get(self.attempts.begin.remote(place_name(task.source))) > ATTEMPTS:
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
    """Name local files so that a process with another working folder finds them."""

    def absolute(where: Location) -> Location:
        return where.absolute() if isinstance(where, Path) else where

    folder = task.target.folder
    target = replace(task.target, folder=None if folder is None else absolute(folder))
    return Task(absolute(task.source), target)


@contextmanager
def _connected(address: str | None) -> Iterator[Any]:
    """Be connected to Ray, which is to be as silent as we are, and to ask nothing of the network.

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
