"""Formats that soundfile cannot read, through an ffmpeg program where one is installed."""

import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import TicktoneError

_AU_HEADER = struct.Struct(">4s5I")  # magic, data offset, data size, encoding, rate, channels
_AU_FLOAT = 6


def is_needed(magic: bytes) -> bool:
    """Tell by a file's first 16 bytes whether it is of a kind that only ffmpeg reads.

    By content, not by name; and only known containers of sound, as ffmpeg also reads playlists,
    which could lead it to other files.
    """
    return (
        magic[4:8] == b"ftyp"  # m4a, mp4, mov
        or magic[:4] in (b"\x30\x26\xb2\x75", b"\x1a\x45\xdf\xa3", b"MAC ", b"wvpk")  # wma, mka...
        or magic[:2] in (b"\xff\xf1", b"\xff\xf9")  # aac
    )


class Decoder:
    """A running ffmpeg that writes a file's first audio stream to us as floating point.

    Parameters
    ----------
    path : Path

    Raises
    ------
    TicktoneError
        If there is no ffmpeg, or it finds no sound in the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        program = shutil.which("ffmpeg")
        if program is None:
            raise TicktoneError(
                f"{path.suffix or 'this kind of file'} needs the program ffmpeg, which is not "
                "installed; install it, or convert the file to WAV or FLAC",
                path,
            )
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as ffmpeg runs)
        self._process = subprocess.Popen(
            [
                *(program, "-nostdin", "-v", "error", "-xerror"),
                *("-protocol_whitelist", "file,pipe", "-i", f"file:{path}"),
                *("-map", "0:a:0", "-c:a", "pcm_f32be", "-f", "au", "pipe:1"),
            ],
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout
        header = self._pipe.read(_AU_HEADER.size)
        if len(header) < _AU_HEADER.size:
            self._fail()
        magic, offset, _, encoding, self.sample_rate, self.channels = _AU_HEADER.unpack(header)
        assert (magic, encoding) == (b".snd", _AU_FLOAT)
        self._pipe.read(offset - _AU_HEADER.size)

    def read(self, frames: int, dtype: str, always_2d: bool) -> NDArray[np.float32]:
        """Read as `soundfile.SoundFile.read` does. [shape=(samples, channels)]."""
        data = self._pipe.read(frames * self.channels * 4)
        if not data and self._process.wait() != 0:
            self._fail()
        return np.frombuffer(data, ">f4").astype(dtype).reshape(-1, self.channels)

    def _fail(self) -> None:
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        reason = lines[0].removeprefix(f"file:{self.path}: ") if lines else "no reason given"
        self.close()
        raise TicktoneError(f"cannot be decoded by ffmpeg ({reason}); convert it to WAV", self.path)

    def close(self) -> None:
        """End ffmpeg."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()
        self._errors.close()
