"""Headers that a recorder did not live to finish, or that cannot tell how long the file is."""

import struct

import numpy as np
import pytest
import soundfile

from tests.audio.reading import make, read
from ticktone.audio.reader import Reader

NOTE = ["its header was never finished; read to the end of the file"]
PLACES = {  # of the numbers that tell lengths: how each is written, and where
    "WAV": [("<I", 4), ("<I", 40)],
    "AIFF": [(">I", 4), (">I", 22), (">I", 42)],
    "AU": [(">I", 8)],
    "W64": [("<Q", 16), ("<Q", 96)],
    "RF64": [("<Q", 20), ("<Q", 28), ("<Q", 36)],
    "SVX": [(">I", 4)],
    "AVR": [(">I", 26)],
    "MAT4": [(">I", 56)],
    "MPC2K": [("<I", 30)],
}


def unfinish(path, container, value):
    data = bytearray(path.read_bytes())
    places = list(PLACES.get(container, []))
    if container == "SVX":
        places.append((">I", data.index(b"BODY") + 4))
    if container == "CAF":
        places.append((">Q", data.index(b"data") + 4))
    if container == "MAT4":
        order = "<" if data[4:8] == b"\1\0\0\0" else ">"
        places = [(f"{order}I", data.index(b"wavedata") - 12)]
    for code, place in places:
        struct.pack_into(code, data, place, value & (2 ** (8 * struct.calcsize(code)) - 1))
    path.write_bytes(data)


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize("container", [*PLACES, "CAF"])
def test_headers_that_were_never_finished_are_read_to_the_end(tmp_path, container, value):
    path = make(tmp_path / "sound", container, "PCM_16")
    whole, _ = read(path)
    unfinish(path, container, value)
    found, reader = read(path)
    assert np.array_equal(found, whole)
    assert reader.frames == whole.shape[1]
    assert reader.notes == NOTE


@pytest.mark.parametrize("size", [0x7FFFFFFF, 0x7FFFF000, 0x80000000, 0xFFFFFFDB, 0xFFFFF000])
def test_what_programs_write_that_cannot_seek_back_is_no_length(tmp_path, size):
    path = make(tmp_path / "sound", "WAV", "PCM_24")
    whole, _ = read(path)
    unfinish(path, "WAV", size)
    found, reader = read(path)
    assert np.array_equal(found, whole)
    assert reader.notes == NOTE


def test_a_recorder_that_crashed_within_a_sample_costs_that_sample(tmp_path):
    path = make(tmp_path / "sound", "WAV", "PCM_24")
    whole, _ = read(path)
    unfinish(path, "WAV", 0)
    path.write_bytes(path.read_bytes()[:-4])
    assert np.array_equal(read(path)[0], whole[:, :-1])


def test_data_of_no_bytes_before_another_chunk_are_none(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 2)), 44_100)
    data = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(data + b"LIST\x04\0\0\0INFO")
    with pytest.raises(Exception, match="holds 0 samples"):
        read(tmp_path / "a.wav")


@pytest.mark.parametrize("wrong", [0xFFFFFFFF, 0, None], ids=["unknown", "zero", "wrapped"])
def test_wav_of_more_than_4_gib_has_all_of_its_samples(tmp_path, wrong):
    path, frames = tmp_path / "a.wav", 1_200_000_000
    soundfile.write(path, np.ones((10, 2)) / 2, 44_100, subtype="PCM_16")
    size = 4 * frames
    with path.open("r+b") as file:
        for place, length in ((4, size + 36), (40, size)):
            file.seek(place)
            file.write(struct.pack("<I", length % 2**32 if wrong is None else wrong))
        file.truncate(44 + size)  # a hole, which takes no place on the disk
    with Reader(path) as reader:
        assert reader.frames == frames
        assert reader.format.extension == "wav"
        assert len(reader.notes) == 1
        assert next(reader.blocks())[:, :11].tolist() == 2 * [[0.5] * 10 + [0]]
