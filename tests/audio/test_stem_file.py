"""Stem files have the layout that Traktor and Mixxx look for, and sound as the parts do."""

import json
import shutil
import subprocess

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.mp4 import MP4

from tests.support.files import names, read
from ticktone.archive.many_files import separate_files
from ticktone.archive.one_file import separate_file
from ticktone.audio.formats import Format
from ticktone.audio.stem_file import StemLabel, StemWriter, read_stems, stem_format
from ticktone.datasets import open_dataset
from ticktone.errors import TicktoneError

pytestmark = pytest.mark.program("ffmpeg")

DRUMS, REST = StemLabel("Drums", "#ff9d5c"), StemLabel("Everything else", "#4cc3d9")
SILENT = StemLabel("Silent", "#606060")


def boxes(content):
    """Read boxes of MP4 by the standard's rule: size, type, content."""
    found = []
    while content:
        size = int.from_bytes(content[:4], "big")
        assert 8 <= size <= len(content)
        found.append((content[4:8], content[8:size]))
        content = content[size:]
    return found


def box(content, *path):
    for kind in path:
        (content,) = (inner for found, inner in boxes(content) if found == kind)
    return content


def streams(path):
    shown = "stream=codec_type,codec_name,channels,sample_rate,duration_ts,bits_per_raw_sample"
    command = ["ffprobe", "-v", "error", "-show_entries", shown, "-of", "json", path]
    done = subprocess.run(command, capture_output=True, check=True)
    return json.loads(done.stdout)["streams"]


def decoded(path, track):
    command = ["ffmpeg", "-v", "error", "-i", path, "-map", f"0:a:{track}", "-f", "f32le", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<f4").reshape(-1, 2).T


def stem_file(path, **how):
    return separate_file(path, stem_mp4=True, **{"method": "median", **how}).outputs["stem"]


def test_the_layout_is_that_of_the_format(song, tmp_path):
    path = song("a b.wav", 1.0)
    written = stem_file(path)
    assert written == str(tmp_path / "a b.stem.mp4")
    assert names(tmp_path) == ["a b.stem.mp4", "a b.wav"]
    content = (tmp_path / "a b.stem.mp4").read_bytes()
    assert box(content, b"ftyp")[:4] == b"M4A "
    tracks = [inner for kind, inner in boxes(box(content, b"moov")) if kind == b"trak"]
    enabled = [box(track, b"tkhd")[3] & 1 for track in tracks]
    assert enabled == [1, 0, 0, 0, 0]  # any player plays the recording alone
    about = json.loads(box(content, b"moov", b"udta", b"stem"))
    assert about["version"] == 1
    assert [stem["name"] for stem in about["stems"]] == [
        *("Drums", "Everything else", "Silent", "Silent"),
    ]
    assert all(len(stem["color"]) == 7 and stem["color"][0] == "#" for stem in about["stems"])
    assert not about["mastering_dsp"]["compressor"]["enabled"]
    assert not about["mastering_dsp"]["limiter"]["enabled"]
    assert read_stems(tmp_path / "a b.stem.mp4") == [DRUMS, REST, SILENT, SILENT]
    assert len(streams(written)) == 5
    for stream in streams(written):
        assert (stream["codec_type"], stream["codec_name"]) == ("audio", "aac")
        assert (stream["channels"], stream["sample_rate"]) == (2, "44100")
        assert stream["duration_ts"] == 44_100


def test_aac_sounds_as_the_recording_and_its_parts(song, tmp_path):
    path = song("a.wav", 3.0)
    written = stem_file(path)
    separate_file(path, method="median")
    expected = [read(path), read(tmp_path / "a.percussive.wav"), read(tmp_path / "a.harmonic.wav")]
    for track, wanted in enumerate(expected):
        found = decoded(written, track)[:, : wanted.shape[-1]]
        assert found.shape == wanted.shape
        error = np.mean((found - wanted) ** 2) / np.mean(wanted**2)
        assert error < 0.1  # of noise, which AAC codes badly; one sample aside it is over 1
    for track in (3, 4):
        assert not decoded(written, track).any()


@pytest.mark.parametrize(
    ("kind", "coding", "bits", "rate", "channels"),
    [
        ("PCM_16", "ALAC", 16, 44_100, 2),
        ("PCM_24", "alac", 24, 192_000, 1),
        ("PCM_16", "ALAC_24", 24, 22_050, 1),
    ],
)
def test_alac_is_exact_and_the_stems_sum_to_the_recording(song, kind, coding, bits, rate, channels):
    path = song("a.wav", 0.7, rate, channels, subtype=kind)
    written = stem_file(path, subtype=coding)
    for stream in streams(written):
        assert (stream["codec_name"], stream["duration_ts"]) == (
            "alac",
            soundfile.info(path).frames,
        )
        assert int(stream["bits_per_raw_sample"]) == bits
    recording, drums, rest, *silent = (decoded(written, track) for track in range(5))
    assert np.array_equal(recording, np.broadcast_to(read(path), recording.shape))
    assert np.array_equal(drums + rest, recording)
    assert drums.any()
    assert not np.any(silent)


def test_a_third_part_takes_the_third_place(song):
    written = stem_file(song("a.wav", 0.5), method="hpr", subtype="ALAC")
    recording, *stems = (decoded(written, track) for track in range(5))
    assert np.array_equal(sum(stems), recording)
    assert stems[2].any()
    assert not stems[3].any()


def test_data_sets_read_it_as_they_read_musdb18(song, tmp_path):
    path = song("a.wav", 2.0)
    for subset in ("train", "test"):
        stem_file(path, output=tmp_path / "set" / subset)
    (found,) = open_dataset(tmp_path / "set", subset="test", cache=tmp_path / "cache")
    separate_file(path, method="median")
    wanted = read(tmp_path / "a.percussive.wav")
    percussive = found.read("percussive")[:, : wanted.shape[-1]]  # AAC has whole frames
    assert np.mean((percussive - wanted) ** 2) < 0.1 * np.mean(wanted**2)


def test_tags_and_pictures_are_kept_and_the_title_is_the_recordings(song, tmp_path):
    path = song("a.flac", 0.3)
    file = mutagen.File(path)
    tags = {"title": "Sóng", "artist": ["A", "B"], "bpm": "127.6", "initialkey": "Am"}
    file.update({**tags, "tracknumber": "3", "tracktotal": "12", "mycolour": "red"})
    picture = mutagen.flac.Picture()
    picture.data, picture.mime, picture.type = b"\x89PNG\r\n\x1a\n" + bytes(99), "image/png", 3
    file.add_picture(picture)
    file.save()
    found = MP4(stem_file(path))
    assert (found["\xa9nam"], found["\xa9ART"], found["tmpo"]) == (["Sóng"], ["A", "B"], [128])
    assert found["trkn"] == [(3, 12)]
    assert bytes(found["----:com.apple.iTunes:initialkey"][0]) == b"Am"
    assert bytes(found["----:com.apple.iTunes:MYCOLOUR"][0]) == b"red"
    assert bytes(found["covr"][0]) == picture.data
    assert read_stems(tmp_path / "a.stem.mp4") == [DRUMS, REST, SILENT, SILENT]
    bare = MP4(stem_file(path, tags=False, existing="overwrite"))
    assert "\xa9nam" not in bare


def test_the_command_passes_over_what_it_wrote_but_not_other_stem_files(song, run, tmp_path):
    song("in/a.wav", 0.3)
    for _ in range(2):
        done = run("separate", "in", "-m", "median", "--stem-mp4", "--overwrite", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "-> a.stem.mp4" in done.stdout
    assert names(tmp_path / "in") == ["a.stem.mp4", "a.wav"]
    writer = StemWriter(
        *(tmp_path / "in" / "b.stem.mp4", 44_100, 1, stem_format(Format("WAV", "PCM_16", "wav"))),
        [StemLabel("Kick", "#123456")],
    )
    writer.write(np.zeros((2, 1, 4410), np.float32))
    writer.close()
    writer.commit()
    assert run("separate", "in", "-m", "median", cwd=tmp_path).returncode == 0
    assert "b.stem.harmonic.flac" in names(tmp_path / "in")
    assert "a.stem.harmonic.flac" not in names(tmp_path / "in")


def test_the_bit_rate_can_be_asked_for_and_existing_files_are_kept(song, run, tmp_path):
    how = ("-m", "median", "--stem-mp4", "--bitrate", "64")
    assert run("separate", song("a.wav", 0.3), *how, "--skip-existing").returncode == 0
    size = (tmp_path / "a.stem.mp4").stat().st_size
    assert run("separate", song("a.wav", 0.3), *how[:3], "--overwrite").returncode == 0
    assert (tmp_path / "a.stem.mp4").stat().st_size > 1.5 * size
    assert "skipped" in run("separate", song("a.wav"), *how, "--skip-existing").stdout


@pytest.mark.parametrize(
    ("rate", "channels", "how", "message"),
    [
        (44_100, 3, {}, "has 3 channels; a stem file is stereo"),
        (50_000, 2, {}, "AAC does not hold 50000 Hz; add --subtype ALAC"),
        (44_100, 2, {"bitrate": 1000}, "a bit rate of 1000 .* none of AAC's here; give 32 to 529"),
        (44_100, 2, {"bitrate": 256, "subtype": "ALAC"}, "ALAC has no bit rate"),
        (44_100, 2, {"subtype": "PCM_16"}, "stem files hold no PCM_16 samples; they hold: AAC"),
        (44_100, 2, {"only": "harmonic"}, "--stem-mp4 holds all parts; leave out --only"),
        (44_100, 2, {"complement": False}, "leave out --no-complement"),
        (44_100, 2, {"format": "flac"}, "leave out --format"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(song, tmp_path, rate, channels, how, message):
    with pytest.raises(TicktoneError, match=message):
        stem_file(song("a.wav", 0.2, rate, channels), **how)
    assert names(tmp_path) == ["a.wav"]


def test_without_ffmpeg_or_where_it_fails_nothing_is_left(song, tmp_path, monkeypatch):
    path, programs = song("a.wav", 30.0), tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(TicktoneError, match="take the program ffmpeg, which is not installed"):
        stem_file(path)
    fake = programs / "ffmpeg"
    fake.write_text("#!/bin/sh\necho No space left on device >&2\nexit 1\n")
    fake.chmod(0o755)
    with pytest.raises(
        TicktoneError, match=r"a.stem.mp4: .* ffmpeg failed \(No space left on device\)"
    ):
        stem_file(path)
    shutil.rmtree(programs)
    assert names(tmp_path) == ["a.wav"]


@pytest.mark.parametrize(
    "box", [b"", b"{", b"[]", b'{"stems": 3}', b'{"stems": [1]}', b"\xff" * 2**21]
)
def test_a_box_that_says_nothing_names_no_stems(tmp_path, box):
    def boxed(kind, content):
        return (8 + len(content)).to_bytes(4, "big") + kind + content

    path = tmp_path / "a.stem.mp4"
    whole = boxed(b"ftyp", b"M4A ") + boxed(b"moov", boxed(b"udta", boxed(b"stem", box)))
    for content in (whole, whole[:-1], whole[:11], b"", bytes(100)):
        path.write_bytes(content)
        assert read_stems(path) == []


def test_samples_beyond_full_scale_are_counted(tmp_path):
    path = tmp_path / "a.wav"
    loud = 1.5 * np.sin(np.arange(22_050) * 0.05)
    soundfile.write(path, loud, 44_100, subtype="FLOAT")
    (result,) = separate_files([path], None, "median", stem_mp4=True, subtype="ALAC")
    assert result.overs["stem"] >= np.count_nonzero(abs(loud) > 1)
    assert result.peaks["stem"] == pytest.approx(1.5, abs=0.1)
    (result,) = separate_files([path], None, "median", stem_mp4=True, existing="overwrite")
    assert not result.overs
