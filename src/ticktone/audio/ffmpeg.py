"""Sound files through the program ffmpeg, where it is installed: what libsndfile does not read."""

import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.audio.decoder import Decoder, DecoderError
from ticktone.audio.headers import Bytes, before_tags
from ticktone.audio.probe import SAFELY, Probe, probe
from ticktone.errors import TicktoneError
from ticktone.system import SYSTEM

_AU_HEADER = struct.Struct(">4s5I")  # magic, data offset, data size, encoding, rate, channels
_AU_FLOAT, _AU_DOUBLE = 6, 7
_PATIENCE = 60  # seconds without a byte after which ffmpeg is taken to hang
_TOLERANCE = 0.1  # seconds that encoders add or leave away at both ends


_KINDS = {
    b"\x30\x26\xb2\x75": "ASF (as in wma)",
    b"\x1a\x45\xdf\xa3": "Matroska or WebM",
    b"MAC ": "Monkey's Audio",
    b"wvpk": "WavPack",
    b"\xff\xf1": "AAC",
    b"\xff\xf9": "AAC",
}


def kind_for_ffmpeg(magic: bytes) -> str | None:
    """Return of what kind a file is by its first 16 bytes, if it is one that only ffmpeg reads."""
    if magic[4:8] == b"ftyp":
        return "MP4 or QuickTime"
    if magic[:4] == b"RIFF" and magic[8:12] == b"AVI ":
        return "AVI"
    return _KINDS.get(magic[:4]) or _KINDS.get(magic[:2])


def _without_tags(path: Path) -> str:
    """Return ffmpeg's name for a file up to the tags behind it, which it would take for sound."""
    with path.open("rb") as file:
        found = Bytes(file.fileno())
        end = before_tags(found)
        return f"file:{path}" if end == found.size else f"subfile,,start,0,end,{end},,:file:{path}"


class FfmpegDecoder(Decoder):
    """A running ffmpeg that writes a file's first audio stream to us as floating point.

    Parameters
    ----------
    path : Path
    reason : str
        Why it is asked, as the message says if it is not installed or fails.
    is_strict : bool
        Whether to stop at what cannot be decoded.

    Raises
    ------
    TicktoneError
        If there is no ffmpeg, or it finds no sound in the file.
    """

    def __init__(self, path: Path, reason: str, is_strict: bool = True) -> None:
        self.path, self.frames, self.notes = path, None, []
        program = shutil.which("ffmpeg")
        if program is None:
            raise TicktoneError(
                f"{reason}; it takes the program ffmpeg to read more, which is not installed: "
                "install it, or convert the file to WAV or FLAC",
                path,
            )
        self._probe = probe(path)
        self._refuse_silent_files(reason)
        known = self._probe or Probe("", "")
        if known.tracks > 1:
            self.notes.append(f"holds {known.tracks} tracks of sound; the first is read")
        self._width = 8 if known.is_wide else 4
        self.format = known.format(path.suffix[1:])
        self._count = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as ffmpeg runs)
        self._process = subprocess.Popen(
            [
                *(program, "-nostdin", "-v", "error", *(["-xerror"] if is_strict else [])),
                *(*SAFELY, "-i", _without_tags(path)),
                *("-map", "0:a:0", "-c:a", f"pcm_f{8 * self._width}be", "-f", "au", "pipe:1"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _refuse_silent_files(self, reason: str) -> None:
        found = self._probe
        if found is None or found.stream:
            return
        if not found.kind:
            raise TicktoneError(f"{reason}, and ffmpeg cannot read it: {found.error}", self.path)
        holds = f" with {' and '.join(found.others)}" if found.others else ""
        raise TicktoneError(
            f"has no sound that can be read: ffprobe finds {found.kind}{holds}", self.path
        )

    def _begin(self) -> None:
        header = self._receive(_AU_HEADER.size)
        if len(header) < _AU_HEADER.size:
            raise self._failure()
        magic, offset, _, encoding, self.sample_rate, self.channels = _AU_HEADER.unpack(header)
        assert (magic, encoding) == (b".snd", _AU_FLOAT if self._width == 4 else _AU_DOUBLE)
        self._receive(offset - _AU_HEADER.size)

    @property
    def is_wide(self) -> bool:
        """Whether float32 would lose bits."""
        return self._width == 8

    def read(self, frames: int) -> NDArray[Any]:
        """Read the next samples; see `Decoder.read`."""
        frame = self.channels * self._width
        data = self._receive(frames * frame)
        if not data:
            if self._wait() != 0:
                raise self._failure()
            self._refuse_short()
        samples = np.frombuffer(data[: len(data) // frame * frame], f">f{self._width}")
        self._count += len(samples) // self.channels
        return samples.astype(f"f{self._width}").reshape(-1, self.channels)

    def skip(self, frames: int) -> None:
        """Read samples to nowhere."""
        while frames > 0:
            block = self.read(min(frames, self.block_frames))
            if not len(block):
                return
            frames -= len(block)

    def _refuse_short(self) -> None:
        """Refuse a file whose header promises more sound than came."""
        promised = None if self._probe is None else self._probe.duration
        found = self._count / self.sample_rate
        if promised is not None and found < promised - _TOLERANCE:
            raise TicktoneError(
                f"is truncated (it promises {promised:.1f} s and holds {found:.1f}); copy or "
                "download it again",
                self.path,
            )

    def _receive(self, count: int) -> bytes:
        """Read so many bytes of ffmpeg's, or what there are before its end."""
        parts, missing = [], count
        while missing > 0:
            if not SYSTEM.wait_for(self._pipe, _PATIENCE):
                raise TicktoneError(f"ffmpeg stands still after {self._count} samples", self.path)
            data = self._pipe.read1(missing)  # type: ignore[attr-defined]
            if not data:
                break
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def _wait(self) -> int:
        try:
            return self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            return 1

    def _failure(self) -> TicktoneError:
        self._wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        reason = lines[0].removeprefix(f"file:{self.path}: ") if lines else "no reason given"
        reason = re.sub(r"\[[^]]* @ 0x[0-9a-f]+\] ", "", reason)
        kind = f"is {self._probe.kind}, and " if self._probe and self._probe.kind else ""
        return TicktoneError(f"{kind}cannot be decoded by ffmpeg: {reason}", self.path)

    def close(self) -> None:
        """Stop ffmpeg."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()
        self._errors.close()


def go_on(
    path: Path, damage: DecoderError, like: Decoder, count: int, last: NDArray[Any]
) -> FfmpegDecoder:
    """Return ffmpeg at the place where another decoder stopped.

    Parameters
    ----------
    path : Path
    damage : DecoderError
        What the other one said.
    like : Decoder
        The other one.
    count : int
        Samples that it read in each channel.
    last : ndarray [shape=(samples, channels)]
        The last of them: what ffmpeg finds there must be the same.

    Raises
    ------
    TicktoneError
        If ffmpeg is not installed, or does not find the same sound; with the other's reason.
    """
    decoder = None
    try:
        decoder = FfmpegDecoder(path, str(damage))
        if (decoder.sample_rate, decoder.channels) == (like.sample_rate, like.channels):
            decoder.skip(count - len(last))
            found = decoder.read(len(last))
            if found.shape == last.shape and np.allclose(found, last, rtol=0, atol=1e-3):
                decoder.format = like.format
                return decoder
    except (DecoderError, TicktoneError):
        pass
    if decoder is not None:
        decoder.close()
    raise TicktoneError(str(damage), path)
