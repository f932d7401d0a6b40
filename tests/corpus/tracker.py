"""A tracker module of four channels, written from nothing."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

PERIODS = {"C": 428, "D": 381, "E": 339, "F": 320, "G": 285}  # of ProTracker's second octave
ROW_SECONDS = 0.12
SAMPLE_RATE = 8287  # Hz at which a sample is played on C

_ROWS, _CHANNELS = 64, 4
_BREAK = 0xD  # effect: go on with the next pattern

Notes = Sequence[tuple[int, int, str]]  # row, sample counted from 1, pitch


def write_module(
    path: Path, samples: Mapping[str, np.ndarray], notes: Notes, rows: int = 16, title: str = ""
) -> Path:
    """Write a MOD file of one pattern; each sample has a channel of its own, so at most four."""
    content = title.encode().ljust(20, b"\0")
    waves = [np.round(127 * wave).astype(np.int8) for wave in samples.values()]
    for name, wave in zip(samples, waves, strict=True):
        content += struct.pack(">22sHBBHH", name.encode(), len(wave) // 2, 0, 64, 0, 1)
    content += struct.pack(">22sHBBHH", b"", 0, 0, 0, 0, 1) * (31 - len(waves))
    content += bytes([1, 127]) + bytes(128) + b"M.K."
    cells = np.zeros((_ROWS, _CHANNELS, 4), np.uint8)
    for row, sample, pitch in notes:
        period = PERIODS[pitch]
        cells[row, sample - 1] = (period >> 8, period & 0xFF, sample << 4, 0)
    cells[rows - 1, -1, 2] |= _BREAK
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content + cells.tobytes() + b"".join(wave.tobytes() for wave in waves))
    return path


def tone(seconds: float = 0.4) -> np.ndarray:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return 0.5 * np.sin(2 * np.pi * 440 * time)


def burst(seconds: float = 0.4) -> np.ndarray:
    """Noise that decays as a drum does."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return 0.9 * np.random.default_rng(3).uniform(-1, 1, len(time)) * np.exp(-time / 0.03)


TUNE: Notes = [(4 * k, 1, pitch) for k, pitch in enumerate("CEGF")]
BEAT: Notes = [(4 * k + 2, 2, "C") for k in range(4)]


def write_song(path: Path, lead: str = "lead", drum: str = "snare", title: str = "") -> Path:
    """Write a tune on the beats, and a drum between them."""
    return write_module(path, {lead: tone(), drum: burst()}, [*TUNE, *BEAT], title=title)
