"""Ended, killed or watched while at work."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.support.files import names
from tests.support.patience import PATIENCE, wait_until

pytestmark = pytest.mark.slow  # all of it is about processes

# Python's own start may swallow Ctrl-C, or end in its own way: this tells when it is over.
SAYS_WHEN_IT_LISTENS = """
import signal

def listen(*arguments):
    signal.signal = original
    before = signal.signal(*arguments)
    print("listening", flush=True)
    return before

original, signal.signal = signal.signal, listen
from ticktone.cli import main
main()
"""


def start(*arguments, how=("-m", "ticktone")):
    return subprocess.Popen(
        [sys.executable, *how, *map(str, arguments)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=listen_to_the_terminal,
    )


def listen_to_the_terminal():
    """Undo what shells do to programs in the background: these ignore Ctrl-C and Ctrl-\\."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def wait_for_work(folder, process):
    def works():
        assert process.poll() is None, process.communicate()
        with suppress(FileNotFoundError):  # one may be finished just then
            return any(part.stat().st_size > 10_000 for part in folder.glob(".*.part"))

    wait_until(works, 0.02)


def test_ctrl_c_at_any_moment_ends_it(song, tmp_path):
    path = song("a.wav", 600.0, 8000)
    for moment in np.linspace(0.0, 0.6, 8):
        process = start(
            "separate", path, "-m", "hpr", "--overwrite", how=("-c", SAYS_WHEN_IT_LISTENS)
        )
        assert process.stdout.readline() == b"listening\n"
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130, errors
        assert b"Traceback" not in errors
        assert names(tmp_path) == ["a.wav"]


def test_without_standard_error_it_still_works(song, tmp_path):
    path = song("a.wav", 0.2)
    command = f"{sys.executable} -m ticktone separate {path} 2>&-"
    assert subprocess.run(["sh", "-c", command], check=False, capture_output=True).returncode == 0
    assert len(names(tmp_path)) == 3


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_nothing_half_written(song, tmp_path, jobs, sent, code):
    for name in ("in/a.wav", "in/b.wav", "in/c.wav"):
        song(name, 90.0)
    (tmp_path / "out").mkdir()
    process = start("separate", tmp_path / "in", "-o", tmp_path / "out", "-j", jobs, "-m", "hpr")
    wait_for_work(tmp_path / "out", process)
    process.send_signal(sent)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert all("a." in name for name in names(tmp_path / "out") if jobs == 1)
    assert not list((tmp_path / "out").glob(".*"))


def test_a_killed_run_leaves_nothing_that_looks_finished(song, run, tmp_path):
    path = song("a.wav", 90.0)
    process = start("separate", path, "-m", "hpr")
    wait_for_work(tmp_path, process)
    process.kill()
    process.communicate()
    assert [name for name in names(tmp_path) if not name.startswith(".")] == ["a.wav"]


def test_nothing_is_asked_of_the_network(song, tmp_path):
    code = (
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event.startswith('socket.'): raise SystemExit(f'asked for {event}')\n"
        "sys.addaudithook(hook)\n"
        "from ticktone.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "separate", song("a.wav", 0.5)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_terminal_gets_a_progress_bar(song, tmp_path):
    import pty

    path = song("a.wav", 20.0)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ticktone", "separate", path],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    )
    os.close(theirs)
    seen = b""
    with suppress(OSError):  # which reading a closed terminal gives
        while chunk := os.read(ours, 4096):
            seen += chunk
    assert process.wait() == 0
    assert b"a.wav" in seen
    assert b"%" in seen


def test_a_worker_that_dies_costs_only_the_files_in_hand(song, tmp_path):
    for number in range(6):
        song(f"in/{number}.wav", 30.0)
    (tmp_path / "out").mkdir()
    process = start(
        *("separate", tmp_path / "in", "-o", tmp_path / "out", "-j", 2, "-m", "hpr", "--json")
    )
    wait_for_work(tmp_path / "out", process)
    workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(workers[-1]), signal.SIGKILL)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    records = [json.loads(line) for line in output.splitlines()]
    assert len(records) == 6
    failed = [record for record in records if record["status"] == "failed"]
    assert 1 <= len(failed) <= 2
    assert all("its process died" in record["error"] for record in failed)
    finished = [name for name in names(tmp_path / "out") if not name.startswith(".")]
    assert len(finished) == 3 * (6 - len(failed))
    assert b"Traceback" not in errors


def test_a_killed_parent_takes_its_workers_along(song, tmp_path):
    for number in range(4):
        song(f"in/{number}.wav", 60.0)
    (tmp_path / "out").mkdir()
    process = start("separate", tmp_path / "in", "-o", tmp_path / "out", "-j", 2, "-m", "hpr")
    wait_for_work(tmp_path / "out", process)
    process.kill()
    process.communicate(timeout=PATIENCE)  # which waits for all that hold its pipes
    assert not list((tmp_path / "out").glob(".*"))
    assert len(names(tmp_path / "out")) < 8
