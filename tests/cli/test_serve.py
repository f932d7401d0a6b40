"""`ticktone serve`: every option changes something."""

import os
import socket
from pathlib import Path

import httpx
import pytest

from tests.page.conftest import serving


def test_limits_are_what_was_asked_for():
    options = {
        **{"--max-upload": 3, "--max-duration": 0.5, "--jobs": 3, "--threads": 2, "--queue": 4},
        **{"--kept": 5, "--keep": 7},
    }
    flat = [word for pair in options.items() for word in pair]
    with serving("-m", "hpr", *flat) as (address, _):
        told = httpx.get(f"{address}/api").json()
    assert told["limits"] == {
        **{"upload": 3_000_000, "duration": 30.0, "jobs": 3, "threads": 2, "queue": 4},
        **{"kept": 5, "keep": 420.0},
    }
    assert told["default"] == "hpr"
    assert told["load"] == {"working": 0, "waiting": 0, "room": 7}


def test_the_default_is_a_job_for_each_core():
    with serving() as (address, _):
        limits = httpx.get(f"{address}/api").json()["limits"]
    assert (limits["jobs"], limits["threads"]) == (len(os.sched_getaffinity(0)), 1)


def test_it_listens_on_the_port_asked_for_and_to_this_computer_alone(run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("serve", "--port", port, "--no-open")
    assert done.returncode == 1
    assert done.stderr.startswith(f"ticktone: port {port} cannot be used: ")
    with serving("--port", port) as (address, process):
        assert address == f"http://127.0.0.1:{port}"
        inodes = {
            str(fd.readlink())[8:-1]
            for fd in Path(f"/proc/{process.pid}/fd").iterdir()
            if str(fd.readlink()).startswith("socket:")
        }
        network = Path(f"/proc/{process.pid}/net")
        lines = [line for name in ("tcp", "tcp6") for line in (network / name).open()]
        listening = {
            fields[1]
            for fields in map(str.split, lines)
            if fields[3] == "0A" and fields[9] in inodes
        }
        assert listening == {f"0100007F:{port:04X}"}


@pytest.mark.parametrize(("option", "opened"), [("--open", True), ("--no-open", False)])
def test_it_opens_the_browser_unless_told_not_to(tmp_path, option, opened):
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho $1 > {tmp_path}/opened\n")
    browser.chmod(0o755)
    env = {**os.environ, "BROWSER": str(browser)}
    with serving(option, env=env) as (address, _):
        httpx.get(address)
    told = tmp_path / "opened"
    assert told.exists() == opened
    if opened:
        assert told.read_text().strip() == f"{address}/"


def test_an_unknown_method_is_refused(run):
    done = run("serve", "--port", "0", "--no-open", "-m", "mediann")
    assert done.returncode == 1
    assert "did you mean median?" in done.stderr


def test_without_its_packages_it_says_what_to_install(run, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in ('starlette', 'uvicorn'):\n"
        "            raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Without())\n"
    )
    done = run("serve", "--no-open", env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    assert "pip install 'ticktone[page]'" in done.stderr
