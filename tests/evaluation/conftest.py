"""Data sets as the tests of `datasets` lay them out, and a small song to score."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.datasets.conftest import dsd100, musdb18, musdb18hq, stem  # noqa: F401

RATE = 8000


@pytest.fixture
def scored() -> tuple[np.ndarray, np.ndarray]:
    """Sources of 3.5 s and estimates with interference, a filter and noise. Both (2, 1, samples)"""
    rng = np.random.default_rng(1)
    sources = rng.standard_normal((2, 1, 28_000)).astype(np.float32)
    sources *= np.array([0.1, 0.2], np.float32)[:, None, None]
    sources = (np.rint(sources * 2**15) / 2**15).astype(np.float32)
    other = sources[::-1]
    estimates = 0.9 * sources + 0.2 * other + 0.1 * np.roll(sources, 3, axis=-1)
    estimates += 0.02 * rng.standard_normal(sources.shape).astype(np.float32)
    return sources, estimates


@pytest.fixture
def songs(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder of songs: clicks as percussive stems, tones as harmonic ones."""

    def write(names: str = "ab", seconds: float = 1.0, channels: int = 1) -> Path:
        for number, name in enumerate(names, 1):
            folder = tmp_path / "songs" / name
            folder.mkdir(parents=True, exist_ok=True)
            time = np.arange(int(seconds * RATE)) / RATE
            rng = np.random.default_rng(number)
            clicks = rng.standard_normal(len(time)) * np.exp(-(time % 0.25) / 0.01)
            tones = np.sin(2 * np.pi * 220 * number * time) + np.sin(2 * np.pi * 331 * time)
            sides = np.linspace(1, 0.5, channels)
            soundfile.write(folder / "percussive.wav", 0.3 * np.outer(clicks, sides), RATE)
            soundfile.write(folder / "harmonic.wav", 0.1 * np.outer(tones, sides[::-1]), RATE)
        return tmp_path / "songs"

    return write
