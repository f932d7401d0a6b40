"""Work done in a thread of its own while what came of it before is still in use."""

import threading
from collections.abc import Generator, Iterable
from queue import Empty, Full, Queue
from typing import TypeVar

Item = TypeVar("Item")

_END = object()
_MOMENT = 0.1  # seconds after which a thread looks whether the other still wants anything


def ahead(items: Iterable[Item], most: int = 1) -> Generator[Item, None, None]:
    """Pass items on; the next ones are made meanwhile, in another thread.

    Close the iterator to end that early: it waits for the item that is being made.

    Parameters
    ----------
    items : iterable
        What it raises is raised here, after the items before.
    most : int
        How many to have ready, at the most.

    Examples
    --------
    >>> list(ahead(range(3)))
    [0, 1, 2]
    """
    made: Queue[object] = Queue(most)
    is_over = threading.Event()
    raised: list[BaseException] = []

    def put(item: object) -> bool:
        while not is_over.is_set():
            try:
                made.put(item, timeout=_MOMENT)
            except Full:
                continue
            return True
        return False

    def make() -> None:
        iterator = iter(items)
        try:
            for item in iterator:
                if not put(item):
                    break
        except BaseException as error:  # to be raised by who asks
            raised.append(error)
        finally:
            if (close := getattr(iterator, "close", None)) is not None:
                close()
            put(_END)

    thread = threading.Thread(target=make, name="ticktone-ahead", daemon=True)
    thread.start()
    try:
        while True:
            try:
                item = made.get(timeout=_MOMENT)  # with an end, or Ctrl-C would wait on Windows
            except Empty:
                continue
            if item is _END:
                break
            yield item  # type: ignore[misc]
    finally:
        is_over.set()
        thread.join()
    if raised:
        raise raised[0]
