"""Stems that cannot be read from any sample on, decoded once into WAV files that can."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ticktone.audio.formats import Format
from ticktone.audio.reader import Reader
from ticktone.audio.writer import Writer


def cached_path(source: Path, folder: Path, name: str) -> Path:
    """Name the WAV file of a stem, after its source's size too, lest another's be taken for it."""
    return folder / f"{name}.{source.stat().st_size}.wav"


def decoded(source: Path, folder: Path) -> Path:
    """Give the WAV file of a coded sound file; it is made if it is not there yet."""
    path = cached_path(source, folder, source.name)
    if not path.exists():
        with Reader(source) as reader:
            write_wav(path, reader.sample_rate, reader.channels, reader.blocks(), "FLOAT")
    return path


def write_wav(
    path: Path, sample_rate: int, channels: int, blocks: Iterable[NDArray[Any]], subtype: str
) -> None:
    """Write a WAV file that has its name only once it is whole.

    Parameters
    ----------
    blocks : iterable of ndarray [shape=(channels, samples)]
    subtype : str
        In soundfile's words.
    """
    writer = Writer(path, sample_rate, channels, Format("WAV", subtype, "wav"))
    try:
        for block in blocks:
            writer.write(block)
        writer.close()
        writer.commit()
    finally:
        writer.discard()
