"""What every decoder of sound files has."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ticktone.audio.formats import Format
from ticktone.errors import TicktoneError

BLOCK_FRAMES = 2**16  # sample frames read at a time
_BLOCK_SAMPLES = 2**20  # over all channels, at most


class DecoderError(Exception):
    """A decoder cannot read a file, or not to its end; another may. One line says why."""


def truncated(path: Path, told: str = "") -> TicktoneError:
    """Return the error that a file ends too early."""
    detail = f" ({told})" if told else ""
    return TicktoneError(f"is truncated{detail}; copy or download it again", path)


class SeveralFilesError(DecoderError):
    """A file is several, one after another, of which a decoder would read the first."""


class Decoder(ABC):
    """A sound file that is read from its beginning to its end, once.

    Attributes
    ----------
    sample_rate : int
        Hz.
    channels : int
    frames : int or None
        Samples in each channel, as the file says; None if it does not.
    format : Format
    notes : list of str
        What the user should know of how the file is read, each in one line.
    """

    sample_rate: int
    channels: int
    frames: int | None
    format: Format
    notes: list[str]

    @property
    def is_wide(self) -> bool:
        """Whether float32 would lose bits."""
        return self.format.subtype in ("PCM_32", "ALAC_32", "DOUBLE")

    @property
    def block_frames(self) -> int:
        """Samples to read at a time."""
        return max(1, min(BLOCK_FRAMES, _BLOCK_SAMPLES // self.channels))

    @abstractmethod
    def read(self, frames: int) -> NDArray[Any]:
        """Read the next samples, float64 if `is_wide`, else float32. [shape=(samples, channels)].

        Fewer than `frames`, even none, are the end.

        Raises
        ------
        DecoderError
            If the file is damaged there, or the decoder stops before the file's end.
        """

    def seek(self, frames: int) -> int:
        """Pass over samples at the beginning, where that takes no reading.

        Returns
        -------
        int
            How many it passed over: as many as asked for, or none.
        """
        return 0

    @abstractmethod
    def close(self) -> None:
        """Free what the decoder holds."""
