"""Stem files (`NAME.stem.mp4`): a recording and its parts in one file, for DJ programs.

The format is Native Instruments' (2015): an MP4 file of five stereo tracks in one coding, AAC or
ALAC. The first is the recording, which any player plays; the other four are disabled, so that only
programs that know the format find them. Their names and colours, and settings of a compressor and
a limiter over their sum, are JSON in a box `stem` within `moov` and `udta`. Four stems it must
always be: those that a recording has no part for are silent. The program ffmpeg, 5 or later, codes
them.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.audio.boxes import append_box, find_path
from ticktone.audio.formats import PCM_BITS, Format
from ticktone.errors import TicktoneError
from ticktone.storage.atomic import Replacement, unwritable

STEMS = 4  # besides the recording, always
CODINGS = ("AAC", "ALAC", "ALAC_16", "ALAC_24")
AAC_KBITS = 256.0  # of each track, where nothing else is asked for
_AAC_RATES = (
    *(7350, 8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000),
    *(64_000, 88_200, 96_000),
)
_AAC_MOST = 12.0  # bits of a stereo AAC stream to a sample of one channel, at most
_LEAST_KBITS = 32.0
_LONGEST = 2**20  # bytes of names and colours that are read
_BOX = (b"moov", b"udta", b"stem")
# As files of Native Instruments' own program have them; neither is switched on.
_MASTERING = {
    "compressor": {
        **{"enabled": False, "input_gain": 0.5, "output_gain": 0.5, "threshold": 0, "ratio": 3},
        **{"attack": 0.003, "release": 0.3, "hp_cutoff": 300, "dry_wet": 50},
    },
    "limiter": {"enabled": False, "threshold": 0, "ceiling": -0.35, "release": 0.05},
}


@dataclass(frozen=True)
class StemLabel:
    """What DJs see of a stem: its name, and its colour as in HTML."""

    name: str
    color: str


SILENT = StemLabel("Silent", "#606060")
# By what ticktone calls the parts; the order of stems is this one, drums being the first anywhere.
STEM_OF_PART = {
    "percussive": StemLabel("Drums", "#ff9d5c"),
    "harmonic": StemLabel("Everything else", "#4cc3d9"),
    "residual": StemLabel("Neither", "#a0a0a0"),
}


def stem_format(source: Format, coding: str | None = None) -> Format:
    """Choose how the tracks of a stem file are coded.

    Parameters
    ----------
    source : Format
        The recording's.
    coding : str, optional
        One of `CODINGS`, in any case. ALAC loses nothing: it has 16 bits if that holds the
        recording, else 24. Default: AAC, which every program reads.

    Raises
    ------
    TicktoneError
        If there is no such coding.
    """
    wanted = (coding or "AAC").upper()
    if wanted not in CODINGS:
        raise TicktoneError(f"stem files hold no {wanted} samples; they hold: AAC, ALAC")
    if wanted == "ALAC":
        wanted = "ALAC_16" if PCM_BITS.get(source.subtype, 24) <= 16 else "ALAC_24"
    return Format("MP4", wanted, "mp4")


class StemWriter:
    """A stem file in the making.

    Nothing is seen under `path` before `commit`. Use `discard` in a `finally`.

    Parameters
    ----------
    path : Path
    sample_rate : int
        Hz.
    channels : int
        Of the recording: one, which is heard on both sides, or two.
    format : Format
        From `stem_format`.
    stems : sequence of StemLabel
        One to four; silent ones make up four.
    bitrate : float, optional
        kbit/s of each track; of AAC only. Default: 256, or the most that the rate allows.

    Attributes
    ----------
    temporary : Path
        The file in the making.
    overs : int
        Samples so far that exceeded full scale and were limited to it; none in AAC.
    peak : float
        The largest magnitude so far; 1 is full scale.

    Raises
    ------
    TicktoneError
        If ffmpeg is not installed, the file cannot be created, or the format does not allow the
        rate, channels or bit rate.
    """

    def __init__(
        self,
        path: Path,
        sample_rate: int,
        channels: int,
        format: Format,
        stems: Sequence[StemLabel],
        bitrate: float | None = None,
    ) -> None:
        self.path, self.format, self.overs, self.peak = path, format, 0, 0.0
        self._tracks = 1 + len(stems)
        self._stems = [*stems, *[SILENT] * (STEMS - len(stems))]
        program = shutil.which("ffmpeg")
        if program is None:
            raise TicktoneError("stem files take the program ffmpeg, which is not installed")
        if channels not in (1, 2):
            raise TicktoneError(f"has {channels} channels; a stem file is stereo")
        coding = self._coding(sample_rate, bitrate)
        self._replacement = Replacement(path)
        self.temporary = self._replacement.temporary
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as ffmpeg runs)
        self._process = subprocess.Popen(
            [
                *(program, "-nostdin", "-v", "error", "-f", "f32le", "-ar", str(sample_rate)),
                *("-ac", str(self._tracks * channels), "-i", "pipe:0"),
                *("-filter_complex", self._graph(channels)),
                *(word for track in range(1 + STEMS) for word in ("-map", f"[track{track}]")),
                *coding,
                *("-disposition:a", "0", "-disposition:a:0", "default"),
                *self._track_names(),
                # In its usual clock of milliseconds, lengths would not be exact.
                *("-movie_timescale", str(sample_rate)),
                *("-f", "ipod", "-y", f"file:{self.temporary}"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
        )

    def _coding(self, sample_rate: int, bitrate: float | None) -> list[str]:
        if self.format.subtype != "AAC":
            if bitrate is not None:
                raise TicktoneError("ALAC has no bit rate; --bitrate is for AAC")
            return ["-c:a", "alac", "-sample_fmt", f"s{16 if self._bits == 16 else 32}p"]
        if sample_rate not in _AAC_RATES:
            raise TicktoneError(f"AAC does not hold {sample_rate} Hz; add --subtype ALAC")
        most = _AAC_MOST * sample_rate / 1000
        if bitrate is not None and not _LEAST_KBITS <= bitrate <= most:
            raise TicktoneError(
                f"a bit rate of {bitrate:g} kbit/s is none of AAC's here; "
                f"give {_LEAST_KBITS:g} to {most:g}"
            )
        kbits = min(AAC_KBITS, most) if bitrate is None else bitrate
        # Noise as it is, not other noise of its level: stems are heard together.
        return ["-c:a", "aac", "-aac_pns", "0", "-b:a", str(round(1000 * kbits))]

    @property
    def _bits(self) -> int | None:
        return PCM_BITS.get(self.format.subtype)

    def _graph(self, channels: int) -> str:
        """Return ffmpeg's words for: each track's channels, and silence where there are none."""
        copies = "".join(f"[copy{track}]" for track in range(1 + STEMS))
        steps = [f"asplit={1 + STEMS}{copies}"]
        for track in range(1 + STEMS):
            first = track * channels
            left, right = f"c{first}", f"c{first + channels - 1}"
            if track >= self._tracks:
                left = right = "0*c0"
            steps.append(f"[copy{track}]pan=stereo|c0={left}|c1={right}[track{track}]")
        return ";".join(steps)

    def _track_names(self) -> list[str]:
        names = enumerate(["Recording", *(stem.name for stem in self._stems)])
        pairs = [(f"-metadata:s:a:{track}", f"handler_name={name}") for track, name in names]
        return [word for pair in pairs for word in pair]

    def write(self, tracks: NDArray[Any]) -> None:
        """Append samples. [shape=(1 + stems, channels, samples)]; the recording is the first.

        Raises
        ------
        TicktoneError
            If ffmpeg fails, most often because the disk is full.
        """
        if not tracks.size:
            return
        self.peak = max(self.peak, float(np.abs(tracks).max()))
        if self._bits is not None:
            full = 2.0 ** (self._bits - 1)
            rounded = np.rint(tracks.astype(np.float64) * full)
            limited = np.clip(rounded, -full, full - 1)
            self.overs += int(np.count_nonzero(limited != rounded))
            tracks = limited / full
        assert self._process.stdin is not None
        interleaved = tracks.reshape(-1, tracks.shape[-1]).T
        try:
            self._process.stdin.write(np.ascontiguousarray(interleaved, "<f4").tobytes())
        except BrokenPipeError:
            raise self._failed() from None

    def close(self) -> None:
        """Finish the file under its temporary name.

        Raises
        ------
        TicktoneError
            If its end cannot be written.
        """
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        if self._process.wait() != 0:
            raise self._failed()
        about = {
            "mastering_dsp": _MASTERING,
            "version": 1,
            "stems": [asdict(stem) for stem in self._stems],
        }
        try:
            append_box(self.temporary, _BOX[:-1], _BOX[-1], json.dumps(about).encode())
        except OSError as error:
            raise unwritable(self.path, error) from None

    def _failed(self) -> TicktoneError:
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        cause = lines[-1] if lines else "it says no more"
        return TicktoneError(f"cannot be written: ffmpeg failed ({cause})", self.path)

    def commit(self) -> None:
        """Give the finished file its name, in place of what had it before."""
        self._replacement.commit()
        self._errors.close()

    def discard(self) -> None:
        """End ffmpeg, and remove the file unless it is committed."""
        self._process.kill()
        with suppress(BrokenPipeError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._process.wait()
        self._errors.close()
        self._replacement.discard()


def read_stems(path: Path) -> list[StemLabel]:
    """Return the stems that a stem file names, in their order; none of any other file."""
    with suppress(OSError, ValueError, KeyError, TypeError), path.open("rb") as file:
        way = find_path(file, *_BOX)
        if len(way) == len(_BOX):
            file.seek(way[-1].content)
            length = min(way[-1].end - way[-1].content, _LONGEST)
            about = json.loads(file.read(length).rstrip(b"\0"))
            return [StemLabel(str(stem["name"]), str(stem["color"])) for stem in about["stems"]]
    return []


def is_own_stem_file(path: Path) -> bool:
    """Return whether a file is a stem file that ticktone has written."""
    stems = read_stems(path)
    ours = set(STEM_OF_PART.values()) | {SILENT}
    return bool(stems) and set(stems) <= ours
