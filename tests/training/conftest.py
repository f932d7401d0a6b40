"""What the tests of training share: songs, a tiny recipe, the command in a process of its own."""

import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from ticktone.training import Recipe, recipe_from

SAMPLE_RATE = 16_000


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)  # the tests run side by side already


@functools.cache
def parts(seed: int, seconds: float, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Tones, and bursts of noise. [shape=(samples,)], twice."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * sample_rate)) / sample_rate
    pitches, phases = rng.uniform(150, 2000, 5), rng.uniform(0, 6, 5)
    tones = 0.1 * np.sin(2 * np.pi * np.outer(pitches, time) + phases[:, None]).sum(0)
    bursts = 0.4 * rng.standard_normal(len(time)) * np.exp(-(time % 0.25) / 0.02)
    return tones.astype(np.float32), bursts.astype(np.float32)


@pytest.fixture
def stems(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder of songs, each two stems, and say where."""

    def write(
        songs: int = 3, seconds: float = 2.0, sample_rate: int = SAMPLE_RATE, name: str = "stems"
    ) -> Path:
        for seed in range(songs):
            folder = tmp_path / name / f"song{seed}"
            folder.mkdir(parents=True)
            harmonic, percussive = parts(seed, seconds, sample_rate)
            for part, sound in (("harmonic", harmonic), ("percussive", percussive)):
                soundfile.write(folder / f"{part}.wav", sound, sample_rate, subtype="FLOAT")
        return tmp_path / name

    return write


@pytest.fixture
def tiny(stems: Callable[..., Path]) -> Callable[..., Recipe]:
    """Make a recipe for a tiny network on three short songs, one of them held out."""
    data: list[Path] = []

    def make(**changes: Any) -> Recipe:
        if not data:
            data.append(stems())
        table: dict[str, dict[str, Any]] = {
            "network": {"name": "unet", "options": {"channels": 2, "poolings": 2}},
            "data": {"path": str(data[0])},
            "examples": {
                **{"sample_rate": SAMPLE_RATE, "window_length": 256, "hop_length": 128},
                **{"frames": 16, "batch": 4, "readers": 2},
            },
            "schedule": {"steps": 3, "epochs": 2},
            "validation": {"fraction": 0.34},
        }
        for dotted, value in changes.items():
            section, key = dotted.split("__")
            table.setdefault(section, {})[key] = value
        return recipe_from(table)

    return make


TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--")


def written(recipe, path: Path) -> Path:
    """Write the tiny recipe as a file."""
    table = recipe.as_table()
    lines = []
    for section in ("network", "data", "examples", "validation", "schedule"):
        lines.append(f"[{section}]")
        for key, value in table[section].items():
            if isinstance(value, dict):
                value = "{" + ", ".join(f"{name} = {x}" for name, x in value.items()) + "}"
            elif isinstance(value, str | tuple):
                value = repr(list(value) if isinstance(value, tuple) else value)
            if value is not None:
                lines.append(f"{key} = {value}")
    path.write_text("\n".join(lines))
    return path


COMMAND = """
import torch, typer
from ticktone.cli.train import train
torch.set_num_threads(1)
app = typer.Typer()
app.command()(train)
app()
"""


@pytest.fixture
def command(tmp_path):
    """Run `ticktone train` in a process of its own."""

    def command(*arguments: object, launcher: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        script = tmp_path / "command.py"
        script.write_text(COMMAND)
        return subprocess.Popen(
            [sys.executable, *launcher, script, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    return command
