"""Which songs are learnt from: subsets that are not said, official splits, coded stems."""

import importlib.resources
import shutil

import numpy as np
import pytest
import soundfile

from tests.datasets.conftest import FOUR, musdb18hq, write_stem  # noqa: F401
from ticktone.datasets import open_dataset
from ticktone.datasets.musdb18 import OFFICIAL_VALIDATION
from ticktone.errors import TicktoneError
from ticktone.training import Reporter, load, train
from ticktone.training.song_selection import select_songs


def names(songs):
    return {song.name for song in songs}


def test_of_a_data_set_with_subsets_the_training_songs_are_learnt_from(tiny, musdb18hq):  # noqa: F811
    selected = select_songs(tiny(data__path=str(musdb18hq)))
    train_songs = names(open_dataset(musdb18hq, subset="train"))
    assert names([*selected.training, *selected.validation]) == train_songs
    (note,) = selected.problems
    assert "learning from its subset train; data.subset = all" in note
    everything = select_songs(tiny(data__path=str(musdb18hq), data__subset="all"))
    assert names([*everything.training, *everything.validation]) == names(open_dataset(musdb18hq))
    assert everything.problems == []


def test_all_songs_that_are_not_for_testing_can_be_said(tiny, musdb18hq):  # noqa: F811
    recipe = tiny(
        data__path=str(musdb18hq), data__subset="train+validation", validation__fraction=0.0
    )
    selected = select_songs(recipe)
    assert names(selected.training) == {f"Band - Song {number}" for number in range(5)}


def test_the_official_split_is_musdbs(tiny, tmp_path):
    configuration = importlib.resources.files("musdb").joinpath("configs/mus.yaml").read_text()
    listed = configuration.split("validation_tracks:")[1].strip().splitlines()
    official = {line.strip("- '").replace("''", "'") for line in listed}
    assert set(OFFICIAL_VALIDATION) == official
    assert len(official) == 14
    first, *_ = sorted(official)
    for song in (f"train/{first}", "train/Other - Song", "train/Third - Song", "test/A - Test"):
        for stem in ("mixture", *FOUR):
            write_stem(tmp_path / "hq" / song / f"{stem}.wav", 20_000)
    selected = select_songs(
        tiny(
            data__path=str(tmp_path / "hq"),
            data__subset="official-train",
            validation__subset="official-validation",
        )
    )
    assert names(selected.training) == {"Other - Song", "Third - Song"}
    assert names(selected.validation) == {first}


@pytest.fixture
def coded(tmp_path):
    """Write two data sets whose songs and stems have the same names, one folder each."""

    def write(name, extension="ogg"):
        for number in range(2):
            folder = tmp_path / name / f"song{number}"
            folder.mkdir(parents=True)
            rng = np.random.default_rng([len(name), number])
            for part in ("harmonic", "percussive"):
                sound = 0.1 * rng.standard_normal(16_000 * 2)
                soundfile.write(folder / f"{part}.{extension}", sound, 16_000)
        return tmp_path / name

    return write


class Listener(Reporter):
    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


@pytest.mark.parametrize("extension", ["ogg", pytest.param("mp3", marks=pytest.mark.slow)])
def test_coded_stems_are_decoded_once_beside_the_run(tiny, tmp_path, coded, extension):
    recipe = tiny(
        data__path=[str(coded("one", extension)), str(coded("other", extension))],
        examples__range=[0.0, 5.0],
        schedule__epochs=1,
        validation__fraction=0.0,
    )
    listener = Listener()
    train(recipe, tmp_path / "runs" / "a", device="cpu", reporter=listener)
    decoded = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").rglob("*.wav")}
    assert len(decoded) == 8  # of both folders, though all names and lengths are the same
    assert len([note for note in listener.notes if "coded stems once into" in note]) == 1
    again = Listener()
    train(recipe, tmp_path / "runs" / "b", device="cpu", reporter=again)
    assert again.notes == []
    assert decoded == {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").rglob("*.wav")}
    weights = [load(tmp_path / "runs" / name / "last.pt")["weights"] for name in "ab"]
    assert all((weights[0][key] == weights[1][key]).all() for key in weights[0])


def test_what_is_decoded_is_the_stems_sound_and_a_changed_stem_is_decoded_anew(
    tiny, tmp_path, coded
):
    folder = coded("one")
    recipe = tiny(data__path=str(folder), validation__fraction=0.0)
    cached, plain = (
        select_songs(recipe, cache).training[0] for cache in (tmp_path / "cache", None)
    )
    assert cached.stems[0].seekable
    assert not plain.stems[0].seekable
    assert np.array_equal(cached.mono("percussive", 777, 5000), plain.mono("percussive", 777, 5000))
    shutil.copy(folder / "song1" / "percussive.ogg", folder / "song0" / "percussive.ogg")
    changed = select_songs(recipe, tmp_path / "cache").training[0]
    assert not np.array_equal(changed.mono("percussive"), cached.mono("percussive"))


def test_means_of_each_folder_of_validation_songs_are_told_apart(tiny, stems, tmp_path):
    learnt, one, other = (
        stems(songs=2, name="learnt"),
        stems(songs=1, name="one"),
        stems(songs=2, name="other"),
    )
    for song in learnt.iterdir():
        song.rename(song.with_name(f"learnt {song.name}"))
    recipe = tiny(
        data__path=str(learnt),
        validation__path=[str(one), str(other)],
        schedule__epochs=1,
    )
    result = train(recipe, tmp_path / "run", device="cpu")
    (row,) = result.history
    assert list(row.sdr_by_folder) == ["one", "other"]
    (one, _), (other, _) = row.sdr_by_folder.values()
    assert (one + 2 * other) / 3 == pytest.approx(row.sdr_harmonic)
    header, line = (tmp_path / "run" / "curves.csv").read_text().splitlines()
    table = dict(zip(header.split(","), line.split(","), strict=True))
    assert float(table["sdr_harmonic other"]) == pytest.approx(other, rel=1e-5)
    assert load(tmp_path / "run" / "last.pt")["history"][0]["sdr_by_folder"]["one"][0] == one


def test_songs_that_are_validated_with_are_not_learnt_from(tiny, stems):
    learnt, held_out = stems(songs=2, name="learnt"), stems(songs=1, name="held out")
    with pytest.raises(TicktoneError, match="song0; do not learn from them"):
        select_songs(tiny(data__path=str(learnt), validation__path=[str(held_out)]))
