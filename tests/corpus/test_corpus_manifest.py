import hashlib

import pytest

from ticktone.corpus.corpus_manifest import NAME, CorpusManifest, SongRecord, overlap, read_manifest
from ticktone.errors import TicktoneError


def entry(name="a", content=b"", **how):
    digest = hashlib.sha256(content).hexdigest()
    return SongRecord(name, f"{name}.mid", digest, 1.0, 44_100, ["harmonic.flac"], ["CC0"], **how)


def write(folder, *entries):
    manifest = CorpusManifest(folder)
    for one in entries:
        manifest.add(one)
    return folder / NAME


def test_what_is_written_is_read_back(tmp_path):
    entries = [entry("Żółw 亀\n"), entry("b", levels={"harmonic": -20.5}, options={"mono": True})]
    write(tmp_path / "a" / "corpus", *entries[:1])
    write(tmp_path / "a" / "corpus", *entries[1:])
    assert read_manifest(tmp_path / "a" / "corpus") == entries


def test_of_two_lines_about_a_song_the_later_counts(tmp_path):
    write(tmp_path, entry(seed=1), entry("b"), entry(seed=2))
    assert read_manifest(tmp_path) == [entry(seed=2), entry("b")]


def test_a_run_killed_amid_a_line_loses_that_line_only(tmp_path):
    path = write(tmp_path, entry("亀"), entry("亀亀"))
    content = path.read_bytes()
    first = content.index(b"\n") + 1
    for cut in range(first, len(content), 7):
        path.write_bytes(content[:cut])
        assert read_manifest(tmp_path) == [entry("亀")]
        write(tmp_path, entry("c"))
        assert read_manifest(tmp_path) == [entry("亀"), entry("c")]


@pytest.mark.parametrize("line", ["{", "[]", '{"name": "a"}', '{"colour": "red"}', "\xff"])
def test_a_damaged_line_is_told_by_its_number(tmp_path, line):
    path = write(tmp_path, entry("a"), entry("b"))
    first, second, _ = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([first, line.encode("latin-1"), second, b""]))
    with pytest.raises(TicktoneError, match=f"{NAME}: line 2 is damaged; remove it"):
        read_manifest(tmp_path)


def test_no_manifest_has_no_entries(tmp_path):
    assert read_manifest(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "corpus").write_text("a file")
    with pytest.raises(TicktoneError, match="corpus: cannot be written: File exists; choose"):
        CorpusManifest(tmp_path / "corpus")


@pytest.fixture
def validation(tmp_path):
    folder = tmp_path / "validation"
    for song in ("mdb_grunge", "Eif_Lithium"):
        (folder / song).mkdir(parents=True)
        (folder / song / "drums.wav").write_text(f"the drums of {song}")
    (folder / "mdb_reggae.wav").write_text("reggae")
    return folder


@pytest.mark.parametrize(
    "shared",
    [
        entry("mdb_grunge"),
        entry("MDB_Grunge"),
        entry("eif_lithium"),
        entry("mdb_reggae"),
        entry("other", b"the drums of mdb_grunge"),
        entry("other", b"reggae"),
    ],
    ids=["name", "capitals", "small letters", "a file's name", "a stem", "a file"],
)
def test_songs_in_two_folders_are_found_by_name_and_by_content(validation, shared):
    assert overlap([entry("mdb_country", b"x"), shared], validation) == [shared]


def test_songs_of_the_same_score_are_found_in_two_corpora(tmp_path):
    write(tmp_path, entry("folder-a", b"score"))
    assert overlap([entry("a", b"score"), entry("b", b"other")], tmp_path) == [entry("a", b"score")]


def test_folders_that_share_nothing(validation):
    write(validation, entry("own"))
    assert overlap([entry("manifest", b"1"), entry("drums", b"2")], validation) == []


def test_nothing_is_said_of_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(TicktoneError, match="none: is not a folder"):
        overlap([entry()], tmp_path / "none")
