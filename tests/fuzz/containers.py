"""Damaged sound files of every container, by the thousand: what becomes of each.

Run ``python -m tests.fuzz.containers --mutants 10000``. Each mutant is read in a worker process;
some are separated by the median method, a few of them by the whole command. It must be refused in
one line, or give parts that are finite and as long as what is read of it, within 20 seconds of
processor time and 4 GiB, and leave nothing behind.
The table counts what became of them; exit code 1 if any did what it must not. The same seed makes
the same mutants.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import soundfile

from tests.audio.reading import CONTAINERS, WITHOUT_LENGTH, make

LIMIT = 20  # seconds of processor time, for other work may be going on
PATIENCE = 300  # seconds after which a worker that waits is taken to hang
MEMORY = 4 * 2**30  # bytes
BAD = ("traceback", "hang", "crash", "leftover", "wrong length", "not finite", "many lines")
THROUGH_FFMPEG = ("m4a", "mka", "webm", "avi", "wma", "aac", "wv", "tta", "flv", "ts", "mp2", "ac3")
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass
class Mutant:
    """A damaged file: what it was, how it was damaged, and its bytes."""

    number: int
    container: str
    how: str
    data: bytes
    samples: int  # of the file that it was, in each channel; 0 if that is not known


def seeds(folder: Path, with_ffmpeg: bool) -> list[tuple[str, bytes, int]]:
    """Make a whole file of every kind."""
    found = []
    for container, subtype in [*CONTAINERS, *WITHOUT_LENGTH, ("XI", "DPCM_16")]:
        path = make(folder / "seed", container, subtype, 0.3)
        found.append((container, path.read_bytes(), soundfile.info(path).frames))
    if with_ffmpeg:
        source = make(folder / "seed.wav", "WAV", "PCM_16", 0.3)
        for extension in THROUGH_FFMPEG:
            path = folder / f"seed.{extension}"
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", source, path], check=True)
            found.append((extension, path.read_bytes(), 0))
    return found


def mutants(kinds: list[tuple[str, bytes, int]], count: int, seed: int) -> Iterator[Mutant]:
    """Damage files in turn, each in a way of its own."""
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        container, data, samples = kinds[number % len(kinds)]
        how, mutated = _damage(bytearray(data), rng)
        yield Mutant(number, container, how, bytes(mutated), samples)


def _damage(data: bytearray, rng: np.random.Generator) -> tuple[str, bytearray]:
    how = ("cut", "header", "header", "flip", "flip", "remove", "repeat", "blank", "junk", "field")
    kind = how[rng.integers(len(how))]
    place, length = int(rng.integers(len(data))), int(rng.integers(1, 2000))
    match kind:
        case "cut":
            return kind, data[:place]
        case "header":
            for _ in range(rng.integers(1, 9)):
                data[rng.integers(min(len(data), 200))] = rng.integers(256)
        case "flip":
            for _ in range(rng.integers(1, 33)):
                data[rng.integers(len(data))] ^= 1 << rng.integers(8)
        case "field":
            width = int(rng.choice([1, 2, 4, 8]))
            value = int(rng.choice(_EXTREMES)) & (2 ** (8 * width) - 1)
            place = int(rng.integers(min(len(data), 200)))
            order = "little" if rng.integers(2) else "big"
            data[place : place + width] = value.to_bytes(width, order)
        case "remove":
            del data[place : place + length]
        case "repeat":
            data[place:place] = data[place : place + length]
        case "blank":
            data[place : place + length] = bytes(len(data[place : place + length]))
        case "junk":
            data[:0] = rng.bytes(length)
    return kind, data


def judge(mutant: Mutant, folder: Path) -> str:
    """Read a mutant and say what became of it."""
    from ticktone.audio.reader import Reader
    from ticktone.errors import TicktoneError

    path = _written(mutant, folder)
    try:
        with Reader(path) as reader:
            samples = sum(block.shape[-1] for block in reader.blocks())
    except TicktoneError as error:
        return "many lines" if "\n" in str(error) else _nothing_left(folder, path, "refused")
    was_cut = mutant.how == "cut" and mutant.container not in dict(WITHOUT_LENGTH) | {"XI": ""}
    if was_cut and samples < mutant.samples and not reader.notes:
        return "wrong length"
    return _nothing_left(folder, path, "with a note" if reader.notes else "read")


def judge_separation(mutant: Mutant, folder: Path) -> str:
    """Separate a mutant and say what became of it."""
    import ticktone
    from ticktone.audio.reader import Reader
    from ticktone.errors import TicktoneError

    path, out = _written(mutant, folder), folder / "out"
    try:
        result = ticktone.separate_file(path, out, "median")
    except TicktoneError as error:
        return "many lines" if "\n" in str(error) else _nothing_left(folder, path, "refused")
    with Reader(path) as reader:
        samples = sum(block.shape[-1] for block in reader.blocks())
    for part in result.outputs.values():
        with Reader(Path(part)) as written:
            sound = np.concatenate(list(written.blocks()), axis=-1)
        if sound.shape != (reader.channels, samples):
            return "wrong length"
        if not np.isfinite(sound).all():
            return "not finite"
        Path(part).unlink()
    return _nothing_left(folder, path, "separated")


def _written(mutant: Mutant, folder: Path) -> Path:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    path = folder / f"mutant.{mutant.container.lower()}"
    path.write_bytes(mutant.data)
    return path


def judge_command(mutant: Mutant, folder: Path) -> str:
    """Give a mutant to the command and say what became of it."""
    path, out = _written(mutant, folder), folder / "out"
    command = [sys.executable, "-m", "ticktone", "separate", str(path), "-o", str(out)]
    try:
        done = subprocess.run(
            [*command, "-m", "median", "--json"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "hang"
    if done.returncode not in (0, 1):
        return "crash"
    if "Traceback" in done.stderr or "internal error" in done.stderr:
        return "traceback"
    if any(not line.startswith("ticktone: ") for line in done.stderr.splitlines()):
        return "many lines"
    try:
        status = json.loads(done.stdout)["status"]
    except ValueError:
        return "many lines"
    if status == "failed":
        return _nothing_left(folder, path, "refused")
    shutil.rmtree(out)
    return _nothing_left(folder, path, "separated")


def _nothing_left(folder: Path, path: Path, outcome: str) -> str:
    left = [file for file in folder.rglob("*") if file.is_file() and file != path]
    return "leftover" if left else outcome


def _work(tasks: Connection) -> None:
    """Judge one mutant after another, in a process that may die of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory(prefix="fuzz.") as folder:
        while (task := tasks.recv()) is not None:
            mutant, judgement = task
            begun = sum(os.times()[:4])
            try:
                outcome = judgement(mutant, Path(folder))
                tasks.send(("hang" if sum(os.times()[:4]) - begun > LIMIT else outcome, ""))
            except BaseException as error:
                tasks.send(("traceback", f"{type(error).__name__}: {error}"))


class _Worker:
    """A process for mutants, replaced when it dies or hangs."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")
        self.tasks, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def judge(self, mutant: Mutant, judgement: Callable[[Mutant, Path], str]) -> tuple[str, str]:
        self.tasks.send((mutant, judgement))
        try:
            if self.tasks.poll(PATIENCE):
                outcome: tuple[str, str] = self.tasks.recv()
                return outcome
            outcome = ("hang", "")
        except EOFError:
            outcome = ("crash", "")
        self.process.kill()
        self.process.join()
        self._start()
        return outcome

    def stop(self) -> None:
        self.tasks.send(None)
        self.process.join(LIMIT)


def main() -> int:
    """Run, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--separate", type=int, default=5, help="every how many is separated")
    parser.add_argument("--command", type=int, default=200, help="every how many by the command")
    parser.add_argument("--no-ffmpeg", action="store_true", help="as if it was not installed")
    parser.add_argument("--keep", type=Path, help="folder for mutants that did what they must not")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz.") as folder:
        kinds = seeds(Path(folder), not options.no_ffmpeg and shutil.which("ffmpeg") is not None)
    if options.no_ffmpeg:
        os.environ["PATH"] = ""
    counts: dict[str, Counter[str]] = {container: Counter() for container, *_ in kinds}
    free: SimpleQueue[_Worker] = SimpleQueue()
    for _ in range(options.jobs):
        free.put(_Worker())

    def run(mutant: Mutant) -> tuple[Mutant, tuple[str, str]]:
        worker = free.get()
        try:
            turn = sum(divmod(mutant.number, len(kinds)))  # so that each kind has its turn
            by_command = turn % options.command == options.command - 1
            separated = turn % options.separate == options.separate - 1
            judgement = judge_command if by_command else judge_separation if separated else judge
            return mutant, worker.judge(mutant, judgement)
        finally:
            free.put(worker)

    with ThreadPoolExecutor(options.jobs) as pool:
        for mutant, (outcome, why) in pool.map(run, mutants(kinds, options.mutants, options.seed)):
            counts[mutant.container][outcome] += 1
            if outcome in BAD:
                print(f"mutant {mutant.number} ({mutant.container}, {mutant.how}): {outcome} {why}")
                if options.keep is not None:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    name = f"{mutant.number}.{mutant.container.lower()}"
                    (options.keep / name).write_bytes(mutant.data)
            if mutant.number % 500 == 499:
                print(f"{mutant.number + 1} done", file=sys.stderr, flush=True)
    for _ in range(options.jobs):
        free.get().stop()
    return _print(counts)


def _print(counts: dict[str, Any]) -> int:
    columns = ["read", "separated", "with a note", "refused", *BAD]
    print("container  " + " ".join(f"{column:>12}" for column in columns))
    total: Counter[str] = Counter()
    for container, row in counts.items():
        total += row
        print(f"{container:<11}" + " ".join(f"{row[column]:>12}" for column in columns))
    print(f"{'all':<11}" + " ".join(f"{total[column]:>12}" for column in columns))
    return int(any(total[column] for column in BAD))


if __name__ == "__main__":
    sys.exit(main())
