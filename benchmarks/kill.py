"""Kill runs at random moments (SIGKILL), run them again, and look for what must not be there.

    python benchmarks/kill.py                          # 200 kills: single, batch, manifest, Ray
    python benchmarks/kill.py --modes batch --kills 50 --seed 3

After each kill: no file under a final name that is not whole, and no row of a manifest that is not
true. After the next run: every result there, equal to that of a run that was never killed, and
nothing left beside them or among temporary files. Exits with 1 and says so where that fails.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile

SONGS, SECONDS, RATE = 4, 20.0, 44_100
SHARES = {"single": 0.4, "batch": 0.3, "manifest": 0.25, "ray": 0.05}


def commands(mode: str) -> list[str]:
    base = [sys.executable, "-m", "ticktone", "separate", "-m", "median", "-o", "out", "--quiet"]
    return {
        "single": [*base, "in/0.flac", "--overwrite"],
        "batch": [*base, "in", "--overwrite", "-j", "2"],
        "manifest": [*base, "in", "-j", "2", "--manifest", "m"],
        "ray": [*base, "in", "--engine", "ray", "-j", "2", "--manifest", "m"],
    }[mode]


def write_songs(folder: Path) -> None:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(SONGS):
        time_ = np.arange(int(SECONDS * RATE)) / RATE
        tone = 0.2 * np.sin(2 * np.pi * 110 * (number + 2) * time_)
        clicks = 0.1 * rng.standard_normal(len(time_)) * np.exp(-(time_ % 0.25) / 0.02)
        soundfile.write(folder / f"{number}.flac", tone + clicks, RATE, subtype="PCM_16")


def environment(place: Path, mode: str) -> dict[str, str]:
    if mode == "ray":  # whose sockets need short names
        return dict(os.environ)
    return {**os.environ, "TMPDIR": str(place / "tmp")}


def start(place: Path, mode: str) -> subprocess.Popen[bytes]:
    for name in ("out", "tmp"):
        (place / name).mkdir(exist_ok=True)
    return subprocess.Popen(
        commands(mode),
        cwd=place,
        env=environment(place, mode),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes], everybody: bool) -> None:
    """Kill a run, or with it all of its session, and wait until nobody of it is left."""
    if everybody:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except (ProcessLookupError, PermissionError):
            break
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.stderr.close()


def finished(place: Path) -> dict[str, bytes]:
    folder = place / "out"
    return {path.name: path.read_bytes() for path in folder.glob("[!.]*.flac")}


def false_rows(place: Path, whole: dict[str, bytes]) -> list[str]:
    if not (place / "m").is_dir():
        return []
    from ticktone.archive.manifest import read_manifest
    from ticktone.storage.location import location

    found = finished(place)
    return [
        row["source"]
        for row in read_manifest(location(place / "m")).to_pylist()
        for _, path in row["outputs"]
        if row["status"] == "done" and found.get(Path(path).name) != whole[Path(path).name]
    ]


def leftovers(place: Path) -> list[str]:
    folders = [place / name for name in ("out", "m", "tmp", "in") if (place / name).is_dir()]
    return [str(path) for folder in folders for path in folder.rglob(".ticktone.*")]


def faults(place: Path, mode: str, whole: dict[str, bytes]) -> tuple[list[str], int]:
    """What is wrong after a kill, and after the next run; and how much the kill left behind."""
    found = [f"not whole: {name}" for name, data in finished(place).items() if data != whole[name]]
    found += [f"not true: {row}" for row in false_rows(place, whole)]
    left = len(leftovers(place))
    again = start(place, mode)
    _, errors = again.communicate(timeout=300)
    if again.returncode:
        found.append(f"the next run failed: {errors.decode().strip()}")
    if finished(place) != whole:
        found.append("the next run did not finish")
    found += [f"not true after the next run: {row}" for row in false_rows(place, whole)]
    found += [f"left: {path}" for path in leftovers(place)]
    return found, left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--modes", nargs="+", choices=SHARES, default=list(SHARES))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    shares = {mode: SHARES[mode] for mode in options.modes}
    bad = 0
    with tempfile.TemporaryDirectory(prefix="kill.") as top:
        write_songs(Path(top, "songs"))
        for mode, share in shares.items():
            place = Path(top, mode)
            shutil.copytree(Path(top, "songs"), place / "in")
            began = time.monotonic()
            run = start(place, mode)
            _, errors = run.communicate()
            assert run.returncode == 0, errors.decode()
            length, whole = time.monotonic() - began, finished(place)
            kills = round(options.kills * share / sum(shares.values()))
            amid = wrong = 0
            for _ in range(kills):
                for name in ("out", "m", "tmp"):
                    shutil.rmtree(place / name, ignore_errors=True)
                process = start(place, mode)
                time.sleep(rng.uniform(0.1 if mode == "ray" else 0.25, 1) * length)
                amid += process.poll() is None
                end(process, everybody=rng.random() < 0.5)
                found, left = faults(place, mode, whole)
                wrong += bool(found)
                for fault in found:
                    print(f"{mode}: {fault}", flush=True)
                print(f"{mode}: {left} left by the kill", file=sys.stderr, flush=True)
            bad += wrong
            print(f"{mode}: {kills} kills, {amid} of them at work, {wrong} with faults", flush=True)
    raise SystemExit(bad > 0)


if __name__ == "__main__":
    main()
