"""Lossy parts are no worse than the recording, and as good as asked."""

import mutagen
import pytest
import soundfile

from tests.support.sounds import music
from ticktone.archive.one_file import separate_file
from ticktone.errors import TicktoneError


def kbits(path):
    return mutagen.File(path).info.bitrate / 1000


def mp3(tmp_path, compression, mode, rate=44_100):
    path = tmp_path / "a.mp3"
    soundfile.write(
        path, music(3.0, rate).T, rate, compression_level=compression, bitrate_mode=mode
    )
    return path


@pytest.mark.parametrize(
    ("compression", "mode", "rate"),
    [
        (0.0, "CONSTANT", 44_100),
        (0.0, "VARIABLE", 48_000),
        pytest.param(0.67, "CONSTANT", 44_100, marks=pytest.mark.slow),
        pytest.param(0.0, "CONSTANT", 22_050, marks=pytest.mark.slow),
    ],
)
def test_mp3_parts_get_no_fewer_bits_than_the_recording(tmp_path, compression, mode, rate):
    path = mp3(tmp_path, compression, mode, rate)
    result = separate_file(path, method="median")
    for part in result.outputs.values():
        assert kbits(part) >= kbits(path) - 1
    assert not result.notes


@pytest.mark.slow
@pytest.mark.parametrize(("format", "wanted"), [("mp3", 128), ("mp3", 320), ("ogg", 96)])
def test_a_bit_rate_can_be_asked_for(tmp_path, song, format, wanted):
    path = song("a.wav", 5.0)
    result = separate_file(path, method="median", format=format, bitrate=wanted, only="percussive")
    found = mutagen.File(result.outputs["percussive"]).info
    if format == "mp3":
        assert found.bitrate == wanted * 1000
    else:
        size = 8 * (tmp_path / "a.percussive.ogg").stat().st_size / found.length / 1000
        assert size == pytest.approx(wanted, rel=0.5)


@pytest.mark.parametrize(
    ("format", "wanted", "message"),
    [
        ("mp3", 500, "a bit rate of 500 kbit/s is none of MP3's here; give 32 to 320"),
        ("ogg", 3, "none of Ogg Vorbis's here; give 64 to 500"),
        ("wav", 128, "--bitrate is for what has one"),
        ("same", 128, "PCM_16 has no bit rate"),
    ],
)
def test_bit_rates_that_cannot_be_are_refused(song, tmp_path, format, wanted, message):
    with pytest.raises(TicktoneError, match=message):
        separate_file(song("a.wav"), method="median", format=format, bitrate=wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.program("ffmpeg")
def test_a_change_of_format_is_told(song, tmp_path):
    import subprocess

    path = tmp_path / "b.m4a"
    subprocess.run(["ffmpeg", "-v", "error", "-i", song("a.wav"), path], check=True)
    result = separate_file(path, method="median")
    assert result.notes == ["m4a can only be read; the parts are flac (PCM_24)"]
    asked = separate_file(path, method="median", format="wav")
    assert not asked.notes


@pytest.mark.parametrize(
    ("name", "notes"),
    [("a", []), ("a.aiff", ["is FLAC by its content; the parts are .flac"]), ("a.flac", [])],
)
def test_a_name_that_says_something_else_is_no_change_of_format(tmp_path, name, notes):
    soundfile.write(tmp_path / name, music(0.1).T, 44_100, format="FLAC")
    result = separate_file(tmp_path / name, tmp_path / "out", "median", only="harmonic")
    assert result.notes == notes
    assert result.outputs["harmonic"].endswith("a.harmonic.flac")
