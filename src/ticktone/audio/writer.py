"""Sound files written beside their final name, and renamed when they are whole."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from ticktone.audio.formats import PCM_BITS, UNLIMITED, Format
from ticktone.errors import TicktoneError
from ticktone.storage.atomic import Replacement

_BLOCK = 2**14  # sample frames to a call; longer ones overrun libvorbis's stack
_COMPRESSION = 0.1  # of OGG and MP3, 0 to 1: nearly the best they can do
_WAV_LIMIT = 2**32 - 2**20  # bytes; a longer WAV file is an RF64 file


class Writer:
    """A sound file in the making.

    Nothing is seen under `path` before `commit`. Use `discard` in a `finally`: it removes an
    uncommitted file and does nothing to a committed one.

    Parameters
    ----------
    path : Path
    sample_rate : int
        Hz.
    channels : int
    format : Format
    frames : int, optional
        How many samples are to come in each channel, if that is known.

    Attributes
    ----------
    overs : int
        Samples so far that exceeded full scale, and were limited to it.
    peak : float
        The largest magnitude so far; 1 is full scale.

    Raises
    ------
    TicktoneError
        If the file cannot be created or its format does not allow the rate or channels.
    """

    def __init__(
        self, path: Path, sample_rate: int, channels: int, format: Format, frames: int | None = None
    ) -> None:
        self.path, self.format = path, format
        self.overs, self.peak = 0, 0.0
        self._bits = PCM_BITS.get(format.subtype)
        container = format.container
        if (
            container in ("WAV", "WAVEX")
            and (frames or 0) * channels * (self._bits or 64) / 8 > _WAV_LIMIT
        ):
            container = "RF64"
        self._replacement = Replacement(path)
        quality = {"compression_level": _COMPRESSION} if container in ("OGG", "MP3") else {}
        try:
            self._file = soundfile.SoundFile(
                self._replacement.file.fileno(),
                *("w", sample_rate, channels, format.subtype),
                format=container,
                closefd=False,
                **quality,
            )
        except soundfile.LibsndfileError:
            self._replacement.discard()
            raise TicktoneError(
                f"{container} {format.subtype} does not hold {channels} channels at "
                f"{sample_rate} Hz; choose another --format",
                path,
            ) from None

    def write(self, samples: NDArray[Any]) -> None:
        """Append samples. [shape=(channels, samples)].

        Raises
        ------
        TicktoneError
            If they cannot be written, most often because the disk is full.
        """
        if samples.size:
            self.peak = max(self.peak, float(np.abs(samples).max()))
        try:
            for start in range(0, samples.shape[-1], _BLOCK):
                block = samples[:, start : start + _BLOCK]
                self._file.write(self._coded(block).T)
        except soundfile.LibsndfileError:
            raise self._failed() from None

    def _coded(self, samples: NDArray[Any]) -> NDArray[Any]:
        if self._bits:
            return self._quantise(samples)
        if self.format.subtype in UNLIMITED:
            return samples
        limited: NDArray[Any] = np.clip(samples, -1, 1)  # libsndfile would let it wrap around
        self.overs += int(np.count_nonzero(limited != samples))
        return limited

    def _quantise(self, samples: NDArray[Any]) -> NDArray[np.int32]:
        """Round to the nearest PCM value, where libsndfile would round down."""
        assert self._bits is not None
        full = 2 ** (self._bits - 1)
        rounded = np.rint(samples.astype(np.float64) * full)
        limited = np.clip(rounded, -full, full - 1)
        self.overs += int(np.count_nonzero(limited != rounded))
        aligned: NDArray[np.int32] = limited.astype(np.int32) << (32 - self._bits)
        return aligned  # libsndfile takes the upper bits

    def _failed(self) -> TicktoneError:
        free = os.statvfs(self.path.parent)
        full = free.f_bavail * free.f_frsize < 2**20
        cause = "the disk is full" if full else "the system refused (disk full, or a size limit?)"
        return TicktoneError(f"cannot be written to the end: {cause}; make room", self.path)

    def close(self) -> None:
        """Finish the file under its temporary name.

        Raises
        ------
        TicktoneError
            If its end cannot be written.
        """
        try:
            self._file.close()
        except soundfile.LibsndfileError:
            raise self._failed() from None

    def commit(self) -> None:
        """Give the finished file its name, in place of what had it before."""
        self._replacement.commit()

    def discard(self) -> None:
        """Remove the file unless it is committed."""
        with suppress(TicktoneError):
            self.close()
        self._replacement.discard()
