"""Files that pass what their header holds, and headers that were right after all."""

import struct

import numpy as np
import pytest
import soundfile

from tests.support.containers import chunks_of
from tests.support.sounds import music
from ticktone.audio import wave_header
from ticktone.audio.chunks import append_chunks, walk
from ticktone.audio.formats import Format
from ticktone.audio.reader import Reader
from ticktone.audio.writer import Writer
from ticktone.errors import TicktoneError

LIMIT = 20_000  # bytes, for these tests, in place of 4 GiB


def write(path, audio, format, **options):
    writer = Writer(path, 44_100, len(audio), format, **options)
    try:
        for start in range(0, audio.shape[1], 1000):
            writer.write(audio[:, start : start + 1000])
        writer.close()
        writer.commit()
    finally:
        writer.discard()


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize(("channels", "mask"), [(1, None), (2, None), (6, 0x60F)])
@pytest.mark.parametrize("samples", [1, 1001])
def test_of_unknown_length_a_short_file_is_plain_wav(tmp_path, subtype, channels, mask, samples):
    path, audio = tmp_path / "a.wav", music(1.0, channels=channels)[:, :samples]
    write(path, audio, Format("WAV", subtype, "wav"), mask=mask)
    found = chunks_of(path)
    tag = struct.unpack("<H", found[b"fmt "][:2])[0]
    assert path.read_bytes()[:4] == b"RIFF"
    assert tag == (0xFFFE if mask else 3 if subtype == "FLOAT" else 1)
    assert (
        len(found[b"data"]) == samples * channels * {"PCM_16": 2, "PCM_24": 3, "FLOAT": 4}[subtype]
    )
    write(tmp_path / "known.wav", audio, Format("WAV", subtype, "wav"), frames=samples, mask=mask)
    assert chunks_of(tmp_path / "known.wav")[b"data"] == found[b"data"]
    with Reader(path) as reader:
        assert reader.frames == samples


def test_of_unknown_length_a_long_file_is_rf64(tmp_path, monkeypatch):
    monkeypatch.setattr(wave_header, "LIMIT", LIMIT)
    path, audio = tmp_path / "a.wav", music(1.0)
    write(path, audio, Format("WAV", "PCM_16", "wav"))
    assert soundfile.info(path).format == "RF64"
    assert len(chunks_of(path)[b"data"]) == 4 * 44_100
    assert soundfile.info(path).frames == 44_100


@pytest.mark.parametrize(
    "format", [Format("AIFF", "PCM_16", "aiff"), Format("AU", "PCM_16", "au"),
               Format("WAV", "IMA_ADPCM", "wav")]
)  # fmt: skip
@pytest.mark.parametrize("frames", [None, 100, 44_100])
def test_what_has_no_longer_form_is_refused_before_its_length_would_be_wrong(
    tmp_path, monkeypatch, format, frames
):
    monkeypatch.setattr(wave_header, "LIMIT", LIMIT)
    with pytest.raises(TicktoneError, match=r"would be longer than the 4 GiB that .* --format wav"):
        write(tmp_path / "a", music(1.0), format, frames=frames)
    assert list(tmp_path.iterdir()) == []


def test_a_recording_that_holds_more_than_it_promised_is_refused_too(tmp_path, monkeypatch):
    monkeypatch.setattr(wave_header, "LIMIT", LIMIT)
    with pytest.raises(TicktoneError, match="would be longer"):
        write(tmp_path / "a.wav", music(1.0), Format("WAV", "PCM_16", "wav"), frames=100)
    assert list(tmp_path.iterdir()) == []


def test_more_than_4_gib_indeed(tmp_path):
    """By a file with a hole in it: nothing but its header and end is on the disk."""
    path = tmp_path / "a.wav"
    write(path, np.zeros((1, 16), np.float32), Format("RF64", "PCM_16", "wav"))
    begin, size = path.read_bytes()[:-32], 2**32 + 2**20
    with path.open("wb") as file:
        fields = struct.pack("<3Q", len(begin) - 8 + size, size, size // 2)
        file.write(begin[:20] + fields + begin[44:])
        file.truncate(len(begin) + size)
    before = path.stat().st_blocks
    with path.open("rb") as file:
        chunks = {chunk.name: chunk for chunk in walk(file)}
    assert chunks[b"data"].size == size
    append_chunks(path, [(b"smpl", bytes(60))])
    assert soundfile.info(path).frames == size // 2
    with path.open("rb") as file:
        assert [chunk.name for chunk in walk(file)][-2:] == [b"data", b"smpl"]
    assert path.stat().st_blocks < before + 100
