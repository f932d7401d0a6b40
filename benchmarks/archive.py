"""Many files: what a core does an hour, two workers against one, and each worker's memory.

    python benchmarks/archive.py stages [METHOD [SECONDS]]
    python benchmarks/archive.py throughput [METHOD [FILES [SECONDS [ENGINE]]]]
    python benchmarks/archive.py memory [METHOD [FILES [SECONDS [ENGINE]]]]
    python benchmarks/archive.py overhead [FILES]

Stereo at 44.1 kHz, tones and bursts of noise; one thread to a worker. ENGINE is processes or ray.
`overhead` does files of a tenth of a second on Ray, where handing them out is all the work.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from ticktone.archive.discover import find_tasks
from ticktone.archive.job import Job, Task
from ticktone.archive.local import run_tasks
from ticktone.archive.manifest import Manifest, recorded
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.audio.formats import output_format
from ticktone.audio.reader import Reader
from ticktone.audio.writer import Writer
from ticktone.methods import DEFAULT
from ticktone.separator import Separator

RATE = 44_100
WORKERS = 2


def write_song(path: Path, length: float) -> None:
    rng = np.random.default_rng(0)
    moments = np.arange(int(length * RATE)) / RATE
    tones = sum(np.sin(2 * np.pi * pitch * moments) for pitch in (220, 331, 467, 1234))
    bursts = rng.standard_normal(moments.size) * np.exp(-(moments % 0.25) / 0.02)
    left, right = 0.06 * tones + 0.2 * bursts, 0.08 * tones + 0.15 * bursts
    sound = np.stack([left, right], axis=-1)
    with soundfile.SoundFile(path, "w", RATE, 2) as file:
        for start in range(0, len(sound), RATE):  # libsndfile's Vorbis cannot take much at once
            file.write(sound[start : start + RATE])


def cpu_seconds(work: Callable[[], object]) -> float:
    """Say how long a core is at work; the best of three, whoever else is at work beside it."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def stages(method: str = DEFAULT, duration: str = "120") -> None:
    """Say how long each step of a song takes, in seconds of one core."""
    length = float(duration)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for extension in ("wav", "flac", "ogg", "mp3"):
            song = folder / f"song.{extension}"
            write_song(song, length)

            def decode(song: Path = song) -> None:
                with Reader(song) as reader:
                    for _ in reader.blocks():
                        pass

            with Reader(song) as reader:
                blocks = list(reader.blocks())
                format = output_format(reader.format, "same", None, False)

            def write(song: Path = song, blocks: list = blocks, format=format) -> None:
                for part in ("harmonic", "percussive"):
                    path = song.with_suffix(f".{part}.{format.extension}")
                    writer = Writer(path, RATE, 2, format)
                    for block in blocks:
                        writer.write(block)
                    writer.close()
                    writer.commit()

            for step, work in (("decode", decode), ("write two parts", write)):
                taken = cpu_seconds(work)
                print(f"{extension:5} {step:16} {length / taken:7.0f} x real time")
        separator = Separator(method, threads=1)

        def separate() -> None:
            for _ in separator.stream(blocks, RATE):
                pass

        print(f"{method:22} {length / cpu_seconds(separate):7.1f} x real time")


def throughput(
    method: str = DEFAULT, files: str = "24", duration: str = "60", engine: str = "processes"
) -> None:
    """Say what one and two workers do, from the call to the last file, start included."""
    rates = []
    with tempfile.TemporaryDirectory() as name:
        for workers in (1, WORKERS):
            began = time.perf_counter()
            for _ in results(method, Path(name), int(files), float(duration), engine, workers):
                pass
            taken = time.perf_counter() - began
            rates.append(int(files) * float(duration) / taken)
            print(f"{workers} of {engine}: {taken:.1f} s, {rates[-1]:.1f} x real time", flush=True)
    print(f"{WORKERS} workers do {rates[1] / rates[0]:.2f} times what one does")


def memory(
    method: str = DEFAULT, files: str = "200", duration: str = "30", engine: str = "processes"
) -> None:
    """Print each worker's resident memory as the files go by."""
    firsts: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        done = results(method, Path(name), int(files), float(duration), engine, WORKERS)
        for number, _ in enumerate(done, 1):
            if number % max(1, int(files) // 10) == 0:
                sizes = workers_memory()
                firsts = firsts or sizes
                print(f"{number:4} files: {', '.join(f'{x:.0f} MB' for x in sizes)}", flush=True)
    print(f"after the last one {max(sizes) / max(firsts):.2f} of what it was after the first tenth")


def overhead(files: str = "2000") -> None:
    """Say how many songs a second can be handed out and taken back."""
    with tempfile.TemporaryDirectory() as name:
        began = moment = time.perf_counter()
        for number, _ in enumerate(results("median", Path(name), int(files), 0.1, "ray", WORKERS)):
            if number == 0:
                moment = time.perf_counter()
        rate = (int(files) - 1) / (time.perf_counter() - moment)
    print(f"first song after {moment - began:.1f} s, then {rate:.0f} songs/s")


def results(
    method: str, folder: Path, files: int, length: float, engine: str, workers: int
) -> Iterator[FileResult]:
    """Do so many songs, which are copies of one."""
    songs = folder / "songs"
    if not songs.exists():
        songs.mkdir()
        write_song(songs / "0.flac", length)
        for number in range(1, files):
            (songs / f"{number}.flac").hardlink_to(songs / "0.flac")
    output = folder / f"parts {workers}"
    job = Job(Target(output), method, threads=1)
    tasks, _ = find_tasks([songs], job.target, ["harmonic", "percussive"])

    def run(tasks: list[Task]) -> Iterator[FileResult]:
        if engine == "processes":
            return run_tasks(job, tasks, workers)
        from ticktone.archive.on_ray import run_on_ray

        return run_on_ray(job, tasks, workers)

    for result in recorded(Manifest(output / "manifest.parquet", job), tasks, [], run):
        if result.status != "done":
            raise SystemExit(result.error)
        for path in result.outputs.values():
            Path(path).unlink()  # or the disk would be full of them
        yield result


def workers_memory() -> list[float]:
    """Give the resident memory of the worker processes in MB, in order of their start."""
    sizes = []
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            command = (process / "cmdline").read_text()
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            pages = int((process / "statm").read_text().split()[1])
        except OSError:  # it has just ended
            continue
        ours = parent == os.getpid() and "spawn_main" in command
        if ours or command.startswith("ray::MapWorker"):
            sizes.append(pages * os.sysconf("SC_PAGESIZE") / 2**20)
    return sizes


if __name__ == "__main__":
    what = {f.__name__: f for f in (stages, throughput, memory, overhead)}
    what[sys.argv[1]](*sys.argv[2:])
