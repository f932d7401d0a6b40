"""Sound files written beside their final name, and renamed when they are whole."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from ticktone.audio import aiff_header, wave_header
from ticktone.audio.bitrate import encoder_settings
from ticktone.audio.channel_order import coded_order
from ticktone.audio.formats import PCM_BITS, UNLIMITED, Format
from ticktone.errors import TicktoneError
from ticktone.storage.atomic import Replacement
from ticktone.system import SYSTEM

_BLOCK = 2**14  # sample frames to a call; longer ones overrun libvorbis's stack
_FLOAT_BITS = {"FLOAT": 32, "DOUBLE": 64}
_OF_A_BYTE = ("PCM_S8", "PCM_U8", "ULAW", "ALAW")
_SHORT = ("WAV", "WAVEX", "AIFF", "AU")  # containers whose header holds no more than 4 GiB


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
    mask : int, optional
        Speaker positions, by the bits of WAVE_FORMAT_EXTENSIBLE, for WAV.
    spare : int
        Bytes that something else may add to the file.
    bitrate, source_bitrate : float, optional
        kbit/s; see `ticktone.audio.bitrate.encoder_settings`.

    Attributes
    ----------
    temporary : Path
        The file in the making.
    overs : int
        Samples so far that exceeded full scale, and were limited to it.
    peak : float
        The largest magnitude so far; 1 is full scale.

    Raises
    ------
    TicktoneError
        If the file cannot be created, or its format does not allow the rate, channels, bit rate
        or length.
    """

    def __init__(
        self,
        path: Path,
        sample_rate: int,
        channels: int,
        format: Format,
        frames: int | None = None,
        *,
        mask: int | None = None,
        spare: int = 0,
        bitrate: float | None = None,
        source_bitrate: float | None = None,
    ) -> None:
        self.path, self.format = path, format
        self.overs, self.peak = 0, 0.0
        self._count, self._channels = 0, channels  # samples so far in each channel
        self._bits = PCM_BITS.get(format.subtype)
        self._frame = channels * (self._bits or _FLOAT_BITS.get(format.subtype, 8)) / 8  # bytes
        self._room = wave_header.LIMIT - spare
        self._mask = mask
        self._order = coded_order(format.subtype, channels)
        self._is_wav = format.container in ("WAV", "WAVEX")
        container = self._container(frames)
        # Begun as RF64, for there is no knowing, it becomes WAV again if it stays short.
        self._may_shorten = self._is_wav and container == "RF64" and frames is None
        quality = encoder_settings(format.subtype, sample_rate, channels, bitrate, source_bitrate)
        self._replacement = Replacement(path)
        self.temporary = self._replacement.temporary
        try:
            self._file = soundfile.SoundFile(
                self._replacement.file.fileno() if SYSTEM.shares_descriptors else self.temporary,
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

    def _container(self, frames: int | None) -> str:
        """Choose one that holds so many frames, an unknown number if None, and the positions."""
        container = self.format.container
        coded = self.format.subtype in soundfile.available_subtypes("RF64")
        if self._is_wav and coded and (frames is None or frames * self._frame > self._room):
            return "RF64"
        if self._mask is not None and container == "WAV" and self._has_positions():
            container = "WAVEX"
        if frames is not None and container in _SHORT and frames * self._frame > self._room:
            raise self._too_long()
        return container

    def _has_positions(self) -> bool:
        return self.format.subtype in soundfile.available_subtypes("WAVEX")

    def _too_long(self) -> TicktoneError:
        return TicktoneError(
            f"would be longer than the 4 GiB that {self.format.container} holds; "
            "choose --format wav or flac",
            self.path,
        )

    def write(self, samples: NDArray[Any]) -> None:
        """Append samples. [shape=(channels, samples)].

        Raises
        ------
        TicktoneError
            If they cannot be written, most often because the disk is full.
        """
        if samples.size:
            self.peak = max(self.peak, float(np.abs(samples).max()))
        self._count += samples.shape[-1]
        self._room -= int(samples.shape[-1] * self._frame)
        if self._room < 0 and self._file.format in _SHORT:  # more than were promised
            raise self._too_long()
        try:
            for start in range(0, samples.shape[-1], _BLOCK):
                block = samples[:, start : start + _BLOCK]
                if self._order is not None:
                    block = block[self._order]
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
        full = shutil.disk_usage(self.path.parent).free < 2**20
        cause = "the disk is full" if full else "the system refused (disk full, or a size limit?)"
        return TicktoneError(f"cannot be written to the end: {cause}; make room", self.path)

    def close(self) -> None:
        """Finish the file under its temporary name.

        Raises
        ------
        TicktoneError
            If its end cannot be written.
        """
        was_open = not self._file.closed
        try:
            self._file.close()
        except soundfile.LibsndfileError:
            raise self._failed() from None
        if was_open:
            self._finish_header()

    def _finish_header(self) -> None:
        format, is_odd = self.format, self._count * self._channels % 2 == 1
        try:
            if is_odd and format.container == "AIFF" and format.subtype in _OF_A_BYTE:
                aiff_header.exclude_padding(self.temporary, self._count)
            if self._may_shorten and self._room >= 0:
                wave_header.shorten_header(self.temporary, self._is_extensible())
            if self._mask is not None and self._is_wav:
                wave_header.set_channel_mask(self.temporary, self._mask)
        except OSError:
            raise self._failed() from None

    def _is_extensible(self) -> bool:
        return self.format.container == "WAVEX" or self._mask is not None

    def commit(self) -> None:
        """Rename the finished file to its own name, replacing what had that name before."""
        self._replacement.commit()

    def discard(self) -> None:
        """Remove the file unless it is committed."""
        with suppress(soundfile.LibsndfileError):
            self._file.close()
        self._replacement.discard()
