"""What lies behind a file's samples is not taken for them, nor for all of them."""

import struct

import numpy as np
import pytest

from tests.audio.reading import make, read
from tests.support.containers import chunk, wav
from tests.support.sounds import music

TOLD = ["W64", "AU", "AVR", "NIST", "VOC", "MAT5", "SVX", "MPC2K", "WVE"]
KINDS = {"SVX": "PCM_S8", "WVE": "ALAW", "AU": "G721_32"}
W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
MORE = (music(1.0)[:, :500] * 2**15).astype("<i2").T.tobytes()


@pytest.mark.parametrize("tail", [bytes(1000), b"TAG" + bytes(125), b"hello world! " * 50])
@pytest.mark.parametrize("container", TOLD)
def test_headers_that_tell_the_length_are_believed(tmp_path, container, tail):
    path = make(tmp_path / "a", container, KINDS.get(container, "PCM_16"), 0.3)
    whole, _ = read(path)
    path.write_bytes(path.read_bytes() + tail)
    found, reader = read(path)
    np.testing.assert_array_equal(found, whole)
    assert not reader.notes


def _second(container, more, length):
    """A second chunk of samples, as the container has them behind so many bytes."""
    if container == "AIFF":
        return chunk(b"SSND", bytes(8) + more, ">")
    if container == "CAF":
        return b"data" + struct.pack(">q", 4 + len(more)) + bytes(4) + more
    if container == "W64":
        return bytes(-length % 8) + W64_DATA + struct.pack("<Q", 24 + len(more)) + more
    return chunk(b"data", more)


@pytest.mark.parametrize("container", ["WAV", "AIFF", "CAF", "W64"])
def test_of_several_chunks_of_samples_the_first_is_read_and_that_is_said(tmp_path, container):
    path = make(tmp_path / "a", container, "PCM_16", 0.3)
    whole, _ = read(path)
    data = path.read_bytes()
    path.write_bytes(data + _second(container, MORE, len(data)))
    found, reader = read(path)
    np.testing.assert_array_equal(found, whole)
    assert reader.notes == ["more samples lie behind the first chunk of them, and are left out"]


def test_an_empty_chunk_of_samples_takes_nothing_away(tmp_path):
    found, reader = read(wav(tmp_path / "a.wav", [(b"data", b"")]))
    assert found.shape == (2, 1001)
    assert not reader.notes


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("kind", [2, 9])
def test_blocks_of_voc_are_read_as_one(tmp_path, kind):
    head = struct.pack("<IBBHI", 44_100, 16, 2, 4, 0)
    blocks = ((9, head + MORE), (kind, MORE if kind == 2 else head + MORE))
    data = b"".join(bytes([kind]) + len(x).to_bytes(3, "little") + x for kind, x in blocks)
    path = tmp_path / "a.voc"
    path.write_bytes(b"Creative Voice File\x1a\x1a\0\x14\1\x1f\x11" + data + b"\0")
    found, reader = read(path)
    assert found.shape == (2, 1000)
    np.testing.assert_array_equal(found[:, :500], found[:, 500:])
    assert reader.notes == ["is several VOC blocks in a row; read as one, through ffmpeg"]


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize(
    ("before", "behind", "note"),
    [
        (b"", b"\3\3\0\0\xff\x0f\xa5", "blocks of silence in it are left out"),
        (b"\3\3\0\0\xff\x0f\xa5", b"", "blocks of silence in it are left out"),
        (b"\6\2\0\0\1\0", b"\7\0\0\0", "what it repeats is read once"),
    ],
)
def test_what_is_not_read_of_voc_is_told(tmp_path, before, behind, note):
    sound = b"\1\xa2\x0f\0\xa5\0" + bytes(range(100, 150)) * 80
    begin = b"Creative Voice File\x1a\x1a\0\x14\1\x1f\x11"
    (tmp_path / "a.voc").write_bytes(begin + before + sound + behind + b"\0")
    sound, reader = read(tmp_path / "a.voc")
    assert sound.shape == (1, 4000)
    assert reader.notes == [note]
