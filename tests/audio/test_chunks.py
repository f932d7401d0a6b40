"""What production files hold beside their sound comes out where it went in."""

import struct

import numpy as np
import pytest
import soundfile

from tests.support.containers import chunk, chunks_of, wav
from tests.support.sounds import music
from ticktone.archive.one_file import separate_file
from ticktone.audio import chunks as chunks_module
from ticktone.audio.reader import Reader

SMPL = struct.pack("<9I6I", 0, 0, 22_675, 60, 0, 0, 0, 1, 0, 0, 0, 100, 900, 0, 0)
CUE = struct.pack("<I6I", 1, 1, 500, int.from_bytes(b"data", "little"), 0, 0, 500)
ADTL = b"adtl" + chunk(b"labl", struct.pack("<I", 1) + b"Verse\0")
BEXT = bytearray(602)
BEXT[:7], BEXT[338:346], BEXT[346:348] = b"Scene 1", struct.pack("<Q", 123_456_789), b"\x02\0"
BEXT[412:422] = struct.pack("<5h", -2300, 500, -100, -1800, -2000)  # loudness, of the mixture
IXML = b"<BWFXML><PROJECT>x</PROJECT></BWFXML>"
INFO = b"INFO" + chunk(b"INAM", b"Song\0") + chunk(b"IART", b"Me\0")
CHUNKS = [(b"smpl", SMPL), (b"cue ", CUE), (b"LIST", ADTL), (b"iXML", IXML), (b"acid", bytes(24))]


def parts_of(path, **options):
    return separate_file(path, path.parent / "out", "median", **options).outputs.values()


@pytest.mark.parametrize("samples", [1001, 1000])
@pytest.mark.parametrize("channels", [1, 2])
def test_loops_cues_and_labels_are_kept_to_the_byte(tmp_path, samples, channels):
    before = [(b"bext", bytes(BEXT))]
    path = wav(tmp_path / "a.wav", CHUNKS, samples, channels, before=before)
    for part in parts_of(path):
        found = chunks_of(tmp_path / part)
        for name, content in CHUNKS:
            assert found[name] == content
        assert found[b"bext"][338:346] == BEXT[338:346]
        assert found[b"bext"][:8] == b"Scene 1\0"
        assert struct.unpack("<5h", found[b"bext"][412:422]) == (0x7FFF,) * 5  # not measured
        assert soundfile.info(part).frames == samples


def test_the_title_in_info_names_the_part(tmp_path):
    path = wav(tmp_path / "a.wav", [(b"LIST", INFO)])
    for part in parts_of(path, only="harmonic"):
        assert chunks_of(tmp_path / part)[b"LIST"] == b"INFO" + chunk(
            b"INAM", b"Song (harmonic)\0"
        ) + chunk(b"IART", b"Me\0")


def test_what_is_about_the_samples_is_not_copied(tmp_path):
    path = wav(tmp_path / "a.wav", [(b"levl", b"peaks of the mixture"), (b"PEAK", bytes(24))])
    for part in parts_of(path):
        assert set(chunks_of(tmp_path / part)) == {b"fmt ", b"data"}


def test_no_tags_leaves_them_away(tmp_path):
    path = wav(tmp_path / "a.wav", [*CHUNKS, (b"bext", bytes(BEXT))])
    for part in parts_of(path, tags=False):
        assert set(chunks_of(tmp_path / part)) == {b"fmt ", b"data"}


def test_aiff_keeps_its_markers_and_loops(tmp_path):
    path = tmp_path / "a.aiff"
    soundfile.write(path, music(0.1).T, 44_100, subtype="PCM_24")
    mark = struct.pack(">HHI", 1, 1, 500) + b"\x05Verse"
    own = [(b"MARK", mark), (b"INST", bytes(range(20))), (b"NAME", b"Song")]
    data = path.read_bytes() + b"".join(chunk(*c, order=">") for c in own)
    path.write_bytes(data[:4] + struct.pack(">I", len(data) - 8) + data[8:])
    for part in parts_of(path, only="percussive"):
        found = chunks_of(tmp_path / part)
        assert (found[b"MARK"], found[b"INST"]) == (mark, bytes(range(20)))
        assert found[b"NAME"] == b"Song (percussive)"
        assert soundfile.info(part).frames == 4410


def test_markers_and_loops_of_aiff_become_those_of_wav(tmp_path):
    path = tmp_path / "a.aiff"
    soundfile.write(path, music(0.1).T, 44_100, subtype="PCM_24")
    mark = struct.pack(">HhI", 2, 1, 500) + b"\x05Verse" + struct.pack(">hI", 7, 900) + b"\3end"
    inst = struct.pack(">6bh3h3h", 57, 0, 0, 127, 1, 127, 0, 2, 1, 7, 0, 0, 0)
    data = path.read_bytes() + chunk(b"MARK", mark, ">") + chunk(b"INST", inst, ">")
    path.write_bytes(data[:4] + struct.pack(">I", len(data) - 8) + data[8:])
    (part,) = parts_of(path, only="harmonic", format="wav")
    found = chunks_of(tmp_path / part)
    cues = struct.pack("<I", 2)
    for number, place in ((1, 500), (7, 900)):
        cues += struct.pack("<II4sIII", number, place, b"data", 0, 0, place)
    assert found[b"cue "] == cues
    labels = chunk(b"labl", struct.pack("<I", 1) + b"Verse\0")
    assert found[b"LIST"] == b"adtl" + labels + chunk(b"labl", struct.pack("<I", 7) + b"end\0")
    sampler = struct.unpack("<9I6I", found[b"smpl"])
    assert sampler == (0, 0, 22_676, 57, 0, 0, 0, 1, 0, 1, 1, 500, 899, 0, 0)  # to and fro
    (part,) = parts_of(path, only="harmonic", format="wav", start=0.01, existing="overwrite")
    assert set(chunks_of(tmp_path / part)) == {b"fmt ", b"data"}


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_longer_kinds_of_wav_keep_theirs(tmp_path, magic):
    data = wav(tmp_path / "b.wav", CHUNKS).read_bytes()
    sizes = struct.pack("<QQQI", len(data) + 28, 4004, 1001, 0)
    body = data[12:].replace(b"data" + struct.pack("<I", 4004), b"data" + b"\xff" * 4)
    path = tmp_path / "a.wav"
    path.write_bytes(magic + b"\xff" * 4 + b"WAVE" + chunk(b"ds64", sizes) + body)
    for format in ("same", "wav"):
        for part in parts_of(path, format=format, existing="overwrite"):
            found = chunks_of(tmp_path / part)
            assert [found[name] for name, _ in CHUNKS] == [content for _, content in CHUNKS]
            assert soundfile.info(part).frames == 1001


@pytest.mark.parametrize(("name", "mask"), [("7.1", 0x63F), ("5.1(side)", 0x60F), ("none", 0)])
def test_speakers_stay_where_they_are(tmp_path, name, mask):
    channels = mask.bit_count() or 4
    path = wav(tmp_path / "a.wav", channels=channels, mask=mask)
    for options in ({}, {"float_": True}, {"tags": False}):
        for part in parts_of(path, existing="overwrite", **options):
            form = chunks_of(tmp_path / part)[b"fmt "]
            assert form[:2] == b"\xfe\xff"
            assert struct.unpack("<I", form[20:24])[0] == mask
            assert soundfile.info(part).channels == channels


def test_speakers_go_by_way_of_flac(tmp_path):
    path = wav(tmp_path / "a.wav", channels=6, mask=0x60F)
    (part,) = parts_of(path, only="harmonic", format="flac")
    (back,) = separate_file(
        part, tmp_path, "median", only="harmonic", format="wav"
    ).outputs.values()
    assert struct.unpack("<I", chunks_of(tmp_path / back)[b"fmt "][20:24])[0] == 0x60F


def test_hostile_chunks_cost_themselves_only(tmp_path, monkeypatch):
    monkeypatch.setattr(chunks_module, "MOST_BYTES", 1000)
    path = wav(tmp_path / "a.wav", [(b"huge", bytes(2000)), (b"smpl", SMPL)])
    path.write_bytes(path.read_bytes() + b"cue \xff\xff\xff\x7f" + b"short")
    for part in parts_of(path):
        assert set(chunks_of(tmp_path / part)) == {b"fmt ", b"data", b"smpl"}


def test_the_sound_is_the_same_with_and_without(tmp_path):
    path = wav(tmp_path / "a.wav", [*CHUNKS, (b"LIST", INFO)], channels=6, mask=0x60F)
    for part in parts_of(path):
        with Reader(tmp_path / part) as reader:
            kept = np.concatenate(list(reader.blocks()), axis=-1)
        (tmp_path / part).unlink()
        parts_of(path, tags=False, only=part.split(".")[-2], existing="overwrite")
        assert np.array_equal(soundfile.read(part)[0].T, kept)


def test_rifx_has_its_chunks_in_riff(tmp_path):
    """Its numbers are the other way round; the parts are RIFF."""
    path, order = tmp_path / "a.wav", ">"
    soundfile.write(path, music(0.1).T, 44_100, endian="BIG")
    labels = chunk(b"labl", struct.pack(">I", 1) + b"Verse\0", order)
    info = chunk(b"INAM", b"Song\0", order) + chunk(b"IART", b"Me\0", order)
    smpl = struct.pack(">9I6I", *struct.unpack("<15I", SMPL))
    cue = (
        struct.pack(">I6I", *struct.unpack("<7I", CUE))[:12]
        + b"data"
        + struct.pack(">3I", 0, 0, 500)
    )
    own = [(b"smpl", smpl), (b"cue ", cue), (b"LIST", b"adtl" + labels), (b"LIST", b"INFO" + info)]
    own += [(b"iXML", IXML), (b"what", b"?"), (b"plst", b"abc")]
    data = path.read_bytes() + b"".join(chunk(*each, order) for each in own)
    assert data[:4] == b"RIFX"
    path.write_bytes(data[:4] + struct.pack(">I", len(data) - 8) + data[8:])
    result = separate_file(path, tmp_path / "out", "median", only="harmonic")
    part = tmp_path / "out" / "a.harmonic.wav"
    assert result.notes == []
    found = chunks_of(part)
    assert part.read_bytes()[:4] == b"RIFF"
    assert (found[b"smpl"], found[b"cue "], found[b"iXML"]) == (SMPL, CUE, IXML)
    assert chunk(b"LIST", ADTL) in part.read_bytes()
    assert found[b"LIST"] == b"INFO" + chunk(b"INAM", b"Song (harmonic)\0") + chunk(
        b"IART", b"Me\0"
    )
    assert not {b"what", b"plst"} & set(found)


def test_a_film_is_not_copied_into_its_parts(tmp_path):
    body = b"AVI " + chunk(b"LIST", b"hdrl" + bytes(100)) + chunk(b"LIST", b"movi" + bytes(5000))
    path = tmp_path / "a.avi"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert chunks_module.read_chunks(path) is None


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_S8"])
def test_amiga_files_hold_their_sound_once(tmp_path, subtype):
    path = tmp_path / "a.svx"
    soundfile.write(path, music(1.0, channels=1)[0], 22_050, format="SVX", subtype=subtype)
    for part in parts_of(path):
        data = (tmp_path / part).read_bytes()
        assert data.count(b"BODY") == 1
        assert soundfile.info(part).frames == soundfile.info(path).frames
