"""Every signal that ends a program lets it clean up first."""

import signal
import subprocess

import pytest

from tests.cli.test_interruption import start, wait_for_work
from tests.support.files import names
from tests.support.patience import PATIENCE
from ticktone.processes import cleaning_up
from ticktone.system import SYSTEM


@pytest.fixture(autouse=True)
def _hanging_up_is_not_ignored():
    """Where the tests run under nohup, it would be, by what they start too."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def at_work(song, folder, jobs, *options):
    for number in range(jobs):
        song(f"in/{number}.wav", 90.0)
    (folder / "out").mkdir()
    arguments = (folder / "in", "-o", folder / "out", "-j", jobs, "-m", "hpr", *options)
    process = start("separate", *arguments)
    wait_for_work(folder / "out", process)
    return process


@pytest.mark.parametrize("sent", SYSTEM.ending)
def test_it_is_an_exception_that_cleans_up(sent):
    before = signal.getsignal(sent)
    signal.signal(sent, signal.SIG_DFL)
    try:
        with pytest.raises(SystemExit) as raised, cleaning_up():
            signal.raise_signal(sent)
        assert raised.value.code == 128 + sent
        assert signal.getsignal(sent) == signal.SIG_DFL
    finally:
        signal.signal(sent, before)


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU])
def test_it_leaves_nothing_half_written(song, tmp_path, sent):
    process = at_work(song, tmp_path, 1)
    process.send_signal(sent)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + sent
    assert b"Traceback" not in errors
    assert names(tmp_path / "out") == []


@pytest.mark.slow
def test_a_terminal_that_hangs_up_ends_all_of_it(song, tmp_path):
    process = at_work(song, tmp_path, 2)
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:  # noqa: PTH123
        workers = file.read().split()
    assert len(workers) >= 2
    process.send_signal(signal.SIGHUP)  # the terminal's window was closed ...
    for worker in workers:
        subprocess.run(["kill", "-HUP", worker], check=False)  # ... for all that were in it
    process.stdout.close()
    process.stderr.close()
    process.wait(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGHUP
    assert names(tmp_path / "out") == []


@pytest.mark.slow
def test_what_is_ignored_stays_ignored(song, tmp_path):
    song("a.wav", 20.0)
    code = "trap '' HUP; exec \"$@\""
    import sys

    command = ["sh", "-c", code, "sh", sys.executable, "-m", "ticktone", "separate", "a.wav"]
    process = subprocess.Popen([*command, "-m", "hpr", "--quiet"], cwd=tmp_path)
    wait_for_work(tmp_path, process)
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=PATIENCE) == 0
    assert len(names(tmp_path)) == 4
