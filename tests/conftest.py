import ctypes.util
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

settings.register_profile("ticktone", deadline=None, max_examples=25, derandomize=True)
settings.load_profile("ticktone")

DEMO = Path(__file__).parents[1] / "examples" / "demo"


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


@pytest.fixture
def song(tmp_path: Path) -> Callable[..., Path]:
    """Write a short sound file of clicks over tones, and say where."""

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


def music(seconds: float, sample_rate: int = 44_100, channels: int = 2) -> np.ndarray:
    """Clicks over tones, different in each channel. [shape=(channels, samples)]"""
    samples = int(seconds * sample_rate)
    rng = np.random.default_rng(7)
    time = np.arange(samples) / sample_rate
    pitch = 220 * (1 + np.arange(channels))[:, np.newaxis]
    audio = 0.2 * np.sin(2 * np.pi * pitch * time)
    clicks = rng.standard_normal((channels, samples)) * np.exp(-(time % 0.25) / 0.01)
    return (audio + 0.15 * clicks).astype(np.float32)


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in a process of its own."""

    def call(*arguments: object, **how: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ticktone", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, **how)

    return call
