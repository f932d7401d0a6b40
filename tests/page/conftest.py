import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from tests.support.patience import PATIENCE
from tests.support.sounds import music
from ticktone.page.routes import MethodChoice, make_app
from ticktone.page.server import Server, listen
from ticktone.page.server_limits import Limits
from ticktone.page.song_queue import SongQueue

METHODS = [
    MethodChoice("median", "FitzGerald 2010", ("harmonic", "percussive")),
    MethodChoice("hpr", "Driedger et al. 2014", ("harmonic", "percussive", "residual")),
    MethodChoice("kam", "Drossos et al. 2018", ("harmonic", "percussive")),
]


class Site(httpx.Client):
    """A running server, and what a script asks of it."""

    def __init__(self, address, app=None, songs=None):
        super().__init__(base_url=address, timeout=PATIENCE)
        self.app = app
        self.songs_address = tuple(httpx.URL(address).netloc.decode().split(":"))
        self.songs = songs

    def send_song(self, path, name=None, **parameters):
        parameters["name"] = Path(path).name if name is None else name
        return self.post("/api/songs", params=parameters, content=Path(path).read_bytes())

    def wait(self, answer):
        """Wait until a song that was sent is done or has failed."""
        assert answer.status_code == 202, answer.text
        return self.until(answer.json()["id"], "done", "failed")

    def until(self, id, *states):
        deadline = time.monotonic() + PATIENCE
        while (song := self.get(f"/api/songs/{id}").json())["state"] not in states:
            assert time.monotonic() < deadline, song
            time.sleep(0.05)
        return song


@contextmanager
def running(folder: Path, token=None, **limits) -> Iterator[Site]:
    """Run a server in a thread."""
    songs = SongQueue(folder, replace(Limits(duration=120.0), **limits))
    app = make_app(songs, METHODS, "median", token)
    listening = listen(0)
    server = Server(app, songs)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        with Site(address, app, songs) as site:
            yield site
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture
def site(tmp_path):
    (tmp_path / "server").mkdir()
    with running(tmp_path / "server") as site:
        yield site


@pytest.fixture
def long_song(tmp_path):
    """Write a song that takes a while to split, by `kam` a long one."""
    path = tmp_path / "music" / "long.wav"
    path.parent.mkdir()
    soundfile.write(path, np.tile(music(1.0), 90).T, 44_100)
    return path


@contextmanager
def serving(*options, token=False, **how) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `ticktone serve` and give its address."""
    command = [sys.executable, "-m", "ticktone", "serve", "--port", "0", "--no-open"]
    if not token:
        command.append("--no-token")
    process = subprocess.Popen(
        [*command, *map(str, options)], stdout=subprocess.PIPE, text=True, **how
    )
    try:
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address, process.wait()
        yield address.group().rstrip("/"), process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def new_page(browser, **how):
    page = browser.new_page(**how)
    page.set_default_timeout(1000 * PATIENCE)
    return page


@pytest.fixture
def page(browser, site):
    """Open the page; whatever it complains of fails the test."""
    from playwright.sync_api import expect

    page = new_page(browser, viewport={"width": 1100, "height": 900})
    complaints, foreign = [], []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((str(site.base_url), "blob:"))
            else foreign.append(asked.url)
        ),
    )
    page.goto(str(site.base_url))
    expect(page.locator("#method option")).to_have_count(len(METHODS))
    yield page
    page.close()
    assert complaints == []
    assert foreign == []
