"""The lists of songs that cards name."""

import tomllib

import pytest

import ticktone
from ticktone.models import models, training_songs
from ticktone.models.card import PROVENANCE, song_list


def test_models_of_one_training_share_its_list():
    folder = next(iter(models().values())).parent
    lists = list((folder / PROVENANCE).glob("*.txt"))
    named = {
        tomllib.loads(path.with_suffix(".toml").read_text())["training"]["songs_sha256"]
        for path in models().values()
    }
    assert {path.stem for path in lists} == named
    assert len(lists) < len(models())
    assert sum(path.with_suffix(".toml").stat().st_size for path in models().values()) < 30_000


@pytest.fixture
def copy(tmp_path):
    """Copy one model's card and its list, and return where its .onnx would be."""
    source = models()["unet"]
    digest = tomllib.loads(source.with_suffix(".toml").read_text())["training"]["songs_sha256"]
    (tmp_path / PROVENANCE).mkdir()
    listed = f"{PROVENANCE}/{digest}.txt"
    (tmp_path / listed).write_bytes((source.parent / listed).read_bytes())
    (tmp_path / "unet.toml").write_bytes(source.with_suffix(".toml").read_bytes())
    return tmp_path / "unet.onnx", tmp_path / listed


def test_the_songs_are_there_on_request(copy):
    model, _ = copy
    songs = training_songs(model)
    assert len(songs) == 418
    assert "eif_sodium" in songs


def test_a_list_that_is_another_or_missing_is_refused(copy):
    model, listed = copy
    with listed.open("a") as file:
        file.write("another\n")
    with pytest.raises(ticktone.TicktoneError, match=r"txt: is not the list that the card names"):
        training_songs(model)
    listed.unlink()
    with pytest.raises(ticktone.TicktoneError, match=r"txt: cannot be read: No such file"):
        training_songs(model)


def test_cards_with_the_names_in_them_are_read(copy):
    model, _ = copy
    card = model.with_suffix(".toml")
    text = card.read_text()
    old = next(line for line in text.splitlines() if line.startswith("songs_sha256"))
    card.write_text(text.replace(old, 'names = ["b", "a"]'))
    assert training_songs(model) == ("b", "a")
    card.write_text(text.replace(old, ""))
    assert training_songs(model) == ()


def test_a_list_is_known_by_its_content():
    training, content = song_list({"songs": 2, "names": ["a", "two\nlines"]})
    assert content == b"a\ntwo lines\n"
    assert set(training) == {"songs", "songs_sha256"}
    assert song_list({"songs": 2}) == ({"songs": 2}, b"")
