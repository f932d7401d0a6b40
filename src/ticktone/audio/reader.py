"""Sound files, block by block: soundfile reads most, an ffmpeg program the rest."""

import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from ticktone.audio.decoder import BLOCK_FRAMES, Decoder, DecoderError, SeveralFilesError, truncated
from ticktone.audio.ffmpeg import FfmpegDecoder, go_on, kind_for_ffmpeg
from ticktone.audio.formats import container_of
from ticktone.audio.headers import Bytes, has_another_behind, left_out, read_extent
from ticktone.audio.libsndfile import LibsndfileDecoder
from ticktone.audio.mp3 import after_tags, after_zeros, find_frames
from ticktone.audio.ogg import is_whole
from ticktone.audio.probe import probe
from ticktone.audio.sds import MAGIC as SDS
from ticktone.audio.sds import SdsDecoder
from ticktone.errors import TicktoneError
from ticktone.limits import MANY_CHANNELS, MAX_CHANNELS, MAX_RATE, MIN_RATE

__all__ = ["BLOCK_FRAMES", "Reader"]


_PACKED = {
    b"PK\3\4": "ZIP",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"BZh": "bzip2",
}


class Reader:
    """An open sound file.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    sample_rate : int
        Hz.
    channels : int
    frames : int or None
        Samples in each channel, as the file says; None if it does not.
    format : Format
    notes : list of str
        What the user should know of how the file is read, each in one line; complete when its
        last block is read.

    Raises
    ------
    TicktoneError
        If the file cannot be read, is not sound, is damaged, or needs ffmpeg where there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._decoder: Decoder | None = None
        self._damage: DecoderError | None = None
        self._bytes = self._open()
        try:
            self._start(Bytes(self._bytes.fileno()))
        except BaseException:
            self.close()
            raise

    def _open(self) -> BinaryIO:
        try:
            kind = self.path.stat().st_mode
            if stat.S_ISDIR(kind):
                raise TicktoneError("is a folder, not a sound file", self.path)
            if not stat.S_ISREG(kind):
                raise TicktoneError(
                    "is a pipe or device; save it to a file, or give it as standard input (-)",
                    self.path,
                )
            return self.path.open("rb")  # by Python, for its better reasons
        except FileNotFoundError:
            raise TicktoneError("no such file; check the spelling", self.path) from None
        except PermissionError:
            raise TicktoneError(
                "may not be read by you; change its permissions", self.path
            ) from None
        except OSError as error:
            raise TicktoneError(f"cannot be opened: {error.strerror}", self.path) from None

    def _start(self, file: Bytes) -> None:
        if file.size == 0:
            raise TicktoneError("is empty (0 bytes); copy or download it again", self.path)
        self._decoder = decoder = self._first_decoder(file)
        if has_another_behind(file):
            decoder.notes.append("a second recording lies behind the first, and is left out")
        decoder.notes += left_out(file)
        self.sample_rate, self.channels = decoder.sample_rate, decoder.channels
        self.format, self.frames = decoder.format, decoder.frames
        if not MIN_RATE <= self.sample_rate <= MAX_RATE:
            raise TicktoneError(
                f"has a sample rate of {self.sample_rate} Hz by its header, which must lie between "
                f"{MIN_RATE} and {MAX_RATE} Hz; correct the header",
                self.path,
            )
        if not 1 <= self.channels <= MAX_CHANNELS:
            raise TicktoneError(
                f"has {self.channels} channels; at most {MAX_CHANNELS} can be separated together",
                self.path,
            )
        if self.channels > MANY_CHANNELS and 0 < (self.frames or 0) < self.channels:
            raise TicktoneError(
                f"has {self.channels} channels of {self.frames} samples by its header; correct it",
                self.path,
            )
        if self.frames == 0:
            raise TicktoneError("holds 0 samples; there is nothing to separate", self.path)

    def _first_decoder(self, file: Bytes) -> Decoder:
        behind = after_tags(file)
        behind = after_zeros(file, behind)
        if container_of(file.at(behind, 16)) not in (None, "MP3"):
            file = file.after(behind)  # an ID3 tag or zeros before what is no MP3
        magic = file.at(0, 16)
        if packed := next((kind for begin, kind in _PACKED.items() if magic.startswith(begin)), ""):
            raise TicktoneError(f"is a {packed} archive; unpack it", self.path)
        extent = read_extent(file)
        if extent is not None and (missing := extent.missing(file.size)):
            raise truncated(self.path, f"{missing} bytes of it are not there")
        kind = kind_for_ffmpeg(magic)
        if kind is not None:
            return FfmpegDecoder(self.path, f"is {kind}")
        try:
            if magic.startswith(SDS):
                return SdsDecoder(self.path, file)
            return LibsndfileDecoder(self.path, file)
        except SeveralFilesError as several:
            decoder = FfmpegDecoder(self.path, str(several), is_strict=False)
            decoder.notes.append(f"{several}; read as one, through ffmpeg")
            return decoder
        except DecoderError as refused:
            return self._second_decoder(file, self._reason(magic, str(refused)))

    def _second_decoder(self, file: Bytes, reason: str) -> Decoder:
        """Open with ffmpeg, but MP3 behind something else with libsndfile, which finds its end."""
        start = find_frames(file)
        if start:
            is_blank = after_zeros(file, after_tags(file)) == start
            found = None if is_blank else probe(self.path)
            if is_blank or (found is not None and found.container == "mp3"):
                with suppress(DecoderError):
                    return LibsndfileDecoder(self.path, file.after(start))
        elif file.at(0, 4) == b"OggS":
            with suppress(SeveralFilesError):
                if not is_whole(file, self.path):
                    raise truncated(self.path)
        return FfmpegDecoder(self.path, reason)

    @staticmethod
    def _reason(magic: bytes, told: str) -> str:
        """Return what is known of a file that libsndfile refuses: its first bytes, its message."""
        if not told.startswith("libsndfile: "):
            return told
        container = "MP3 (an ID3 tag)" if magic[:3] == b"ID3" else container_of(magic)
        if container is None:
            return "is not a sound file that libsndfile reads"
        return f"begins as {container}, but is damaged, truncated or of an unknown kind ({told})"

    @property
    def notes(self) -> list[str]:
        """Lines for the user on how the file is read."""
        return [] if self._decoder is None else self._decoder.notes

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[NDArray[Any]]:
        """Read the file from its beginning or another sample, once.

        Parameters
        ----------
        start, stop : int
            The first sample, and the one before which to stop. Default: all.

        Yields
        ------
        ndarray [shape=(channels, samples)]
            float64 where float32 would lose bits (32-bit PCM, DOUBLE), else float32.

        Raises
        ------
        TicktoneError
            If the file turns out to be damaged.
        """
        assert self._decoder is not None
        count, last = self._decoder.seek(start), np.zeros((0, self.channels), np.float32)
        while stop is None or count < stop:
            try:
                block = self._decoder.read(self._decoder.block_frames)
                if not len(block) and self.frames is not None and count < self.frames:
                    promise = f"it promises {self.frames} samples and holds {count}"
                    raise DecoderError(str(truncated(self.path, promise).cause))
            except DecoderError as damage:
                self._go_on(damage, count, last)
                continue
            except TicktoneError:
                if self._damage is None:
                    raise
                raise TicktoneError(str(self._damage), self.path) from None
            if len(block) == 0:
                break
            wanted = block[max(0, start - count) : None if stop is None else stop - count]
            count += len(block)
            last = block
            if len(wanted):
                yield np.ascontiguousarray(wanted.T)
        if count == 0:
            raise TicktoneError("holds 0 samples; there is nothing to separate", self.path)

    def _go_on(self, damage: DecoderError, count: int, last: NDArray[Any]) -> None:
        """Read with ffmpeg what libsndfile does not."""
        decoder = self._decoder
        if count == 0 or not isinstance(decoder, LibsndfileDecoder):
            raise TicktoneError(str(damage), self.path)
        self._damage = damage
        self._decoder = go_on(self.path, damage, decoder, count, last)
        self._decoder.notes += decoder.notes
        decoder.close()

    def close(self) -> None:
        """Close the file."""
        if self._decoder is not None:
            self._decoder.close()
        self._bytes.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
