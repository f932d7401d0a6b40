"""What libsndfile refuses or cuts short is shown to ffmpeg; messages say what a file is."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.reading import encoded, film, make, read
from ticktone.archive.one_file import separate_file
from ticktone.audio.formats import Format, output_format
from ticktone.audio.reader import Reader
from ticktone.errors import TicktoneError

ID3 = b"ID3\x03\0\0\0\0\x01\x0a" + bytes(138)


@pytest.fixture
def no_ffmpeg(monkeypatch):
    monkeypatch.setenv("PATH", "")


@pytest.mark.parametrize("junk", [bytes(1), bytes(5000), bytes(10**6), ID3 + bytes(3000)], ids=len)
def test_mp3_after_zeros_is_whole_without_ffmpeg(tmp_path, no_ffmpeg, junk):
    path = make(tmp_path / "a.mp3", "MP3", "MPEG_LAYER_III")
    whole, _ = read(path)
    path.write_bytes(junk + path.read_bytes())
    found, reader = read(path)
    assert np.array_equal(found, whole)
    assert reader.format == Format("MP3", "MPEG_LAYER_III", "mp3")


@pytest.mark.program("ffmpeg")
def test_mp3_after_junk_is_whole(tmp_path, rng):
    path = make(tmp_path / "a.mp3", "MP3", "MPEG_LAYER_III")
    whole, _ = read(path)
    path.write_bytes(rng.bytes(3000) + path.read_bytes())
    assert np.array_equal(read(path)[0], whole)


@pytest.mark.parametrize("before_it", [ID3, bytes(1), bytes(100_000), ID3 + bytes(77)], ids=len)
@pytest.mark.parametrize("container", ["FLAC", "WAV", "AIFF", "OGG", "CAF"])
def test_what_follows_an_id3_tag_or_zeros_is_whole(tmp_path, no_ffmpeg, container, before_it):
    subtype = "VORBIS" if container == "OGG" else "PCM_16"
    path = make(tmp_path / "sound", container, subtype)
    whole, before = read(path)
    path.write_bytes(before_it + path.read_bytes())
    found, reader = read(path)
    assert np.array_equal(found, whole)
    assert reader.format == before.format


@pytest.mark.program("ffmpeg")
def test_mp3_in_wav_is_whole(tmp_path):
    path = encoded(tmp_path, "a.wav", "-c:a", "mp3")
    found, reader = read(path)
    assert found.shape[1] == pytest.approx(88_200, abs=3000)
    assert reader.notes == []
    result = separate_file(path, tmp_path / "out", "median")
    for part in result.outputs.values():
        assert read(Path(part))[0].shape == found.shape
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 9 // 10])
    with pytest.raises(TicktoneError, match="truncated"):
        read(path)


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("options", [("-c:a", "libopus"), ("-ac", "1"), ("-ar", "22050")])
def test_ogg_streams_of_different_kinds_in_a_row_are_refused(tmp_path, options):
    """ffmpeg would read the first alone."""
    first = encoded(tmp_path, "a.ogg", "-c:a", "libvorbis").read_bytes()
    path = encoded(
        tmp_path, "b.ogg", *(options if "libopus" in options else ("-c:a", "libvorbis", *options))
    )
    path.write_bytes(first + path.read_bytes())
    with pytest.raises(TicktoneError, match="several Ogg streams of different kinds in a row; cut"):
        read(path)


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        (b"PK\3\4", "ZIP"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a", "RAR"),
    ],
)
def test_archives_are_called_archives(tmp_path, begin, kind):
    (tmp_path / "a.wav").write_bytes(begin + bytes(1000))
    with pytest.raises(TicktoneError, match=f"is a {kind} archive; unpack it"):
        read(tmp_path / "a.wav")


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("depth", [16, 24])
def test_flac_in_ogg_keeps_every_bit_and_its_depth(tmp_path, depth):
    form = {16: "s16", 24: "s32"}[depth]
    path = encoded(tmp_path, "a.ogg", "-c:a", "flac", "-sample_fmt", form)
    found, reader = read(path)
    assert np.array_equal(found, soundfile.read(tmp_path / "source.wav", dtype="float32")[0].T)
    assert output_format(reader.format) == Format("FLAC", f"PCM_{depth}", "flac")


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize(
    ("name", "codec"), [("a.m4a", "alac"), ("a.wv", "wavpack"), ("a.tta", "tta"), ("a.mka", "flac")]
)
def test_lossless_kinds_that_only_ffmpeg_reads_keep_every_bit(tmp_path, name, codec):
    path = encoded(tmp_path, name, "-c:a", codec)
    found, reader = read(path)
    assert np.array_equal(found, soundfile.read(tmp_path / "source.wav", dtype="float32")[0].T)
    assert output_format(reader.format) == Format("FLAC", "PCM_16", "flac")


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("name", ["a.mp3", "a.ogg"])
def test_files_laid_end_to_end_are_read_as_one(tmp_path, name):
    path = tmp_path / name
    soundfile.write(path, np.tile(read(make(tmp_path / "b", "WAV", "PCM_16"))[0].T, (4, 1)), 44_100)
    path.write_bytes(2 * path.read_bytes())
    found, reader = read(path)
    assert found.shape[1] == pytest.approx(2 * 88_200, abs=3 * 1152)
    (note,) = reader.notes
    assert note.endswith("in a row; read as one, through ffmpeg")


@pytest.mark.program("ffmpeg")  # libsndfile refuses such WAV files
@pytest.mark.parametrize("container", ["WAV", "AIFF"])
def test_of_files_laid_end_to_end_the_first_is_read_and_that_is_said(tmp_path, container):
    path = make(tmp_path / f"a.{container.lower()}", container, "PCM_16")
    whole = read(path)[0]
    path.write_bytes(2 * path.read_bytes())
    found, reader = read(path)
    assert np.array_equal(found, whole)
    assert "a second recording lies behind the first, and is left out" in reader.notes
    parts = separate_file(path, tmp_path / "out", "median").outputs.values()
    assert all(read(Path(part))[0].shape == whole.shape for part in parts)  # and no chunk of it


@pytest.mark.parametrize("seconds", [0.3, 5.0])
@pytest.mark.parametrize("tail", [b"TAG" + bytes(125), bytes(5000)], ids=["ID3v1", "zeros"])
def test_what_lies_behind_flac_is_passed_over(tmp_path, no_ffmpeg, seconds, tail):
    path = make(tmp_path / "a.flac", "FLAC", "PCM_16", seconds)
    whole = read(path)[0]
    path.write_bytes(path.read_bytes() + tail)
    assert np.array_equal(read(path)[0], whole)


@pytest.mark.parametrize("seconds", [0.3, 5.0])
def test_flac_files_in_a_row_are_refused(tmp_path, seconds):
    path = make(tmp_path / "a.flac", "FLAC", "PCM_16", seconds)
    path.write_bytes(2 * path.read_bytes())
    with pytest.raises(TicktoneError, match="is several FLAC files in a row"):
        read(path)


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize(
    ("name", "bytes_", "message"),
    [
        ("a.mp3", b"\x89PNG\r\n\x1a\n" + bytes(100), "ffprobe finds png_pipe"),
        ("a.wav", b"hello, I am text\n" * 100, "is not a sound file .* ffmpeg cannot read it"),
        ("a.flac", b"fLaC" + bytes(100), "begins as FLAC, but is damaged"),
        ("a.mp3", b"ID3" + bytes(100), "begins as MP3 .an ID3 tag., but"),
        ("a.mp3", b"#EXTM3U\n#EXTINF:1,\nb.wav\n", "is not a sound file"),
        ("a.wav", b"\xff", "is not a sound file|begins as"),
    ],
)
def test_messages_say_what_the_file_is(tmp_path, name, bytes_, message):
    soundfile.write(tmp_path / "b.wav", np.zeros(100), 8000)
    (tmp_path / name).write_bytes(bytes_)
    with pytest.raises(TicktoneError, match=message) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert "not installed" not in str(caught.value)


def test_playlists_do_not_lead_ffmpeg_to_other_files(tmp_path):
    soundfile.write(tmp_path / "b.wav", np.ones(100) / 2, 8000)
    lists = {
        "a.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{tmp_path}/b.wav\n",
        "a.txt": f"ffconcat version 1.0\nfile {tmp_path}/b.wav\n",
    }
    for name, content in lists.items():
        (tmp_path / name).write_text(content)
        with pytest.raises(TicktoneError):
            read(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"fLaC" + bytes(100), "begins as FLAC, but is damaged, truncated or of an unknown kind"),
        (b"FLV\1" + bytes(100), "is not a sound file that libsndfile reads"),
        (b"\0\0\0\x20ftypM4A " + bytes(100), "is MP4 or QuickTime"),
        (b"\x1a\x45\xdf\xa3" + bytes(100), "is Matroska or WebM"),
    ],
)
def test_without_ffmpeg_messages_are_true_and_name_it(tmp_path, no_ffmpeg, content, message):
    (tmp_path / "a.mp3").write_bytes(content)
    with pytest.raises(TicktoneError, match=f"{message}.* ffmpeg .* not installed: install it"):
        Reader(tmp_path / "a.mp3")


@pytest.mark.program("ffmpeg")
def test_a_film_without_sound_says_so(tmp_path):
    path = film(tmp_path, "a.mp4")
    with pytest.raises(TicktoneError, match=r"has no sound .* QuickTime / MOV with video \("):
        read(path)


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("extension", ["mp4", "mov", "mkv", "webm", "avi", "flv", "mpg", "ts"])
def test_films_are_read(tmp_path, extension):
    path = film(tmp_path, f"a.{extension}", "-f", "lavfi", "-i", "sine=440:duration=1:r=44100")
    found, reader = read(path)
    assert found.shape[1] / reader.sample_rate == pytest.approx(1, abs=0.1)
    assert np.std(found[0]) == pytest.approx(0.125 / np.sqrt(2), rel=0.1)


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("name", ["a.mp2", "a.mp3"])
def test_mp3_is_not_written_under_the_name_of_mp2(tmp_path, name):
    path = encoded(tmp_path, "a.mp2")
    path = path.rename(tmp_path / name)
    _, reader = read(path)
    assert reader.format.subtype == "MPEG_LAYER_II"
    assert output_format(reader.format) == Format("MP3", "MPEG_LAYER_III", "mp3")


RAW = "import soundfile, sys; soundfile.read(sys.argv[1])"
OURS = "import sys; from tests.audio.reading import *; read(Path(sys.argv[1]))"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("container", "subtype", "word"),
    [("MP3", "MPEG_LAYER_III", "mpg123"), ("SDS", "PCM_16", "Error")],
)
def test_libraries_do_not_write_to_the_terminal(tmp_path, container, subtype, word):
    path = make(tmp_path / "sound", container, subtype, 2.0)
    data = bytearray(path.read_bytes())
    for place in range(4000, len(data) - 2000, 700):
        data[place : place + 9] = bytes(9)
    path.write_bytes(data)

    def complaints(program):
        command = [sys.executable, "-c", program, path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    assert word in complaints(RAW)
    assert word not in complaints(OURS).replace("TicktoneError", "")


def test_standard_error_comes_back(tmp_path, capfd):
    path = make(tmp_path / "a.mp3", "MP3", "MPEG_LAYER_III")
    read(path)
    os.write(2, b"here")
    assert capfd.readouterr().err == "here"


@pytest.mark.program("ffmpeg")
def test_of_several_tracks_the_first_is_read_and_that_is_said(tmp_path):
    path = encoded(tmp_path, "a.mka", "-map", "0:a", "-map", "0:a", "-c:a", "flac")
    sound, reader = read(path)
    assert sound.shape == (2, 88_200)
    assert reader.notes == ["holds 2 tracks of sound; the first is read"]
