"""Stems that cannot be read from any sample on, decoded once into WAV files that can."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ticktone.audio.formats import Format
from ticktone.audio.reader import Reader
from ticktone.audio.writer import Writer


def _say_nothing(source: Path) -> None:
    pass


@dataclass(frozen=True)
class StemCache:
    """A folder of decoded stems.

    Parameters
    ----------
    folder : Path
        Made once there is something to put into it.
    on_decode : callable
        Called with each sound file that is about to be decoded, which takes its time.
    """

    folder: Path
    on_decode: Callable[[Path], None] = _say_nothing

    def decode(self, source: Path, song: str) -> Path:
        """Return the WAV file of a coded sound file, which is made if it is not there yet.

        Parameters
        ----------
        source : Path
        song : str
            The name of its song, for people who look into the folder.

        Raises
        ------
        TicktoneError
            If the source cannot be read, or the WAV file not be written.
        """
        stat = source.stat()
        identity = f"{source.absolute()}:{stat.st_size}:{stat.st_mtime_ns}"
        digest = sha256(identity.encode(errors="surrogateescape")).hexdigest()[:16]
        path = self.folder / song / f"{source.name}.{digest}.wav"
        if not path.exists():
            self.on_decode(source)
            with Reader(source) as reader:
                write_wav(path, reader.sample_rate, reader.channels, reader.blocks(), "FLOAT")
        return path


def write_wav(
    path: Path, sample_rate: int, channels: int, blocks: Iterable[NDArray[Any]], subtype: str
) -> None:
    """Write a WAV file that has its name only once it is whole.

    Parameters
    ----------
    path : Path
    sample_rate : int
        Hz.
    channels : int
    blocks : iterable of ndarray [shape=(channels, samples)]
    subtype : str
        One of soundfile's, such as ``"PCM_16"``.

    Raises
    ------
    TicktoneError
        If it cannot be written.
    """
    writer = Writer(path, sample_rate, channels, Format("WAV", subtype, "wav"))
    try:
        for block in blocks:
            writer.write(block)
        writer.close()
        writer.commit()
    finally:
        writer.discard()
