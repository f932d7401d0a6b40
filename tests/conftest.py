import ctypes.util
import math
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import settings
from threadpoolctl import threadpool_limits
from typer.testing import CliRunner

from tests.support.patience import PATIENCE
from tests.support.sounds import music
from ticktone.cli.commands import app

# Several tests run at a time: one thread of BLAS each, in the processes that they start too.
threadpool_limits(1)
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# Nor need each process compile the package and the tests anew, where that is not kept by default.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile("all", deadline=None, max_examples=25, derandomize=True)
settings.register_profile("fast", settings.get_profile("all"), max_examples=5)

DEMO = Path(__file__).parents[1] / "examples" / "demo"


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("fast" if "not slow" in config.getoption("markexpr") else "all")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for kind, find in (("program", shutil.which), ("library", ctypes.util.find_library)):
        for marker in item.iter_markers(kind):
            (name,) = marker.args
            if find(name) is None:
                if os.environ.get("TICKTONE_ALL_PROGRAMS"):
                    pytest.fail(f"the {kind} {name} is missing")
                pytest.skip(f"the {kind} {name} is missing")


@pytest.fixture
def demo() -> Path:
    return DEMO / "demo.ogg"


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2026)


_music = lru_cache(2)(music)  # of several minutes, in several files


@pytest.fixture
def song(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a short sound file of clicks over tones."""

    def write(
        name: str = "song.wav",
        seconds: float = 0.5,
        sample_rate: int = 44_100,
        channels: int = 2,
        **how: str,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, _music(seconds, sample_rate, channels).T, sample_rate, **how)
        return path

    return write


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command line in this process."""

    def call(
        *arguments: object, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        command = [*map(str, arguments)]
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            with monkeypatch.context() as patch:
                patch.setattr("ticktone.cli.progress.FIRST_LINE", math.inf)  # however slow it is
                if cwd is not None:
                    patch.chdir(cwd)
                done = CliRunner(env=env).invoke(app, command, prog_name="ticktone")
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(command, done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def run_process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command line in a process of its own."""

    def call(*arguments: object, **how: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ticktone", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **how)

    return call


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    # Its sandbox does not work for root, as which containers run.
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=arguments
        )
        yield browser
        browser.close()


# What a test is by where it stands, so that no file need say it.
BY_FOLDER = {"networks": "torch", "training": "torch"}
BY_FILE = {
    **dict.fromkeys(["test_browser.py", "test_instrument.py", "test_player.py"], "browser"),
    "test_on_ray.py": "ray",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        path = item.path
        for name in (BY_FOLDER.get(path.parent.name), BY_FILE.get(path.name)):
            if name is not None:
                item.add_marker(name)
        starts_programs = {"run_process", "serving"} & set(getattr(item, "fixturenames", ()))
        if starts_programs or any(map(item.get_closest_marker, ("program", "browser", "ray"))):
            item.add_marker("slow")
