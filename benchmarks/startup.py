"""Start-up time of the command line, and the size of an installation.

    python benchmarks/startup.py

Makes a fresh virtual environment and installs this checkout there.
"""

import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def best(*command: object) -> float:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        scripts = Path(folder, "bin")
        before = size(folder)
        subprocess.run([scripts / "pip", "install", "--quiet", ROOT], check=True)
        print(f"installed size      {(size(folder) - before) / 1e6:6.0f} MB")
        bare = best(scripts / "python", "-c", "pass")
        print(f"python -c pass      {bare:6.3f} s")
        print(f"import ticktone     {best(scripts / 'python', '-c', 'import ticktone'):6.3f} s")
        print(f"ticktone --help     {best(scripts / 'ticktone', '--help'):6.3f} s")
        peer = best(sys.executable, "-c", "import librosa; librosa.effects")
        print(f"import librosa      {peer:6.3f} s")


def size(folder: str) -> int:
    return sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())


if __name__ == "__main__":
    main()
