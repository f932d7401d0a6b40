"""The samples of a song's parts as they were found, for listening and for remixes.

They lie raw, channels interleaved, so that they can be read while they are still being written.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import TicktoneError
from ticktone.parts import PARTS, Parts, as_parts

BLOCK = 2**16  # samples in each channel, read at a time
_KINDS = (".f4", ".f8")  # by the size of a sample


def sample_paths(folder: Path) -> dict[str, Path]:
    """Return where the samples of each part are, in the order of the parts."""
    paths = (folder / f"{part}{kind}" for part in PARTS for kind in _KINDS)
    return {path.stem: path for path in paths if path.exists()}


def sample_type(path: Path) -> np.dtype[Any]:
    """Return the type of the samples in a file: little-endian, 32 or 64 bits of floating point."""
    return np.dtype(f"<{path.suffix[1:]}")


class SampleFiles:
    """Writes the samples of parts, block by block; what is written can be read at once.

    Parameters
    ----------
    folder : Path
        Made if need be.
    names : sequence of str
        Of the parts.

    Attributes
    ----------
    samples : int
        Written so far, in each channel.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder, self._names = folder, names
        self._files: list[BinaryIO] = []
        self.samples = 0

    def write(self, parts: Parts) -> None:
        """Append samples of every part. [shape=(channels, samples)]."""
        try:
            if not self._files:
                self._files = self._open(parts.harmonic.dtype)
            for file, part in zip(self._files, parts, strict=True):
                file.write(np.ascontiguousarray(part.T).tobytes())
                file.flush()
        except OSError as error:
            raise TicktoneError(f"its samples cannot be kept: {error.strerror}") from None
        self.samples += parts.harmonic.shape[-1]

    def _open(self, dtype: np.dtype[Any]) -> list[BinaryIO]:
        self._folder.mkdir(exist_ok=True)
        kind = ".f8" if dtype == np.float64 else ".f4"
        return [(self._folder / f"{name}{kind}").open("wb") for name in self._names]

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()


def read_samples(folder: Path, channels: int) -> Iterator[Parts]:
    """Read the samples of all parts, block by block. [shape=(channels, samples)]."""
    with ExitStack() as opened:
        files = [
            (opened.enter_context(path.open("rb")), sample_type(path))
            for path in sample_paths(folder).values()
        ]
        while True:
            blocks = [_read(file, kind, channels) for file, kind in files]
            if blocks[0].shape[-1] == 0:
                return
            yield as_parts(blocks)


def _read(file: BinaryIO, kind: np.dtype[Any], channels: int) -> NDArray[Any]:
    content = file.read(BLOCK * channels * kind.itemsize)
    return np.frombuffer(content, kind).reshape(-1, channels).T
