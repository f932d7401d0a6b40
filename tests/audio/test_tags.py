"""Tags and pictures of every kind come out again, with the part in the title."""

import struct
import subprocess
from base64 import b64encode
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.apev2 import BINARY, APEv2, APEValue
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, GEOB, ID3, SYLT, TBPM, TIT2, TKEY, TPE1, TRCK, TSRC, TXXX
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggvorbis import OggVorbis

from tests.support.containers import chunks_of, wav
from ticktone.archive.many_files import remix_files
from ticktone.archive.one_file import separate_file
from ticktone.audio.au_text import read_text
from ticktone.audio.tag_reading import read_tags

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
TEXTS = {
    **{"title": ["Sóng"], "artist": ["A", "B"], "bpm": ["128"], "initialkey": ["Am"]},
    **{"isrc": ["USABC1234567"], "tracknumber": ["3"], "tracktotal": ["12"]},
    **{"comment": ["hello"], "mycolour": ["red"]},
}


def picture():
    found = Picture()
    found.data, found.mime, found.type, found.desc = PNG, "image/png", 3, "front"
    return found


def tag_id3(path):
    tags = ID3()
    for frame in (TIT2, "Sóng"), (TPE1, ["A", "B"]), (TBPM, "128"), (TKEY, "Am"), (TRCK, "3/12"):
        tags.add(frame[0](encoding=3, text=frame[1]))
    tags.add(TSRC(encoding=3, text="USABC1234567"))
    tags.add(COMM(encoding=3, lang="eng", desc="", text="hello"))
    tags.add(TXXX(encoding=3, desc="mycolour", text="red"))
    tags.add(APIC(encoding=3, mime="image/png", type=3, desc="front", data=PNG))
    tags.add(GEOB(encoding=3, mime="a/b", filename="", desc="Serato Markers2", data=b"marks"))
    tags.add(COMM(encoding=3, lang="eng", desc="iTunSMPB", text="000 840"))  # of the coding
    tags.save(path)


def tag_vorbis(path):
    file = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    file.update(TEXTS)
    if isinstance(file, FLAC):
        file.add_picture(picture())
    else:
        file["metadata_block_picture"] = [b64encode(picture().write()).decode()]
    file.save()


def tag_mp4(path):
    file = MP4(path)
    file["\xa9nam"], file["\xa9ART"], file["tmpo"] = ["Sóng"], ["A", "B"], [128]
    file["trkn"], file["\xa9cmt"], file["covr"] = [(3, 12)], ["hello"], [MP4Cover(PNG, 14)]
    for name, value in ("initialkey", b"Am"), ("ISRC", b"USABC1234567"), ("mycolour", b"red"):
        file[f"----:com.apple.iTunes:{name}"] = [value]
    file["----:com.apple.iTunes:iTunSMPB"] = [b"000 840"]  # true of the AAC alone
    file.save()


@pytest.fixture
def tagged(song, tmp_path):
    def make(kind):
        path = tmp_path / f"in.{kind}"
        if kind == "m4a":
            command = ["ffmpeg", "-v", "error", "-i", song("a.wav"), path]
            subprocess.run(command, check=True)
            tag_mp4(path)
        elif kind == "mp3":
            tag_id3(song(path.name))
        elif kind == "wav":
            file = mutagen.File(song(path.name))
            file.add_tags()
            tag_id3(tmp_path / "id3")
            for frame in ID3(tmp_path / "id3").values():
                file.tags.add(frame)
            file.save()
        else:
            tag_vorbis(song(path.name))
        return path

    return make


def said(path):
    """What a file's tags say, of whatever kind it is."""
    file = mutagen.File(path)
    if type(file).__name__ in ("WAVE", "AIFF"):
        from io import BytesIO

        from ticktone.audio.tags import from_id3

        found = chunks_of(path)
        return from_id3(ID3(BytesIO(found.get(b"id3 ") or found[b"ID3 "])))
    return read_tags(path)


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("source", ["mp3", "flac", "ogg", "m4a", "wav"])
@pytest.mark.parametrize("format", ["same", "wav", "flac", "ogg", "mp3"])
def test_tags_and_pictures_go_from_every_kind_to_every_kind(tagged, source, format):
    path = tagged(source)
    result = separate_file(path, method="median", format=format)
    assert set(result.outputs) == {"harmonic", "percussive"}
    for part, output in result.outputs.items():
        tags = said(path.parent / output)
        assert {name: tags.comments.get(name) for name in TEXTS} == {
            **TEXTS,
            "title": [f"Sóng ({part})"],
        }
        assert "itunsmpb" not in tags.comments
        assert [(found.data, found.mime, found.type) for found in tags.pictures] == [
            (PNG, "image/png", 3)
        ]
        assert soundfile.info(output).frames > 22_000


def test_frames_that_only_id3_has_are_kept_in_its_version(tagged):
    path = tagged("mp3")
    tags = ID3(path)
    tags.update_to_v23()
    tags.save(path, v2_version=3)
    result = separate_file(path, method="median", only="harmonic")
    found = ID3(result.outputs["harmonic"])
    assert found.getall("GEOB")[0].data == b"marks"
    assert found.version == (2, 3, 0)
    assert not [frame for frame in found.getall("COMM") if frame.desc == "iTunSMPB"]


def test_a_remix_keeps_them_too(tagged):
    (result,) = remix_files([tagged("flac")], {"percussive": -6.0}, method="median")
    file = FLAC(result.outputs["remix"])
    assert file["title"] == ["Sóng (remix)"]
    assert (file["isrc"], len(file.pictures)) == (["USABC1234567"], 1)


def test_tags_without_a_title_get_the_files_name(song):
    path = song("My song.ogg")
    file = OggVorbis(path)
    file["artist"] = "Me"
    file.save()
    result = separate_file(path, method="median", only="percussive")
    found = OggVorbis(result.outputs["percussive"])
    assert (found["title"], found["artist"]) == (["My song (percussive)"], ["Me"])


@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg", "wav"])
def test_no_tags_leaves_them_away(tagged, kind):
    path = tagged(kind)
    remixed, *_ = remix_files([path], {"percussive": -6.0}, method="median", tags=False)
    parts = separate_file(path, method="median", tags=False)
    for output in (*parts.outputs.values(), *remixed.outputs.values()):
        assert PNG not in (path.parent / output).read_bytes()
        assert "Sóng".encode() not in (path.parent / output).read_bytes()


def test_damaged_tags_cost_the_tags_and_say_so(tmp_path):
    path = wav(tmp_path / "a.wav", [(b"id3 ", b"ID3\x09\x00\x00\x00\x00\x00\x0a" + bytes(10))])
    result = separate_file(path, method="median")
    assert result.status == "done"
    assert len(result.notes) == 1
    assert "its tags cannot be read (" in result.notes[0]


def test_the_time_reference_of_bext_goes_into_other_formats(tmp_path):
    bext = bytearray(602)
    bext[:7], bext[338:346] = b"Scene 1", (123_456_789).to_bytes(8, "little")
    path = wav(tmp_path / "a.wav", [(b"bext", bytes(bext))])
    result = separate_file(path, method="median", format="flac", only="harmonic")
    found = FLAC(result.outputs["harmonic"])
    assert (found["time_reference"], found["description"]) == (["123456789"], ["Scene 1"])


def test_matroska_is_asked_of_ffprobe(song, tmp_path):
    path = tmp_path / "b.mka"
    command = ["ffmpeg", "-v", "error", "-i", song("a.wav"), "-metadata", "title=Song", path]
    subprocess.run(command, check=True)
    result = separate_file(path, method="median", only="harmonic")
    assert FLAC(result.outputs["harmonic"])["title"] == ["Song (harmonic)"]


@pytest.mark.program("ffmpeg")
@pytest.mark.parametrize("kind", ["tta", "aac", "ac3"])
@pytest.mark.parametrize("tag", ["ID3", "APEv2", "ID3v1"])
def test_tags_that_are_laid_before_or_behind_any_stream_are_kept(song, tmp_path, kind, tag):
    path = tmp_path / f"in.{kind}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", song("a.wav"), path], check=True)
    if tag == "APEv2":
        ape = APEv2()
        ape["Title"], ape["Track"] = "Sóng", "3/12"
        ape.save(path)
    elif tag == "ID3":
        tag_id3(path)
    else:
        fields = (
            (b"TAG", 3),
            (b"S\xf3ng", 30),
            (b"A", 30),
            (b"", 34),
            (b"hello", 28),
            (b"\0\3\xff", 3),
        )
        path.write_bytes(path.read_bytes() + b"".join(x.ljust(n, b"\0") for x, n in fields))
    comments = read_tags(_harmonic(path, "flac")).comments
    assert comments["title"] == ["Sóng (harmonic)"]
    assert comments["tracknumber"] == ["3"]
    if tag != "APEv2":
        assert comments["comment"] == ["hello"]


def _harmonic(path, format):
    how = {"format": format, "existing": "overwrite"}
    return separate_file(path, method="median", **how).outputs["harmonic"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Recorded by me\n", {"comment": "Recorded by me", "title": "a (harmonic)"}),
        ("title=Song\nartist=Me", {"title": "Song (harmonic)", "artist": "Me"}),
        ("", {}),
    ],
)
@pytest.mark.parametrize("format", ["same", "flac"])
def test_the_text_of_au_is_kept(tmp_path, text, expected, format):
    path, audio = tmp_path / "a.au", np.zeros((700_000, 2))
    audio[::7] = 0.25
    soundfile.write(path, audio, 44_100, subtype="PCM_16")
    data, text = path.read_bytes(), text.encode().ljust(16 + len(text), b"\0") if text else b""
    path.write_bytes(data[:4] + struct.pack(">I", 24 + len(text)) + data[8:24] + text + data[24:])
    result = separate_file(path, tmp_path / "out", "median", only="harmonic", format=format)
    part = result.outputs["harmonic"]
    assert result.notes == []
    assert soundfile.info(part).frames == 700_000
    if format == "flac":
        found = {name: values[0] for name, values in (mutagen.File(part).tags or {}).items()}
    else:
        found = {name: values[0] for name, values in read_text(Path(part)).items()}
    assert found == expected
    plain = separate_file(path, tmp_path / "plain", "median", only="harmonic", tags=False)
    expected_sound = soundfile.read(plain.outputs["harmonic"])[0]
    np.testing.assert_array_equal(soundfile.read(part)[0], expected_sound)


def test_a_second_tag_adds_what_the_first_does_not_say(tagged):
    path = tagged("mp3")
    ape = APEv2()
    ape["Title"], ape["Mood"], ape["Secret"] = "Other", "calm", APEValue(b"\0\1", BINARY)
    ape.save(path)
    for format in ("same", "flac"):
        comments = read_tags(Path(_harmonic(path, format))).comments
        assert comments["title"] == ["Sóng (harmonic)"]
        assert comments["mood"] == ["calm"]
        assert "secret" not in comments  # it is no text
    data = bytearray(path.read_bytes())
    data[data.rindex(b"APETAGEX") + 12 + 4] = 200  # of items, far more than there are
    path.write_bytes(data)
    assert read_tags(Path(_harmonic(path, "flac"))).comments["artist"] == ["A", "B"]


def test_id3_before_flac_is_read_too(song, tmp_path):
    path = song("in.flac")
    tag_id3(tmp_path / "id3")
    path.write_bytes((tmp_path / "id3").read_bytes() + path.read_bytes())
    found = FLAC(_harmonic(path, "same"))
    assert (found["title"], found["artist"]) == (["Sóng (harmonic)"], ["A", "B"])
    assert [picture.data for picture in found.pictures] == [PNG]


def test_pictures_of_one_description_are_both_kept(song):
    path = song("in.flac")
    file = FLAC(path)
    for kind in (3, 4):
        image = picture()
        image.type, image.desc = kind, "Cover"
        file.add_picture(image)
    file.save()
    pictures = read_tags(Path(_harmonic(path, "mp3"))).pictures
    assert sorted(picture.type for picture in pictures) == [3, 4]


@pytest.mark.parametrize("date", ["1999", "1999-02-01", "01/02/1999", "unknown"])
def test_a_date_stays_what_it_is(song, date):
    path = song("in.flac")
    file = FLAC(path)
    file["date"] = date
    file.save()
    assert read_tags(Path(_harmonic(path, "mp3"))).comments["date"] == [date]


def test_times_of_lyrics_do_not_outlive_a_change_of_speed(tagged):
    path = tagged("mp3")
    tags = ID3(path)
    tags.add(SYLT(encoding=3, lang="eng", format=2, type=1, text=[("la", 100)]))
    tags.save(path)
    assert ID3(_harmonic(path, "same")).getall("SYLT")
    excerpt = separate_file(path, path.parent / "cut", "median", start=0.1).outputs["harmonic"]
    assert not ID3(excerpt).getall("SYLT")
    assert ID3(excerpt).getall("TPE1")


@pytest.mark.program("ffmpeg")
def test_quicktime_is_asked_of_ffprobe(song, tmp_path):
    path = tmp_path / "b.mov"
    command = ["ffmpeg", "-v", "error", "-i", song("a.wav"), "-metadata", "title=Song", path]
    subprocess.run(command, check=True)
    assert FLAC(_harmonic(path, "same"))["title"] == ["Song (harmonic)"]


@pytest.mark.program("ffmpeg")
def test_the_cover_of_matroska_is_kept(song, tmp_path):
    cover, path = tmp_path / "cover.png", tmp_path / "b.mka"
    make = ["-f", "lavfi", "-i", "color=red:size=8x8", "-frames:v", "1", cover]
    attach = ["-i", song("a.wav"), "-attach", cover, "-metadata:s:t", "mimetype=image/png", path]
    for options in (make, attach):
        subprocess.run(["ffmpeg", "-v", "error", *options], check=True)
    (image,) = FLAC(_harmonic(path, "same")).pictures
    assert (image.data, image.mime, image.type) == (cover.read_bytes(), "image/png", 3)
