"""What the tests of reading share."""

import subprocess
from pathlib import Path

import numpy as np
import soundfile

from tests.support.sounds import music
from ticktone.audio.reader import Reader

# Every container that soundfile writes and an open file can tell, with samples of each width.
CONTAINERS = [
    *((name, kind) for name in ("WAV", "WAVEX", "RF64", "W64") for kind in ("PCM_24", "DOUBLE")),
    *(("WAV", kind) for kind in ("PCM_U8", "PCM_16", "ULAW", "IMA_ADPCM", "MS_ADPCM", "GSM610")),
    *(("AIFF", kind) for kind in ("PCM_16", "PCM_24", "PCM_U8", "FLOAT", "ALAW", "IMA_ADPCM")),
    *(("AU", kind) for kind in ("PCM_16", "PCM_24", "DOUBLE", "ULAW", "G721_32")),
    *(("CAF", kind) for kind in ("PCM_16", "FLOAT", "ALAC_16", "ALAC_24")),
    *(("FLAC", kind) for kind in ("PCM_16", "PCM_24")),
    *((("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III"))),
    *(("AVR", kind) for kind in ("PCM_16", "PCM_S8")),
    *(("NIST", kind) for kind in ("PCM_16", "PCM_24", "ULAW")),
    *(("VOC", kind) for kind in ("PCM_16", "PCM_U8")),
    *(("MAT4", kind) for kind in ("PCM_16", "DOUBLE")),
    *(("MAT5", kind) for kind in ("PCM_16", "PCM_U8", "DOUBLE")),
    *(("SVX", kind) for kind in ("PCM_16", "PCM_S8")),
    *(("SDS", kind) for kind in ("PCM_16", "PCM_24")),
    *((("HTK", "PCM_16"), ("MPC2K", "PCM_16"), ("WVE", "ALAW"))),
]
# Their headers say nothing of lengths; what ends within a sample is noticed.
WITHOUT_LENGTH = [("IRCAM", "FLOAT"), ("PAF", "PCM_16"), ("PAF", "PCM_24"), ("PVF", "PCM_32")]
MONO = {"SVX", "SDS", "HTK", "WVE", "XI"}
RATES = {"OPUS": 48_000, "ALAW": 8000}


def read(path: Path):
    with Reader(path) as reader:
        return np.concatenate(list(reader.blocks()), axis=-1), reader


def make(path: Path, container: str, subtype: str, seconds: float = 0.5) -> Path:
    rate = RATES.get(subtype, 44_100)
    channels = 1 if container in MONO or subtype in ("GSM610", "G721_32") else 2
    audio = music(seconds, rate, channels).T
    soundfile.write(path, audio, rate, format=container, subtype=subtype)
    return path


def encoded(folder: Path, name: str, *options: str, seconds: float = 2.0) -> Path:
    """Write music as another program does."""
    source = folder / "source.wav"
    soundfile.write(source, music(seconds).T, 44_100, subtype="PCM_16")
    command: list[str | Path] = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        "-i",
        source,
        *options,
        folder / name,
    ]
    subprocess.run(command, check=True)
    return folder / name


def film(folder: Path, name: str, *options: str) -> Path:
    """Write a film of a second, without sound unless the options bring some."""
    picture = ("-f", "lavfi", "-i", "testsrc=duration=1:size=64x64:rate=25")
    command = ["ffmpeg", "-v", "error", "-y", *picture, *options]
    subprocess.run([*command, str(folder / name)], check=True)
    return folder / name
