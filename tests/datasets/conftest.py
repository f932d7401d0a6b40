import subprocess
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
import soundfile

RATE = 44_100
FOUR = ("drums", "bass", "other", "vocals")
STREAMS = ("mixture", *FOUR)
SONGS = ("train/A - One", "train/B - Two", "test/C - Three")


def write_stem(
    path: Path, samples: int = RATE, channels: int = 2, sample_rate: int = RATE, level: float = 0.1
) -> np.ndarray:
    """Write noise that differs from file to file, and read it back. [shape=(channels, samples)]"""
    path.parent.mkdir(parents=True, exist_ok=True)
    seed = crc32(f"{path.parent.name}/{path.name}".encode())
    content, sound = _noise(seed, path.suffix[1:], samples, channels, sample_rate, level)
    path.write_bytes(content)
    return sound


@cache  # many tests write the same
def _noise(
    seed: int, kind: str, samples: int, channels: int, sample_rate: int, level: float
) -> tuple[bytes, np.ndarray]:
    noise = level * np.random.default_rng(seed).standard_normal((samples, channels))
    file = BytesIO()
    soundfile.write(file, noise, sample_rate, format=kind)
    file.seek(0)
    return file.getvalue(), soundfile.read(file, dtype="float32", always_2d=True)[0].T


@pytest.fixture
def stem() -> Callable[..., np.ndarray]:
    return write_stem


@pytest.fixture
def musdb18hq(tmp_path: Path) -> Path:
    root = tmp_path / "musdb18hq"
    for song in (*(f"train/Band - Song {i}" for i in range(5)), "test/Someone - Théâtre"):
        for name in ("mixture", *FOUR):
            write_stem(root / song / f"{name}.wav", 20_000)
    return root


@pytest.fixture
def dsd100(tmp_path: Path) -> Path:
    root = tmp_path / "DSD100"
    for song in ("Dev/055 - A - B", "Dev/051 - C - D", "Test/001 - E - F"):
        write_stem(root / "Mixtures" / song / "mixture.wav", 20_000)
        for name in FOUR:
            write_stem(root / "Sources" / song / f"{name}.wav", 20_000)
    return root


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    root = tmp_path / "songs"
    for name in ("one/percussive.flac", "one/harmonic.flac"):
        write_stem(root / name, channels=1)
    for name in FOUR:
        write_stem(root / "two" / f"{name}.wav", 50_000)
    for name in ("percussive", "rest", "vocals"):
        write_stem(root / "three" / f"{name}.ogg", 90_000)
    (root / "two" / "notes.txt").write_text("not sound")
    (root / "two" / "._drums.wav").write_bytes(b"left by another system")
    return root


def encode(target: Path, wavs: list[Path]) -> None:
    """Write a stem.mp4 file as those of MUSDB18, one AAC stream a stem."""
    target.parent.mkdir(parents=True, exist_ok=True)
    inputs = [argument for wav in wavs for argument in ("-i", wav)]
    maps = [argument for index in range(len(wavs)) for argument in ("-map", str(index))]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *inputs, *maps]
    subprocess.run(
        [*command, "-c:a", "aac", "-b:a", "256k", "-movflags", "+faststart", target], check=True
    )


@pytest.fixture
def musdb18(tmp_path: Path) -> Path:
    for song in SONGS:
        wavs = [tmp_path / song / f"{stream}.wav" for stream in STREAMS]
        for wav in wavs:
            write_stem(wav)
        encode(tmp_path / "MUSDB18" / f"{song}.stem.mp4", wavs)
    return tmp_path / "MUSDB18"
