import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import settings
from threadpoolctl import threadpool_limits

from tests.support.sounds import music

# Several tests run at a time: one thread of BLAS each, in the processes that they start too.
threadpool_limits(1)
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

settings.register_profile("ticktone", deadline=None, max_examples=25, derandomize=True)
settings.load_profile("ticktone")

DEMO = Path(__file__).parents[1] / "examples" / "demo"


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("program"):
        (name,) = marker.args
        if shutil.which(name) is None:
            if os.environ.get("TICKTONE_ALL_PROGRAMS"):
                pytest.fail(f"the program {name} is missing")
            pytest.skip(f"the program {name} is missing")


@pytest.fixture
def demo() -> Path:
    return DEMO / "demo.ogg"


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(2026)


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
        soundfile.write(path, music(seconds, sample_rate, channels).T, sample_rate, **how)
        return path

    return write


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command line in a process of its own."""

    def call(*arguments: object, **how: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ticktone", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, **how)

    return call
