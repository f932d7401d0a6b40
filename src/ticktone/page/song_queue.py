"""All songs: who waits, who is worked on, and what is thrown away when."""

import asyncio
import os
import secrets
import shutil
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ticktone.page.queued_song import QueuedSong
from ticktone.page.server_limits import Limits
from ticktone.page.work import Failed, Order, split
from ticktone.processes import DIED, WorkProcess


class FullError(Exception):
    """There is no room for another song."""


class SongQueue:
    """All songs, on one event loop.

    Parameters
    ----------
    folder : Path
        Each song has a folder in it, named by its random id alone.
    limits : Limits
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        self._songs: dict[str, QueuedSong] = {}
        self._waiting: deque[QueuedSong] = deque()
        self._working: dict[str, WorkProcess] = {}
        self._arriving = 0
        self.speeds: dict[str, float] = {}  # times real time that songs have taken, by method

    @property
    def load(self) -> dict[str, int]:
        """Numbers of songs worked on, waiting (or arriving), and still to be accepted."""
        waiting = len(self._waiting) + self._arriving
        room = self.limits.jobs + self.limits.queue - waiting - len(self._working)
        return {"working": len(self._working), "waiting": waiting, "room": max(0, room)}

    def get(self, id: str) -> QueuedSong | None:
        """Find a song."""
        return self._songs.get(id)

    def copy(self, song: QueuedSong, method: str) -> QueuedSong:
        """Queue the recording of a song once more, by another method.

        Raises
        ------
        FullError
        OSError
            If the recording cannot be copied.
        """
        with self.reserve() as folder:
            source = folder / song.order.source.name
            try:
                os.link(song.order.source, source)  # nothing ever writes to it
            except OSError:
                shutil.copyfile(song.order.source, source)
            return self.admit(source, song.name, method)

    @contextmanager
    def reserve(self) -> Iterator[Path]:
        """Reserve room for a song that is arriving, and yield the folder it goes to.

        Unless it is admitted before the end, the folder is removed.

        Raises
        ------
        FullError
        """
        if self.load["room"] == 0:
            raise FullError
        folder = self.folder / secrets.token_urlsafe(16)
        folder.mkdir()
        self._arriving += 1
        try:
            yield folder
        finally:
            self._arriving -= 1
            if folder.name not in self._songs:
                shutil.rmtree(folder, ignore_errors=True)

    def admit(self, source: Path, name: str, method: str) -> QueuedSong:
        """Queue a song that has arrived in the folder that was reserved for it."""
        order = Order(source, method, self.limits.threads, self.limits.duration)
        song = QueuedSong(source.parent.name, name, order, self.limits.keep)
        self._songs[song.id] = song
        self._waiting.append(song)
        self._advance()
        return song

    def delete(self, song: QueuedSong) -> None:
        """Forget a song, whatever is being done with it, and all its files."""
        self._songs.pop(song.id, None)
        if song in self._waiting:
            self._waiting.remove(song)
        song.become("deleted")
        if song.id in self._working:
            self._end(song)
        shutil.rmtree(self.folder / song.id, ignore_errors=True)
        self._advance()

    async def forget_old_ones(self) -> None:
        """Delete what has been kept for long enough, for ever."""
        while True:
            await asyncio.sleep(min(5.0, self.limits.keep / 2))
            oldest = time.monotonic() - self.limits.keep
            for song in [song for song in self._ended() if song.touched < oldest]:
                self.delete(song)

    def close(self) -> None:
        """Delete all."""
        self._waiting.clear()
        for song in list(self._songs.values()):
            self.delete(song)

    def _ended(self) -> list[QueuedSong]:
        return [song for song in self._songs.values() if song.has_ended]

    def _advance(self) -> None:
        """Start what can be started; tell the others how far they are."""
        while self._waiting and len(self._working) < self.limits.jobs:
            self._start(self._waiting.popleft())
        for ahead, song in enumerate(self._waiting):
            song.become("waiting", ahead)

    def _start(self, song: QueuedSong) -> None:
        process = self._working[song.id] = WorkProcess(split, (song.order,))
        song.become("working")
        loop = asyncio.get_running_loop()
        loop.add_reader(process.messages.fileno(), self._receive, song, process)

    def _receive(self, song: QueuedSong, process: WorkProcess) -> None:
        try:
            song.receive(process.messages.recv())
        except EOFError:
            song.receive(Failed(DIED))
        if song.has_ended:
            self._end(song)
            self._remember_speed(song)
            song.touch()
            self._make_room()
            self._advance()

    def _remember_speed(self, song: QueuedSong) -> None:
        if song.done is not None and song.done.result.elapsed > 0:
            result = song.done.result
            self.speeds[song.order.method] = result.duration / result.elapsed

    def _end(self, song: QueuedSong) -> None:
        process = self._working.pop(song.id)
        asyncio.get_running_loop().remove_reader(process.messages.fileno())
        process.end()

    def _make_room(self) -> None:
        """Delete those finished songs that were used longest ago."""
        ended = sorted(self._ended(), key=lambda song: song.touched, reverse=True)
        for song in ended[self.limits.kept :]:
            self.delete(song)
