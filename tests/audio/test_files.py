"""What goes through reader and writer, format by format."""

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.support.patience import wait_until
from tests.support.sounds import music
from ticktone.audio.formats import Format, output_format
from ticktone.audio.reader import Reader
from ticktone.audio.writer import Writer
from ticktone.errors import TicktoneError


def read(path):
    with Reader(path) as reader:
        return np.concatenate(list(reader.blocks()), axis=-1), reader


def write(path, audio, rate, format, frames=None):
    writer = Writer(path, rate, len(audio), format, frames)
    try:
        writer.write(audio)
        writer.close()
        writer.commit()
    finally:
        writer.discard()
    return writer


@pytest.mark.parametrize(
    ("container", "subtype"),
    [
        *(("WAV", f"PCM_{kind}") for kind in ("U8", "16", "24", "32")),
        *(("WAV", kind) for kind in ("FLOAT", "DOUBLE")),
        *(("FLAC", f"PCM_{kind}") for kind in ("S8", "16", "24")),
        *(("AIFF", kind) for kind in ("PCM_16", "PCM_24", "FLOAT")),
        *((container, "PCM_16") for container in ("CAF", "W64", "RF64", "AU", "WAVEX")),
    ],
)
def test_lossless_formats_come_back_to_the_bit(tmp_path, container, subtype):
    format = Format(container, subtype, container.lower())
    audio = music(0.3).astype(np.float64)
    audio[0, :2] = -1.0, 1 - 2**-7  # the extremes that 8 bits hold
    if format.step:
        audio = np.rint(audio / format.step) * format.step
    elif subtype == "FLOAT":
        audio = audio.astype(np.float32)
    path = tmp_path / "sound"
    assert write(path, audio, 44_100, format).overs == 0
    found, reader = read(path)
    assert np.array_equal(found, audio)
    assert (reader.sample_rate, reader.channels, reader.frames) == (44_100, 2, audio.shape[1])
    assert (reader.format.container, reader.format.subtype) == (container, subtype)
    assert found.dtype == (np.float64 if subtype in ("PCM_32", "DOUBLE") else np.float32)


@pytest.mark.parametrize(("container", "floor"), [("OGG", 20), ("MP3", 15)])
@pytest.mark.parametrize("samples", [1, 1000, 44_100, 100_001])
def test_lossy_formats_keep_length_and_most_of_the_sound(tmp_path, container, floor, samples):
    audio = music(3.0)[:, :samples]
    format = output_format(Format("WAV", "PCM_16", "wav"), container.lower())
    path = tmp_path / f"sound.{format.extension}"
    write(path, audio, 44_100, format)
    found, _ = read(path)
    assert found.shape == audio.shape
    if samples > 40_000:
        noise = np.sum((found - audio) ** 2)
        assert 10 * np.log10(np.sum(audio**2) / noise) > floor


def test_pcm_is_rounded_to_nearest_and_excess_is_counted(tmp_path):
    step = 2.0**-15
    audio = np.array([[0.4, 0.6, -0.4, -0.6, 1 / step, -1 / step, 1.5 / step, -2 / step]]) * step
    writer = write(tmp_path / "a.wav", audio, 8000, Format("WAV", "PCM_16", "wav"))
    found = soundfile.read(tmp_path / "a.wav", dtype="int16")[0]
    assert found.tolist() == [0, 1, 0, -1, 32767, -32768, 32767, -32768]
    assert writer.overs == 3
    assert writer.peak == 2.0
    float_ = write(tmp_path / "b.wav", audio, 8000, Format("WAV", "FLOAT", "wav"))
    assert float_.overs == 0
    assert soundfile.read(tmp_path / "b.wav")[0].max() == 1.5


def test_a_wav_file_too_long_for_its_header_is_rf64(tmp_path):
    path = tmp_path / "long.wav"
    write(path, music(0.1), 44_100, Format("WAV", "PCM_24", "wav"), frames=2**31)
    assert soundfile.info(path).format == "RF64"
    assert read(path)[1].format.extension == "wav"


@pytest.mark.parametrize(
    ("source", "options", "expected"),
    [
        (("WAV", "PCM_16", "WAV"), {}, ("WAV", "PCM_16", "WAV")),
        (("AIFF", "PCM_24", "aif"), {}, ("AIFF", "PCM_24", "aif")),
        (("OGG", "OPUS", "opus"), {}, ("OGG", "OPUS", "opus")),
        (("WAV", "PCM_16", "mp3"), {}, ("WAV", "PCM_16", "wav")),  # a name that lies
        (("FFMPEG", "CODED", "m4a"), {}, ("FLAC", "PCM_24", "flac")),
        (("WAV", "PCM_16", "wav"), {"container": "flac"}, ("FLAC", "PCM_16", "flac")),
        (("WAV", "PCM_U8", "wav"), {"container": "flac"}, ("FLAC", "PCM_S8", "flac")),
        (("WAV", "PCM_32", "wav"), {"container": "flac"}, ("FLAC", "PCM_24", "flac")),
        (("WAV", "FLOAT", "wav"), {"container": "flac"}, ("FLAC", "PCM_24", "flac")),
        (("MP3", "MPEG_LAYER_III", "mp3"), {"container": "wav"}, ("WAV", "PCM_24", "wav")),
        (("WAV", "PCM_16", "wav"), {"container": "ogg"}, ("OGG", "VORBIS", "ogg")),
        (("WAV", "PCM_16", "wav"), {"container": "mp3"}, ("MP3", "MPEG_LAYER_III", "mp3")),
        (("WAV", "PCM_16", "wav"), {"float_": True}, ("WAV", "FLOAT", "wav")),
        (("WAV", "PCM_16", "wav"), {"subtype": "pcm_24"}, ("WAV", "PCM_24", "wav")),
    ],
)
def test_the_format_of_the_parts(source, options, expected):
    assert output_format(Format(*source), **options) == Format(*expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"float_": True}, "FLAC holds no FLOAT samples; .* --format wav"),
        ({"subtype": "PCM_32"}, "FLAC holds no PCM_32"),
        ({"container": "flv"}, "unknown format 'flv'; there are: same, wav"),
        ({"float_": True, "subtype": "PCM_16"}, "exclude"),
    ],
)
def test_formats_that_cannot_be_are_refused(options, message):
    with pytest.raises(TicktoneError, match=message):
        output_format(Format("FLAC", "PCM_16", "flac"), **options)


def test_rates_that_a_format_cannot_hold_are_refused(tmp_path):
    format = Format("MP3", "MPEG_LAYER_III", "mp3")
    with pytest.raises(TicktoneError, match="does not hold 2 channels at 96000 Hz"):
        Writer(tmp_path / "a.mp3", 96_000, 2, format)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_seen_before_the_commit_nor_after_a_discard(tmp_path):
    format = Format("WAV", "PCM_16", "wav")
    writer = Writer(tmp_path / "a.wav", 44_100, 2, format)
    writer.write(music(0.1))
    assert not (tmp_path / "a.wav").exists()
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_written_files_have_the_permissions_that_others_have(tmp_path):
    (tmp_path / "plain").touch()
    write(tmp_path / "a.wav", music(0.1), 44_100, Format("WAV", "PCM_16", "wav"))
    assert (tmp_path / "a.wav").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize(
    ("container", "subtype"),
    [
        *((container, "PCM_16") for container in ("WAV", "FLAC", "AIFF", "W64", "RF64", "CAF")),
        ("WAV", "FLOAT"),
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", "MPEG_LAYER_III"),
    ],
)
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.99])
def test_truncated_files_are_refused(tmp_path, container, subtype, kept):
    path = tmp_path / f"a.{container.lower()}"
    rate = 48_000 if subtype == "OPUS" else 44_100
    soundfile.write(path, music(3.0, rate).T, rate, format=container, subtype=subtype)
    assert read(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(TicktoneError, match=r"truncated|damaged"):
        read(path)


def test_lossy_pcm_is_limited_and_counted_too(tmp_path):
    audio = np.array([[0.5, 1.5, -1.5, 0.0] * 500], np.float32)
    for subtype in ("ULAW", "ALAW", "IMA_ADPCM", "MS_ADPCM"):
        path = tmp_path / f"{subtype}.wav"
        writer = write(path, audio, 8000, Format("WAV", subtype, "wav"))
        assert writer.overs == 1000
    writer = write(tmp_path / "a.caf", audio, 8000, Format("CAF", "ALAC_16", "caf"))
    assert writer.overs == 1000
    found = read(tmp_path / "a.caf")[0]
    assert found.max() == 1 - 2**-15
    assert found.min() == -1


def test_headers_of_streams_that_do_not_know_their_length_are_accepted(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, music(0.5).T, 44_100)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"  # as programs write that cannot seek back
    path.write_bytes(data)
    assert read(path)[0].shape == (2, 22_050)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"hello, I am text\n" * 100, "is not a sound file"),
        (b"RIFF\x00\x00\x00\x00WAVE", "is damaged, truncated or"),
        (b"fLaC" + b"\x00" * 100, "damaged"),
        (b"#EXTM3U\nhttp://example.com/a.mp3\n", "is not a sound file"),
    ],
)
def test_what_is_not_sound_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(TicktoneError, match=f"a.wav: .*{message}") as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_files_without_samples_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 2)), 44_100)
    with pytest.raises(TicktoneError, match="holds 0 samples"):
        read(tmp_path / "a.wav")


def test_folders_and_missing_files_are_refused(tmp_path):
    with pytest.raises(TicktoneError, match="is a folder"):
        Reader(tmp_path)
    with pytest.raises(TicktoneError, match="no such file"):
        Reader(tmp_path / "nothing.wav")


def encode(source: Path, target: Path) -> Path:
    import subprocess

    subprocess.run(["ffmpeg", "-v", "error", "-i", source, target], check=True)
    return target


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("extension", ["m4a", "wma", "mka", "aac"])
def test_other_formats_are_read_through_ffmpeg(tmp_path, extension):
    soundfile.write(tmp_path / "a.wav", music(2.0).T, 44_100)
    found, reader = read(encode(tmp_path / "a.wav", tmp_path / f"a.{extension}"))
    assert reader.sample_rate == 44_100
    assert len(found) == 2
    assert found.shape[1] == pytest.approx(2 * 44_100, abs=4096)  # an encoder pads to its frame
    assert np.std(found) == pytest.approx(np.std(music(2.0)), rel=0.1)


def encoded(tmp_path, name, *options):
    """Ten seconds as another program writes them."""
    import subprocess

    source = tmp_path / "source.wav"
    soundfile.write(source, music(10.0).T, 44_100)
    command = ["ffmpeg", "-v", "error", "-y", "-i", source, *options, tmp_path / name]
    subprocess.run(command, check=True)
    return tmp_path / name


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("rate", [("-q:a", "2"), ("-b:a", "128k"), ("-abr", "1", "-b:a", "96k")])
@pytest.mark.parametrize("header", ["0", "1"])
def test_mp3_is_read_to_its_end_whether_it_tells_its_length_or_not(tmp_path, rate, header):
    path = encoded(tmp_path, "a.mp3", "-c:a", "libmp3lame", *rate, "-write_xing", header)
    found, reader = read(path)
    assert found.shape[1] == pytest.approx(441_000, abs=0 if header == "1" else 3 * 1152)
    assert (reader.frames is None) == (header == "0")


@pytest.mark.program("ffmpeg")
def test_a_reader_that_is_closed_early_leaves_no_thread_behind(tmp_path):
    path = encoded(tmp_path, "a.mp3", "-b:a", "320k", "-write_xing", "0")
    before = threading.active_count()
    with Reader(path) as reader:
        next(reader.blocks())
    wait_until(lambda: threading.active_count() == before, 0.01)


@pytest.mark.program("ffmpeg")
def test_flac_of_unknown_length_is_read_to_its_end(tmp_path):
    import subprocess

    encoded(tmp_path, "a.flac")
    with (tmp_path / "piped.flac").open("wb") as file:
        subprocess.run(
            ["sh", "-c", f"ffmpeg -v error -i {tmp_path}/a.flac -f flac - | cat"],
            stdout=file,
            check=True,
        )
    found, reader = read(tmp_path / "piped.flac")
    assert reader.frames is None
    assert np.array_equal(found, read(tmp_path / "a.flac")[0])


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg"])
def test_files_laid_end_to_end_are_refused_without_ffmpeg(tmp_path, monkeypatch, name):
    monkeypatch.setenv("PATH", "")
    path = tmp_path / name
    soundfile.write(path, music(2.0).T, 44_100)
    path.write_bytes(2 * path.read_bytes())
    with pytest.raises(TicktoneError, match=r"is several (MP3 files|Ogg streams) in a row"):
        read(path)


@pytest.mark.program("ffmpeg")
def test_what_libsndfile_reads_but_does_not_write_has_a_neighbour(tmp_path):
    _, reader = read(encoded(tmp_path, "a.mp2"))
    assert output_format(reader.format) == Format("MP3", "MPEG_LAYER_III", "mp3")


def test_pipes_are_refused_and_not_waited_for(tmp_path):
    import os

    os.mkfifo(tmp_path / "a.wav")
    with pytest.raises(TicktoneError, match="is a pipe or device; save it to a file"):
        Reader(tmp_path / "a.wav")


@pytest.mark.program("ffmpeg")
def test_what_ffmpeg_cannot_read_is_refused_in_one_line(tmp_path):
    soundfile.write(tmp_path / "a.wav", music(2.0).T, 44_100)
    path = encode(tmp_path / "a.wav", tmp_path / "a.m4a")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(TicktoneError, match=r"is MP4 .* cannot read it: moov atom") as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_m4a_without_ffmpeg_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    with pytest.raises(TicktoneError, match=r"a.m4a: is MP4 .* program ffmpeg .* install it"):
        Reader(tmp_path / "a.m4a")
