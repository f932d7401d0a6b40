"""Progress by a clock of the test's own: no bars, no waiting."""

import doctest
from pathlib import Path

import pytest

from ticktone.cli import progress
from ticktone.cli.progress import Bars, Estimate


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_the_time_left_follows_the_pace_and_runs_down(clock):
    estimate = Estimate(7, clock)
    assert str(estimate) == "0 of 7"
    clock.now = 10.0
    estimate.update(0.5)  # half of the first file in ten seconds
    assert str(estimate) == "0 of 7, 2:10 left"
    clock.now = 20.0
    assert estimate.left == ", 2:00 left"
    estimate.finish()
    assert str(estimate) == "1 of 7, 2:00 left"
    for _ in range(6):
        estimate.finish()
    assert str(estimate) == "7 of 7"


def test_files_that_are_passed_over_do_not_count_as_work(clock):
    estimate = Estimate(101, clock)
    for _ in range(99):
        estimate.finish(worked=False)
    assert estimate.left == ""
    clock.now = 3600.0
    estimate.finish()
    assert str(estimate) == "100 of 101, 1:00:00 left"


@pytest.mark.parametrize(
    ("lines", "expected"), [(True, ["2 of 9, 0:21 left", "7 of 9, 0:11 left"]), (False, [])]
)
def test_without_a_terminal_there_is_a_line_now_and_then(clock, capsys, lines, expected):
    with Bars(9, shown=False, whole="songs", lines=lines, clock=clock) as bars:
        for number in range(9):
            clock.now += 3.0 if number < 2 else 6.5
            bars.finish(Path(f"{number}.wav"))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [f"ticktone: songs: {line}" for line in expected]


def test_of_a_single_item_the_share_is_told(clock, capsys):
    with Bars(1, shown=False, whole="opening songs", lines=True, clock=clock) as bars:
        for done in (0.25, 0.5, 0.75):
            clock.now += 4.0
            bars.update(Path("songs"), done)
    assert capsys.readouterr().err == "ticktone: opening songs: 50%, 0:08 left\n"


def test_the_example_runs():
    result = doctest.testmod(progress)
    assert (result.attempted, result.failed) == (4, 0)
