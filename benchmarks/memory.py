"""Peak memory of `ticktone separate` for a 10-minute and a 2-hour stereo file.

    python benchmarks/memory.py [METHOD ...]

Needs 4 GB of disk for the time of the run.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

import ticktone

RATE = 44_100


def write_noise(path: Path, minutes: int) -> None:
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        for _ in range(minutes):
            file.write(rng.standard_normal((60 * RATE, 2), np.float32) / 8)


def peak(*arguments: object) -> float:
    """Run the command line and give its peak resident set in MB."""
    command = [sys.executable, "-m", "ticktone", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("the run failed")
    return usage.ru_maxrss / 1024


def main(*methods: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        peaks = {}
        for minutes in (10, 120):
            path = Path(folder, f"{minutes}.wav")
            write_noise(path, minutes)
            for method in methods or ticktone.methods():
                peaks[minutes, method] = peak("separate", path, "-m", method, "--overwrite")
                print(f"{method:12} {minutes:4} min {peaks[minutes, method]:7.0f} MB", flush=True)
        for method in methods or ticktone.methods():
            print(f"{method:12} ratio {peaks[120, method] / peaks[10, method]:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
