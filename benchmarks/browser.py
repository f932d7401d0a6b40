"""Speed and memory of the site in Chromium, beside the command line's, in one run.

    python benchmarks/browser.py speed [SECONDS]
    python benchmarks/browser.py memory [MINUTES]

Needs the programs chromium and npm. Music made of tones and clicks, stereo at 44.1 kHz, 16 bits.
Speed is that of the second song of each, for the first one loads the engine; the command line's
runs lie between the browser's. Memory is that of all processes of the browser (proportional set
size), sampled twice a second: the largest while a song is split, and with the mixer open behind it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import soundfile
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from ticktone.site.build import MODELS, write_site

RATE = 44_100
PATIENCE = 3_600_000  # milliseconds
ASK = """async () => {
    const { song } = await import(new URL("api.js", document.baseURI).href);
    return (await song(location.hash.slice(1))).result.elapsed;
}"""


def write_song(path: Path, seconds: float) -> None:
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        for start in range(0, int(seconds * RATE), RATE):
            time_ = (start + np.arange(min(RATE, int(seconds * RATE) - start))) / RATE
            tones = 0.2 * np.sin(2 * np.pi * np.outer([220, 330], time_))
            clicks = rng.standard_normal(tones.shape) * np.exp(-(time_ % 0.25) / 0.01)
            file.write((tones + 0.15 * clicks).T)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def hosting(folder: Path) -> Iterator[str]:
    host = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=host.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{host.server_port}/"
    host.shutdown()


@contextmanager
def browsing(address: str, threads: bool | None) -> Iterator[tuple[BrowserContext, Page, str]]:
    """Open the site in a profile of its own, on the disk as a user's is."""
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.getuid() == 0 else [],
        )
        context.set_default_timeout(PATIENCE)
        if threads is False:
            context.add_init_script("delete Navigator.prototype.serviceWorker")
        page = context.pages[0]
        page.goto(address)
        if threads:
            expect(page.locator("html[data-installed]")).to_have_count(1, timeout=PATIENCE)
        time.sleep(2)  # it may be reloaded once
        assert threads is None or page.evaluate("() => crossOriginIsolated") == threads
        yield context, page, profile
        context.close()


def split(page: Page, song: Path, model: str) -> float:
    """Return the seconds that a song took."""
    if not page.locator("#empty").is_visible():
        page.click("#another")
    if not page.locator("#method").is_visible():
        page.click("#more summary")
    page.select_option("#method", model)
    page.set_input_files("#file", song)
    expect(page.locator("#play")).to_be_enabled(timeout=PATIENCE)
    return float(page.evaluate(ASK))


def command_line(song: Path, model: str, threads: int) -> float:
    with tempfile.TemporaryDirectory() as output:
        command = [sys.executable, "-m", "ticktone", "separate", str(song), "-o", output]
        command += ["--json", "-m", model, "--threads", str(threads)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[0])["elapsed"])


def speed(folder: Path, seconds: float) -> None:
    song = folder / "song.wav"
    write_song(song, seconds)
    cores = len(os.sched_getaffinity(0))
    taken: dict[str, list[float]] = {}
    with hosting(folder / "site") as address:
        for threads in (False, True):
            count = min(cores, 8) if threads else 1
            with browsing(address, threads) as (_, page, _):
                for model in MODELS:
                    split(page, song, model)
                    for _ in range(3):
                        for name, time_ in (
                            ("Chromium", partial(split, page, song, model)),
                            ("command line", partial(command_line, song, model, count)),
                        ):
                            key = f"{model}, {count} threads, {name}"
                            taken.setdefault(key, []).append(time_())
    for name, times in taken.items():
        all_ = ", ".join(f"{seconds / one:.1f}" for one in times)
        print(f"{name:52} {seconds / min(times):6.1f} x real time (of {all_})")


def processes_of(profile: str) -> list[Path]:
    """List the processes of the browser that uses a profile, by parents."""
    found: set[int] = set()
    parents = {}
    for path in Path("/proc").iterdir():
        if not path.name.isdigit():
            continue
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if f"--user-data-dir={profile}" in (path / "cmdline").read_text():
                found.add(int(path.name))
        except OSError:
            continue  # it has ended
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return [Path("/proc") / str(pid) for pid in found]


def memory_of(profile: str) -> float:
    """Return the megabytes that all processes of a browser hold."""
    kilobytes = 0
    for path in processes_of(profile):
        try:
            lines = (path / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


class Watch(threading.Thread):
    """Notes the most memory until it is stopped."""

    def __init__(self, profile: str) -> None:
        super().__init__(daemon=True)
        self.profile, self.most, self.going = profile, 0.0, True

    def run(self) -> None:
        while self.going:
            self.most = max(self.most, memory_of(self.profile))
            time.sleep(0.5)


def memory(folder: Path, minutes: float) -> None:
    song = folder / "song.wav"
    write_song(song, 60 * minutes)
    with hosting(folder / "site") as address:
        with browsing("about:blank", None) as (_, _, profile):
            print(f"{'the browser alone':40} {memory_of(profile):6.0f} MB")
        with browsing(address, True) as (_, page, profile):
            watched(page, profile, song, minutes)


def watched(page: Page, profile: str, song: Path, minutes: float) -> None:
    print(f"{'the site':40} {memory_of(profile):6.0f} MB", flush=True)
    watch = Watch(profile)
    watch.start()
    page.set_input_files("#file", song)
    expect(page.locator("#done")).to_be_visible(timeout=PATIENCE)
    during = watch.most
    expect(page.locator("#play")).to_be_enabled(timeout=PATIENCE)
    time.sleep(2)
    watch.going = False
    elapsed = float(page.evaluate(ASK))
    print(f"{f'{minutes:g} minutes, while they are split':40} {during:6.0f} MB")
    print(f"{'while the mixer takes them in':40} {watch.most:6.0f} MB")
    time.sleep(5)
    print(f"{'with the mixer open':40} {memory_of(profile):6.0f} MB")
    print(f"{'speed':40} {60 * minutes / elapsed:6.1f} x real time")


def main(what: str = "speed", amount: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        package = os.environ.get("TICKTONE_RUNTIME")
        sizes = write_site(Path(folder) / "site", package=package and Path(package))
        if what == "speed":
            print(f"{len(sizes)} files, {sum(sizes.values()) / 1e6:.2f} MB on the wire by gzip")
            for name, size in sorted(sizes.items(), key=lambda entry: -entry[1])[:4]:
                print(f"  {name:40} {size / 1e6:6.2f} MB")
            speed(Path(folder), float(amount or 30))
        else:
            memory(Path(folder), float(amount or 10))


if __name__ == "__main__":
    main(*sys.argv[1:])
