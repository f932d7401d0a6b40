"""Nothing is learnt from what a network is measured by, nor from its projects."""

import hashlib

import pytest

from ticktone.corpus.corpus_manifest import CorpusManifest, SongRecord
from ticktone.corpus.exclusions import exclusions
from ticktone.errors import TicktoneError
from ticktone.training.held_out import refuse_measured_songs

MEASURED = ("mdb_grunge", "davetorre_nov2", "lmms_mauiwowi", "webband_a", "eif_lithium")


@pytest.fixture
def held_out(tmp_path):
    for name in MEASURED:
        folder = tmp_path / "validation" / name
        folder.mkdir(parents=True)
        (folder / "percussive.flac").write_bytes(name.encode())
    return str(tmp_path / "validation")


def corpus(tmp_path, name, source="a.mid", content=b"score"):
    sha256 = hashlib.sha256(content).hexdigest()
    record = SongRecord(name, source, sha256, 1.0, 44_100, ["harmonic.flac"], ["CC0"])
    CorpusManifest(tmp_path / "corpus").add(record)
    return str(tmp_path / "corpus"), [name]


def test_others_may_be_learnt_from(tmp_path, held_out):
    refuse_measured_songs([corpus(tmp_path, "eif_sodium")], [held_out])
    refuse_measured_songs([(str(tmp_path), ["mdb_rock"])], [])


@pytest.mark.parametrize(
    "name",
    ["MDB_Grunge", "mdb_rock", "davetorre-other", "lmms-demos-Other-Mauiwowi", "webband_b"],
)
def test_a_song_of_the_same_name_or_project_is_refused(tmp_path, held_out, name):
    with pytest.raises(TicktoneError, match=f"{name}; do not learn from them"):
        refuse_measured_songs([(str(tmp_path), ["other", name])], [held_out])


def test_a_song_of_the_same_content_is_refused(tmp_path, held_out):
    learnt = corpus(tmp_path, "renamed", content=b"eif_lithium")
    with pytest.raises(TicktoneError, match="renamed; do not learn from them"):
        refuse_measured_songs([learnt], [held_out])


@pytest.mark.parametrize("source", ["demos/CapDan/x.mmpz", "shorties/Skiessi-Onion.mmpz"])
def test_a_song_by_an_excluded_author_is_refused(tmp_path, held_out, source):
    with pytest.raises(TicktoneError, match="by whose songs ticktone is measured"):
        refuse_measured_songs([corpus(tmp_path, "x", source)], [held_out])


def test_every_project_is_told_by_names_as_they_are_written():
    for project in exclusions().projects:
        assert exclusions().projects_of(f"{project.upper()}_1") == {project}
