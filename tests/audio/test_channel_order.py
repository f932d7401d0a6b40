"""Channels stay with their speakers from one container to another, whatever its order."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ticktone.archive.one_file import separate_file
from ticktone.audio.formats import Format
from ticktone.audio.reader import Reader
from ticktone.audio.speakers import stated_mask

RATE = 48_000
MASKS = {3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x70F, 8: 0x63F}


def tones(path, channels, **how):
    """A file whose channels are tones of 40, 50, ... Hz, low enough for an LFE channel."""
    time = np.arange(RATE) / RATE
    sound = [0.1 * np.sin(2 * np.pi * (40 + 10 * index) * time) for index in range(channels)]
    soundfile.write(path, np.stack(sound, 1), RATE, **how)
    return path


def order_of(sound):
    """Which tone each channel is. [shape=(channels, samples)]."""
    strongest = np.abs(np.fft.rfft(sound[:, :RATE], axis=-1)).argmax(-1)
    return [round((hertz - 40) / 10) for hertz in strongest * RATE / min(RATE, sound.shape[-1])]


def read(path):
    with Reader(path) as reader:
        return np.concatenate(list(reader.blocks()), axis=-1)


def read_by_ffmpeg(path, channels):
    command = ["ffmpeg", "-v", "error", "-i", path, "-f", "f64le", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw).reshape(-1, channels).T


def harmonic(path, **options):
    found = separate_file(path, path.parent / "out", "median", only="harmonic", **options)
    return Path(found.outputs["harmonic"])


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("channels", MASKS)
def test_vorbis_is_written_as_ffmpeg_reads_it(tmp_path, channels):
    part = harmonic(tones(tmp_path / "a.wav", channels, subtype="PCM_16"), format="ogg")
    assert order_of(read_by_ffmpeg(part, channels)) == list(range(channels))


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("channels", MASKS)
@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_vorbis_and_opus_are_read_as_ffmpeg_reads_them(tmp_path, subtype, channels):
    path = tones(tmp_path / "a.ogg", channels, format="OGG", subtype=subtype)
    order = order_of(read_by_ffmpeg(path, channels))
    assert order_of(read(path)) == order
    assert order_of(read_by_ffmpeg(harmonic(path), channels)) == order
    part = harmonic(path, format="wav")
    assert order_of(read(part)) == order
    assert stated_mask(part, Format("WAV", "PCM_16", "wav"), channels) == MASKS[channels]


def test_opus_without_speakers_keeps_its_own_order(tmp_path):
    path = tones(tmp_path / "a.opus", 6, format="OGG", subtype="OPUS")
    data = bytearray(path.read_bytes())
    head = data.index(b"OpusHead")
    assert data[head + 18] == 1
    with_speakers = order_of(read(path))
    data[head + 18] = 255
    data[22:26] = bytes(4)
    data[22:26] = checksum(data[: 27 + data[26] + data[27]]).to_bytes(4, "little")
    path.write_bytes(data)
    sound, _ = soundfile.read(path, always_2d=True)
    assert order_of(read(path)) == order_of(sound.T) != with_speakers


def checksum(page):
    """The CRC of an Ogg page (RFC 3533, section 6)."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ (0x04C11DB7 if crc & 2**31 else 0)) & (2**32 - 1)
    return crc


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize(("name", "mask"), [("2.1", 0xB), ("4.0", 0x107), ("7.1", 0x63F)])
@pytest.mark.parametrize("ending", ["caf", "aiff", "w64", "wv", "mov"])
def test_speakers_are_known_of_what_ffmpeg_writes(tmp_path, ending, name, mask):
    path = tones(tmp_path / "a.wav", mask.bit_count(), subtype="PCM_16")
    other = tmp_path / f"b.{ending}"
    codec = [] if ending == "wv" else ["-c:a", "pcm_s16le" if ending == "w64" else "pcm_s16be"]
    command = ["ffmpeg", "-v", "error", "-channel_layout", name, "-i", path, *codec, other]
    subprocess.run(command, check=True)
    for format in ("wav", "flac"):
        part = harmonic(other, format=format)
        found = Format(format.upper(), "PCM_16", format)
        assert stated_mask(part, found, mask.bit_count()) == mask


@pytest.mark.program("ffmpeg")
def test_flac_that_states_no_speakers_states_none_afterwards(tmp_path):
    path = tones(tmp_path / "a.flac", 6, subtype="PCM_16")
    assert stated_mask(harmonic(path), Format("FLAC", "PCM_16", "flac"), 6) is None
    part = harmonic(path, format="wav")
    assert stated_mask(part, Format("WAV", "PCM_16", "wav"), 6) == 0x3F
