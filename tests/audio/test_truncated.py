"""Files that end before their header says so."""

import numpy as np
import pytest
import soundfile

from tests.audio.reading import CONTAINERS, WITHOUT_LENGTH, encoded, film, make, read
from tests.support.sounds import music
from ticktone.errors import TicktoneError


@pytest.mark.parametrize(("container", "subtype"), CONTAINERS)
def test_every_container_cut_anywhere_is_refused(tmp_path, monkeypatch, container, subtype):
    path = make(tmp_path / "sound", container, subtype)
    whole, reader = read(path)
    assert whole.shape[1] == reader.frames == soundfile.info(path).frames
    assert reader.notes == []
    data = path.read_bytes()
    monkeypatch.setenv("PATH", "")  # ffmpeg's second opinion is looked at below
    for kept in (0.1, 0.3, 0.5, 0.9, 0.99, 0.999):
        path.write_bytes(data[: int(len(data) * kept)])
        with pytest.raises(TicktoneError) as caught:
            read(path)
        assert "\n" not in str(caught.value)


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize(
    ("container", "subtype"),
    [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS")],
)
def test_ffmpeg_does_not_make_a_whole_of_a_truncated_file(tmp_path, container, subtype):
    path = make(tmp_path / "sound", container, subtype, 2.0)
    data = path.read_bytes()
    for kept in (0.5, 0.99):
        path.write_bytes(data[: int(len(data) * kept)])
        with pytest.raises(TicktoneError, match=r"truncated|damaged"):
            read(path)


@pytest.mark.parametrize("order", ["LITTLE", "BIG"])
@pytest.mark.parametrize(("container", "subtype"), WITHOUT_LENGTH)
def test_files_that_end_within_a_sample_are_refused(tmp_path, container, subtype, order):
    path = tmp_path / "sound"
    sound = music(0.5).T
    soundfile.write(path, sound, 44_100, format=container, subtype=subtype, endian=order)
    data = path.read_bytes()
    assert read(path)[0].shape[1] == pytest.approx(len(sound), abs=10)  # PAF holds tens
    path.write_bytes(data[:-1])
    with pytest.raises(TicktoneError, match="truncated"):
        read(path)


def test_instruments_that_tell_their_length_cut_anywhere_are_refused(tmp_path):
    path = make(tmp_path / "a.xi", "XI", "DPCM_16")
    data = bytearray(path.read_bytes())
    length = len(data) - 338
    data[298:302] = length.to_bytes(
        4, "little"
    )  # as FastTracker writes it, and libsndfile does not
    path.write_bytes(data)
    whole, reader = read(path)
    assert (whole.shape, reader.notes) == ((1, length // 2), [])
    for kept in (0.5, 0.9, 0.999):
        path.write_bytes(data[: int(len(data) * kept)])
        with pytest.raises(TicktoneError, match="truncated"):
            read(path)


def test_what_is_cut_behind_the_samples_costs_nothing(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((1000, 2)), 44_100)
    data = (tmp_path / "a.wav").read_bytes() + b"LIST" + (500).to_bytes(4, "little") + bytes(20)
    (tmp_path / "a.wav").write_bytes(data)
    assert read(tmp_path / "a.wav")[0].shape == (2, 1000)


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize(
    "options",
    [("a.mka",), ("a.wma",), ("a.tta",), ("a.wv",), ("a.m4a", "-movflags", "+faststart")],
    ids=lambda options: options[0],
)
def test_containers_of_ffmpeg_cut_anywhere_are_refused(tmp_path, options):
    name, *rest = options
    path = encoded(tmp_path, name, *rest)
    assert read(path)[0].shape[1] == pytest.approx(88_200, abs=2048)
    data = path.read_bytes()
    for kept in (0.3, 0.9, 0.98):
        path.write_bytes(data[: int(len(data) * kept)])
        with pytest.raises(TicktoneError):
            read(path)


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("name", ["a.avi", "a.webm"])
def test_films_cut_anywhere_are_refused(tmp_path, name):
    path = film(tmp_path, name, "-f", "lavfi", "-i", "sine=440:duration=1")
    data = path.read_bytes()
    assert read(path)[0].shape[1] > 40_000
    path.write_bytes(data[: int(len(data) * 0.95)])
    with pytest.raises(TicktoneError, match="truncated"):
        read(path)


@pytest.mark.program("ffmpeg")
def test_mp3_without_a_length_that_ends_within_a_frame_says_so(tmp_path):
    path = encoded(tmp_path, "a.mp3", "-write_xing", "0", "-b:a", "128k")
    assert read(path)[1].notes == []
    path.write_bytes(path.read_bytes()[:-100])
    found, reader = read(path)
    assert found.shape[1] > 80_000
    assert reader.notes == ["ends within a frame, so it may have been longer once"]


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize(("name", "codec"), [("a.adx", "adpcm_adx"), ("a.voc", "pcm_u8")])
def test_lengths_in_rare_headers_are_kept_to(tmp_path, name, codec):
    path = encoded(tmp_path, name, "-c:a", codec)
    assert read(path)[0].shape[1] == pytest.approx(88_200, abs=64)
    data = path.read_bytes()
    for kept in (0.5, 0.93, 0.98):
        path.write_bytes(data[: int(len(data) * kept)])
        with pytest.raises(TicktoneError, match=r"truncated|damaged"):
            read(path)
