"""Songs at other speeds: the samples of their parts, stretched in a process of their own."""

import asyncio
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ticktone.errors import TicktoneError
from ticktone.page.growing import Growing
from ticktone.page.part_samples import SampleFiles, read_samples
from ticktone.page.queued_song import QueuedSong
from ticktone.page.recall import stretcher
from ticktone.page.work import Failed, Order, Sound, exact_folder
from ticktone.processes import DIED, WorkProcess

_PAUSE = 0.1  # seconds between two reports


@dataclass(frozen=True)
class Stretched:
    """So many samples are stretched, and whether these are all."""

    samples: int
    is_whole: bool


def stretch(
    order: Order,
    sound: Sound,
    speed: float,
    folder: Path,
    report: Callable[[Stretched | Failed], None],
) -> None:
    """Write the samples of a song's parts at another speed."""
    reported = time.monotonic()
    parts = read_samples(exact_folder(order.source), sound.channels)
    try:
        with closing(SampleFiles(folder, sound.parts)) as files:
            for block in stretcher(sound, speed, order.threads).each_part(parts, sound.sample_rate):
                files.write(block)
                if time.monotonic() > reported + _PAUSE:
                    reported = time.monotonic()
                    report(Stretched(files.samples, False))
        report(Stretched(files.samples, True))
    except TicktoneError as error:
        report(Failed(error.cause))


class Rendition(Growing):
    """A song at another speed, while it is being made and after.

    Parameters
    ----------
    song : QueuedSong
        One that is done.
    speed : float

    Attributes
    ----------
    folder : Path
        Of the samples.
    error : str or None
        Why it failed, if it did.
    """

    def __init__(self, song: QueuedSong, speed: float) -> None:
        super().__init__()
        self.song, self.speed = song, speed
        self.folder = song.order.source.parent / f"speed-{speed:g}"
        self.error: str | None = None
        arguments = (song.order, song.sound, speed, self.folder)
        self._process: WorkProcess | None = WorkProcess(stretch, arguments)
        self._messages = self._process.messages.fileno()
        asyncio.get_running_loop().add_reader(self._messages, self._receive)

    def _receive(self) -> None:
        assert self._process is not None
        try:
            message = self._process.messages.recv()
        except EOFError:
            message = Failed(DIED)
        if isinstance(message, Failed):
            self.error = message.cause
        else:
            self.samples, self.is_whole = message.samples, message.is_whole
        if self.error is not None or self.is_whole:
            self.end()
        self.tell()

    def end(self) -> None:
        """End its making, if it is still being made."""
        self.has_ended = True
        if self._process is not None:
            asyncio.get_running_loop().remove_reader(self._messages)
            self._process.end()
            self._process = None
        self.tell()

    def discard(self) -> None:
        """End its making, and delete it."""
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class Renditions:
    """Those of all songs: one for each song, and so many in the making.

    Parameters
    ----------
    jobs : int
        In the making at a time; another ends the oldest.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._by_song: dict[str, Rendition] = {}

    def get(self, song: QueuedSong, speed: float) -> Rendition:
        """Return a song at a speed; it begins to be made if it is not there."""
        known = self._by_song.get(song.id)
        if known is not None and known.speed == speed:
            return known  # also one that has failed, which tells why
        self.drop(song)
        making = [each for each in self._by_song.values() if not each.has_ended]
        for oldest in making[: max(0, len(making) + 1 - self._jobs)]:
            self.drop(oldest.song)
        rendition = self._by_song[song.id] = Rendition(song, speed)
        return rendition

    def drop(self, song: QueuedSong) -> None:
        """Forget the song at another speed, if it is there."""
        known = self._by_song.pop(song.id, None)
        if known is not None:
            known.discard()
