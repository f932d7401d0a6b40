"""Tasks done several at a time, in processes of their own."""

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from types import FrameType
from typing import Any, TypeVar

from ticktone.system import SYSTEM

Task = TypeVar("Task")
Result = TypeVar("Result")

_QUIT = getattr(signal, "SIGQUIT", None)  # which not every system has
DIED = "its process died, perhaps for want of memory; try again with --jobs 1"


def in_processes(
    make_worker: Callable[..., Callable[[Task], Result]],
    arguments: tuple[Any, ...],
    tasks: Sequence[Task],
    jobs: int,
) -> Generator[tuple[Task, Result | None], None, None]:
    """Run a worker on every task. Close the iterator to end the processes early.

    A single task, or one at a time, is done in this process.

    Parameters
    ----------
    make_worker : callable
        Called once in each process, with the `arguments`; returns what is called with each task.
        All these are sent to other processes, so functions must be those of a module.
    arguments : tuple
    tasks : sequence
    jobs : int
        How many at a time.

    Yields
    ------
    task : object
        In order of completion.
    result : object
        None if the process died. It costs only the tasks in hand at the time.
    """
    if min(jobs, len(tasks)) <= 1:
        worker = make_worker(*arguments)
        for task in tasks:
            yield task, worker(task)
        return
    context = get_context("spawn")  # forking a process that has threads is not safe
    waiting = iter(tasks)
    running: dict[Future[Result], Task] = {}

    def fresh_pool() -> ProcessPoolExecutor:
        return ProcessPoolExecutor(jobs, context, _start_worker, (make_worker, arguments))

    pool = fresh_pool()
    try:
        while True:
            for task in islice(waiting, jobs - len(running)):
                try:
                    future = pool.submit(_work, task)
                except BrokenProcessPool:
                    pool = fresh_pool()
                    future = pool.submit(_work, task)
                running[future] = task
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task = running.pop(future)
                died = isinstance(future.exception(), BrokenProcessPool)
                yield task, None if died else future.result()
    except BaseException:
        for process in active_children():
            process.terminate()  # they remove what they have half written
        raise
    finally:
        pool.shutdown(cancel_futures=True)


class WorkProcess:
    """A piece of work in a process of its own, which sends messages of how it goes.

    The process ends with this one, however that ends.

    Parameters
    ----------
    work : callable
        A module's function. Called with the `arguments` and a function that sends what it is
        called with, anything small that can be pickled.
    arguments : tuple

    Attributes
    ----------
    messages : Connection
        Receives what the work sends; raises `EOFError` once the process has ended.
    """

    def __init__(self, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        context = get_context("spawn")  # as above
        self.messages, sender = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_work_with_messages, args=(work, arguments, sender), daemon=True
        )
        self._process.start()
        sender.close()  # or its end would never be seen

    def end(self) -> None:
        """End the process at once, if it has not ended; what it has half written stays."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self.messages.close()


def _work_with_messages(work: Callable[..., None], arguments: tuple[Any, ...], sender: Any) -> None:
    _start()
    work(*arguments, sender.send)


@contextmanager
def cleaning_up() -> Iterator[None]:
    """Turn signals that would end the program into exceptions that clean up, in the `with` block.

    Those that are ignored, as SIGHUP is under nohup, still are; so are more of them while it
    cleans up, except SIGQUIT, by which a user ends what does not end.
    """
    before = {number: signal.getsignal(number) for number in SYSTEM.ending}
    for number, handler in before.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is signal.SIG_DFL:
                signal.signal(number, handler)


def stop(signum: int, _: FrameType | None) -> None:
    """Handle a signal by an exception, so that what is half done is cleaned up."""
    for number in SYSTEM.ending:  # whatever else comes meanwhile
        if signal.getsignal(number) is stop:
            signal.signal(number, signal.SIG_DFL if number == _QUIT else signal.SIG_IGN)
    raise SystemExit(128 + signum)


_worker: Callable[[Any], Any]  # of this process, if it is one of a pool


def _start_worker(make_worker: Callable[..., Callable[[Any], Any]], arguments: Any) -> None:
    global _worker
    _start()
    _worker = make_worker(*arguments)


def _start() -> None:
    for number in (signal.SIGINT, *SYSTEM.from_terminal):
        signal.signal(number, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End when the parent has ended, in whatever way."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    SYSTEM.end_this_process()


def _work(task: Any) -> Any:
    """Work; if asked to end, clean up and end.

    While the process waits for work, signals end it in the system's own way: an exception amid the
    reading of a task would leave half of it to the next process.
    """
    try:
        with cleaning_up():
            return _worker(task)
    except SystemExit as error:
        os._exit(error.code if isinstance(error.code, int) else 1)
