"""Sound files through libsndfile, as the package soundfile brings it."""

import os
import threading
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

import soundfile
from numpy.typing import NDArray

from ticktone.audio import flac, mp3, ogg
from ticktone.audio.channel_order import decoded_order
from ticktone.audio.decoder import Decoder, DecoderError, SeveralFilesError, truncated
from ticktone.audio.formats import PCM_BITS, Format, container_of
from ticktone.audio.headers import Bytes, Extent, more_samples, read_extent
from ticktone.audio.headers.riff import as_rf64
from ticktone.audio.silence import STDERR, STDOUT, silence
from ticktone.audio.view import View
from ticktone.errors import TicktoneError
from ticktone.system import SYSTEM

_LARGEST_HEADER = 2**24  # bytes that are held in memory to be mended
_READ_AHEAD = 2**17  # bytes, at most, that libFLAC has read and not decoded
_SEE_THE_END = ("WAV", "RF64", "AIFF", "CAF")  # others take all that follows for samples
_TAIL = 2**12  # bytes of tags that libsndfile may leave unread at the end of an MP3 stream


def _head(file: Bytes, length: int) -> bytes:
    """Return a file's beginning; of BW64 (ITU-R BS.2088) as RF64, of which it is a kind."""
    head = file.at(0, length)
    return b"RF64" + head[4:] if head[:4] == b"BW64" else head


class LibsndfileDecoder(Decoder):
    """A file that libsndfile reads.

    Parameters
    ----------
    path : Path
    file : Bytes
        The same file, open; what lies before its base is passed over.

    Raises
    ------
    DecoderError
        If libsndfile does not read such a file, or would read only part of it.
    TicktoneError
        If the file is shorter than its header says.
    """

    def __init__(self, path: Path, file: Bytes) -> None:
        self.path, self.notes, self._bytes = path, [], file
        self._is_mp3 = container_of(file.at(0, 16)) == "MP3"
        self._prints = file.at(0, 4) == b"caff"
        self._count = 0
        source, self._stream = self._source(file)
        try:
            with self._quiet():
                self._file = _Forward(source, closefd=self._stream is not None)
        except soundfile.LibsndfileError as error:
            raise DecoderError(f"libsndfile: {error.error_string.strip().rstrip('.')}") from None
        self.sample_rate, self.channels = self._file.samplerate, self._file.channels
        self.format = Format(self._file.format, self._file.subtype, path.suffix[1:])
        self.frames = self._file.frames if self._file.frames < 2**62 else None
        if self.format.container == "WAV" and self.format.subtype.startswith("MPEG"):
            self.frames = None  # its header counts what the encoder added, too
        if self.format.subtype == "ALAC_32":
            self.close()
            raise DecoderError("is ALAC of 32 bits, which libsndfile misreads")
        if self.format.subtype.startswith("ALAC") and self.channels > 2:
            self.close()
            raise DecoderError("is ALAC with an order of channels that libsndfile does not mend")
        if self.format.container == "OGG" and not ogg.is_whole(file, path):
            self.close()
            raise truncated(path)
        self._order = decoded_order(self.format.subtype, self.channels, file)

    def _source(self, file: Bytes) -> "tuple[Any, _Stream | None]":
        """Return what libsndfile is to read: the file, another view of it, or a stream."""
        is_shared = SYSTEM.shares_descriptors and not file.base
        plain = file.descriptor if is_shared else View(file, b"", 0, file.size)
        if self._is_mp3 and SYSTEM.shares_descriptors:
            if mp3.tells_its_length(file, self.path):
                return plain, None
            if not mp3.ends_whole(file):
                self.notes.append("ends within a frame, so it may have been longer once")
            stream = _Stream(self.path, file.base)
            return stream.outlet, stream
        if file.at(0, 4) == b"BW64":
            plain = View(file, _head(file, 4), 4, file.size - 4)
        extent = read_extent(file)
        if extent is None or extent.start > _LARGEST_HEADER:
            return plain, None
        if not extent.is_open(file.size):
            return self._bounded(file, extent) or plain, None
        if extent.length is None:
            self.notes.append("its header was never finished; read to the end of the file")
        else:
            self.notes.append("its header cannot tell its length; read to the end of the file")
        length = (file.size - extent.start) // extent.frame * extent.frame
        head = _head(file, extent.start)
        if extent.container == "WAV" and length + extent.start >= 2**32:
            head = as_rf64(head, length, extent.frame)
        else:
            head = extent.finished(head, length)
        return View(file, head, extent.start, length), None

    def _bounded(self, file: Bytes, extent: Extent) -> View | None:
        """Return a view that ends with the samples; None where libsndfile finds that end."""
        length = extent.length or 0
        behind = file.size - extent.start - length
        if behind <= (extent.container == "VOC"):  # the byte that ends its blocks
            return None
        more = more_samples(file, extent)
        if more and extent.container == "VOC":
            raise SeveralFilesError("is several VOC blocks in a row")
        if more is None and extent.container in _SEE_THE_END:
            return None
        if more:
            self.notes.append("more samples lie behind the first chunk of them, and are left out")
        head = extent.finished(_head(file, extent.start), length)
        return View(file, head, extent.start, length + (extent.container == "VOC"))

    def read(self, frames: int) -> NDArray[Any]:
        """Read the next samples; see `Decoder.read`."""
        if self.format.container == "FLAC" and self.frames is not None:
            frames = min(frames, self.frames - self._count)  # or tags at its end are decoded, too
            if not frames:
                self._look_behind()
        try:
            with self._quiet():
                block: NDArray[Any] = self._file.read(
                    frames, dtype="float64" if self.is_wide else "float32", always_2d=True
                )
        except soundfile.LibsndfileError:
            raise self._damage() from None
        self._count += len(block)
        if not len(block) and self._stream is not None and self._stream.unread() > _TAIL:
            raise self._damage()
        return block if self._order is None else block[:, self._order]

    def _look_behind(self) -> None:
        """Refuse a FLAC file behind which another is laid; tags and zeros may lie there."""
        read = 0
        if SYSTEM.shares_descriptors and not self._bytes.base:
            read = os.lseek(self._bytes.descriptor, 0, os.SEEK_CUR)
        if flac.begins_behind(self._bytes, read - _READ_AHEAD):
            raise TicktoneError("is several FLAC files in a row; cut them apart", self.path)

    def seek(self, frames: int) -> int:
        """Pass over samples of uncoded or lossless files; see `Decoder.seek`."""
        is_exact = self.format.subtype in (*PCM_BITS, "FLOAT", "DOUBLE")
        if not is_exact or self._stream is not None or frames > (self.frames or 0):
            return 0
        try:
            with self._quiet():
                self._count = int(self._file.seek(frames))
        except soundfile.LibsndfileError:
            return 0
        return self._count

    def _damage(self) -> DecoderError:
        seconds = self._count / self.sample_rate
        return DecoderError(f"is damaged after {seconds:.1f} s; copy or download it again")

    def close(self) -> None:
        """Close the file, not the descriptor that it was opened with."""
        self._file.close()

    def _quiet(self) -> AbstractContextManager[None]:
        """Return what keeps the words of libmpg123 and the ALAC reader from the terminal."""
        if self._is_mp3:
            return silence(STDERR)
        return silence(STDOUT) if self._prints else nullcontext()


class _Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A sound file read from its beginning to its end."""

    def seekable(self) -> bool:
        """Return False: seeking after each read fails at the end of a file of unknown length."""
        return False


class _Stream:
    """A file as a pipe, without an end that can be told: libsndfile would trust its guess of it."""

    def __init__(self, path: Path, base: int) -> None:
        self.path, self.base = path, base
        self.left = path.stat().st_size - base
        self.outlet, self._inlet = os.pipe()
        threading.Thread(target=self._pour, daemon=True).start()

    def unread(self) -> int:
        """Return how many bytes nobody has read; 0 once the pipe's end is closed."""
        return self.left + SYSTEM.unread(self.outlet)

    def _pour(self) -> None:
        with (
            suppress(BrokenPipeError),  # the reader has had enough
            self.path.open("rb") as source,
            os.fdopen(self._inlet, "wb", buffering=0) as stream,
        ):
            source.seek(self.base)
            while data := source.read(2**16):
                view = memoryview(data)
                while view:
                    sent = stream.write(view) or 0
                    self.left -= sent
                    view = view[sent:]
