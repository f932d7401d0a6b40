"""Sound files, block by block: soundfile reads most, an ffmpeg program the rest."""

import os
import re
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from ticktone.audio import ffmpeg, mp3, ogg
from ticktone.audio.formats import Format, container_of
from ticktone.errors import TicktoneError

BLOCK_FRAMES = 2**16  # sample frames read at a time
_LOST_LENGTH = 2**31 - 2**16  # a writer that could not seek back leaves such lengths in a header


class _Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A sound file read from its beginning to its end."""

    def seekable(self) -> bool:
        """Say no: seeking after each read fails at the end of a file that tells no length."""
        return False


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

    Raises
    ------
    TicktoneError
        If the file cannot be read, is not sound, is damaged, or needs ffmpeg where there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: Any = None
        self._bytes = self._open()
        try:
            self._start(self._bytes.fileno())
        except BaseException:
            self.close()
            raise

    def _open(self) -> BinaryIO:
        try:
            kind = self.path.stat().st_mode
            if stat.S_ISDIR(kind):
                raise TicktoneError("is a folder, not a sound file", self.path)
            if not stat.S_ISREG(kind):
                raise TicktoneError("is a pipe or device; save it to a file first", self.path)
            return self.path.open("rb")  # by Python, for its better reasons
        except FileNotFoundError:
            raise TicktoneError("no such file; check the spelling", self.path) from None
        except PermissionError:
            raise TicktoneError(
                "may not be read by you; change its permissions", self.path
            ) from None
        except OSError as error:
            raise TicktoneError(f"cannot be opened: {error.strerror}", self.path) from None

    def _start(self, descriptor: int) -> None:
        if os.fstat(descriptor).st_size == 0:
            raise TicktoneError("is empty (0 bytes); copy or download it again", self.path)
        magic = os.pread(descriptor, 16, 0)
        if ffmpeg.is_needed(magic):
            self._file = ffmpeg.Decoder(self.path)
            self.sample_rate, self.channels = self._file.sample_rate, self._file.channels
            self.frames = None
            self.format = Format("FFMPEG", "CODED", self.path.suffix[1:])
            return
        ends = container_of(magic) != "MP3" or mp3.tells_its_length(descriptor, self.path)
        try:
            self._file = _Forward(descriptor if ends else self._pipe(), closefd=not ends)
        except soundfile.LibsndfileError:
            raise TicktoneError(self._reason(magic), self.path) from None
        file = self._file
        self.sample_rate, self.channels = file.samplerate, file.channels
        self.format = Format(file.format, file.subtype, self.path.suffix[1:])
        self.frames = file.frames if file.frames < 2**62 else None
        if self._is_short(descriptor):
            raise self._truncated()
        if self.frames == 0:
            raise TicktoneError("holds 0 samples; there is nothing to separate", self.path)

    def _pipe(self) -> int:
        """Show libsndfile a stream without an end, for it would trust its guess of the end."""
        outlet, inlet = os.pipe()

        def pour() -> None:
            with (
                suppress(BrokenPipeError),  # the reader has had enough
                self.path.open("rb") as source,
                os.fdopen(inlet, "wb") as stream,
            ):
                shutil.copyfileobj(source, stream)

        threading.Thread(target=pour, daemon=True).start()
        return outlet

    @staticmethod
    def _reason(magic: bytes) -> str:
        if container_of(magic) is not None:
            return "is damaged, truncated or of an unknown kind; copy it again or convert it to WAV"
        return "is not a sound file, whatever its name says; nothing here can read it"

    def _truncated(self, found: int | None = None) -> TicktoneError:
        told = f" (it promises {self.frames} samples and holds {found})" if found else ""
        return TicktoneError(f"is truncated{told}; copy or download it again", self.path)

    def _is_short(self, descriptor: int) -> bool:
        """Tell whether the file ends before its own header, or its last page, says it does."""
        if self.format.container == "OGG":
            return not ogg.is_whole(descriptor, self.path)
        log = self._file.extra_info
        for chunk in re.finditer(
            r"^\s*(?:data|SSND|riff|Riff size) *: (\d+) \(should be (\d+)\)", log, re.MULTILINE
        ):
            promised, found = map(int, chunk.groups())
            if found < promised < _LOST_LENGTH or (found < promised and promised > 2**32):
                return True
        return False

    def blocks(self) -> Iterator[NDArray[Any]]:
        """Read the file from its beginning, once.

        Yields
        ------
        ndarray [shape=(channels, samples)]
            float64 where float32 would lose bits (32-bit PCM, DOUBLE), else float32.

        Raises
        ------
        TicktoneError
            If the file turns out to be damaged.
        """
        wide = self.format.subtype in ("PCM_32", "ALAC_32", "DOUBLE")
        dtype = "float64" if wide else "float32"
        count = 0
        while True:
            try:
                block = self._file.read(BLOCK_FRAMES, dtype=dtype, always_2d=True)
            except soundfile.LibsndfileError:
                raise TicktoneError(
                    f"is damaged after {count / self.sample_rate:.1f} s; copy or download it again",
                    self.path,
                ) from None
            if len(block) == 0:
                break
            count += len(block)
            yield np.ascontiguousarray(block.T)
        if self.frames is not None and count < self.frames:
            raise self._truncated(count)
        if count == 0:
            raise TicktoneError("holds 0 samples; there is nothing to separate", self.path)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        self._bytes.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
