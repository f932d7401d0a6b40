"""Work in a thread of its own."""

import threading
import time

import pytest

from tests.support.patience import wait_until
from ticktone.ahead import ahead


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "ticktone-ahead"]


def test_items_come_in_order_from_another_thread():
    here = threading.current_thread()
    made_in = []

    def items():
        for number in range(50):
            made_in.append(threading.current_thread())
            yield number

    assert list(ahead(items())) == list(range(50))
    assert here not in made_in
    assert threads() == []


def test_the_next_is_made_meanwhile_and_no_more_than_asked_for():
    made = []

    def items():
        for number in range(9):
            made.append(number)
            yield number

    running = ahead(items(), most=1)
    next(running)
    wait_until(lambda: len(made) == 3, 0.01)  # one is ready, one waits for its place
    time.sleep(0.3)  # in which no more may come
    assert made == [0, 1, 2]
    running.close()


def test_what_is_raised_comes_after_the_items_before():
    def items():
        yield 1
        raise ValueError("second")

    running = ahead(items())
    assert next(running) == 1
    with pytest.raises(ValueError, match="second"):
        next(running)
    assert threads() == []


def test_closing_ends_the_thread_and_the_generator():
    ended = []

    def items():
        try:
            while True:
                yield 0
        finally:
            ended.append(True)

    running = ahead(items())
    next(running)
    running.close()
    assert ended
    assert threads() == []
