"""`ticktone serve`: every option changes something."""

import os
import socket

import httpx
import pytest

from tests.page.conftest import serving
from tests.support.patience import wait_until


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_default_is_a_job_for_each_core():
    with serving() as (address, _):
        limits = httpx.get(f"{address}/api").json()["limits"]
    assert (limits["jobs"], limits["threads"]) == (len(os.sched_getaffinity(0)), 1)


@pytest.mark.slow
def test_it_listens_on_the_port_asked_for_and_to_this_computer_alone(run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("serve", "--port", port, "--no-open")
    assert done.returncode == 1
    assert done.stderr.startswith(f"ticktone: port {port} cannot be used: ")
    with serving("--port", port) as (address, process):
        assert address == f"http://127.0.0.1:{port}"
        assert httpx.get(address).status_code == 200
        for elsewhere in ("127.0.0.2", "::1"):  # which reach whoever listens to every address
            with pytest.raises(OSError, match=r"refused|not available|unreachable"):
                socket.create_connection((elsewhere, port))
        assert process.poll() is None


@pytest.mark.slow
@pytest.mark.parametrize(("option", "opened"), [("--open", True), ("--no-open", False)])
def test_it_opens_the_browser_unless_told_not_to(tmp_path, option, opened):
    browser = tmp_path / "browser"
    browser.write_text(
        f"#!/bin/sh\necho $1 > {tmp_path}/beside\nmv {tmp_path}/beside {tmp_path}/opened\n"
    )
    browser.chmod(0o755)
    env = {**os.environ, "BROWSER": str(browser)}
    told = tmp_path / "opened"
    with serving(option, env=env) as (address, _):
        if opened:
            wait_until(told.exists)
    assert told.exists() == opened
    if opened:
        assert told.read_text().split() == [f"{address}/"]


def test_an_unknown_method_is_refused(run):
    done = run("serve", "--port", "0", "--no-open", "-m", "mediann")
    assert done.returncode == 1
    assert "did you mean median or" in done.stderr


def test_without_its_packages_it_says_what_to_install(run_process, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in ('starlette', 'uvicorn'):\n"
        "            raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Without())\n"
    )
    done = run_process("serve", "--no-open", env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    assert "pip install 'ticktone[page]'" in done.stderr
