import subprocess
import sys

import numpy as np
import pytest
import soundfile

from ticktone import TicktoneError
from ticktone.datasets import check, open_dataset, open_song, subsets

SUBSETS = ("train", "validation", "test")
OFFICIAL = ("official-train", "official-validation")


def names(dataset):
    return [song.name for song in dataset]


def causes(problems):
    return {problem.song: problem.cause for problem in problems}


@pytest.mark.parametrize(
    ("kind", "harmonic", "count"), [("musdb18hq", "difference", 6), ("dsd100", "sum", 3)]
)
def test_a_layout_is_recognised_or_told(request, kind, harmonic, count):
    path = request.getfixturevalue(kind)
    for dataset in (open_dataset(path), open_dataset(str(path), kind)):
        assert (dataset.kind, dataset.harmonic, len(dataset)) == (kind, harmonic, count)
        assert dataset.problems == ()


def test_folders_are_recognised(folders):
    dataset = open_dataset(folders)
    assert (dataset.kind, dataset.harmonic, dataset.problems) == ("folders", "sum", ())
    assert names(dataset) == ["one", "three", "two"]


def test_subsets_of_musdb18_are_disjoint_and_whole(musdb18hq):
    parts = {name: names(open_dataset(musdb18hq, subset=name)) for name in SUBSETS}
    assert [len(parts[name]) for name in SUBSETS] == [4, 1, 1]
    assert sorted(n for part in parts.values() for n in part) == sorted(
        names(open_dataset(musdb18hq))
    )
    assert parts["test"] == ["Someone - Théâtre"]
    assert {song.subset for song in open_dataset(musdb18hq)} == set(SUBSETS)


def test_subsets_of_dsd100(dsd100):
    assert names(open_dataset(dsd100, subset="train")) == ["051 - C - D", "055 - A - B"]
    assert names(open_dataset(dsd100, subset="test")) == ["001 - E - F"]


def test_dsd100_is_the_sum_of_its_stems(dsd100):
    song = open_dataset(dsd100).songs[0]
    folder = dsd100 / "Sources" / "Dev" / song.name
    drums, *others = (
        soundfile.read(folder / f"{name}.wav", dtype="float32")[0].T
        for name in ("drums", "bass", "other", "vocals")
    )
    assert np.array_equal(song.read("mixture"), sum(others) + drums)
    assert np.array_equal(song.mono("percussive"), drums.mean(axis=0))


@pytest.mark.parametrize(
    ("kind", "subset", "message"),
    [
        ("dsd100", "validation", r"DSD100: has no songs in 'validation'.*: train, test"),
        (
            "musdb18hq",
            "dev",
            r"has no songs in 'dev'.*: train, validation, test, official-train, official-",
        ),
        ("folders", "train", r"has no songs in 'train'.*: none; use split"),
    ],
)
def test_a_subset_that_is_not_there(request, kind, subset, message):
    with pytest.raises(TicktoneError, match=message):
        open_dataset(request.getfixturevalue(kind), subset=subset)


def test_a_folder_of_none_of_the_layouts_is_told_what_was_expected(tmp_path):
    with pytest.raises(TicktoneError, match=r"found nothing; expected .*stem\.mp4.*Sources.*SONG/"):
        open_dataset(tmp_path)
    for name in "abcdefg":
        (tmp_path / f"{name}.mp3").touch()
    with pytest.raises(TicktoneError, match=r"a\.mp3, .*, e\.mp3 and 2 more; expected"):
        open_dataset(tmp_path)
    with pytest.raises(TicktoneError, match=r"expected Mixtures and [^;]*\(dsd100\)$"):
        open_dataset(tmp_path, "dsd100")
    with pytest.raises(TicktoneError, match="no kind 'medleydb'; there are: musdb18, musdb18hq"):
        open_dataset(tmp_path, "medleydb")
    with pytest.raises(TicktoneError, match="no kind 'dsd100' with patterns"):
        open_dataset(tmp_path, "dsd100", percussive=["x"])
    with pytest.raises(TicktoneError, match="nowhere: is not a folder"):
        open_dataset(tmp_path / "nowhere")


def test_folders_called_train_are_not_always_musdb18(tmp_path, stem):
    for name in ("percussive", "harmonic"):
        stem(tmp_path / "train" / "song" / f"{name}.wav")
    with pytest.raises(TicktoneError, match="found train; expected"):
        open_dataset(tmp_path)
    assert names(open_dataset(tmp_path / "train")) == ["song"]


def test_a_rule_tells_what_is_percussive(tmp_path, stem):
    files = ("Kick.wav", "snare_top.wav", "bass.flac", "voice.ogg", "mixture.wav")
    arrays = {name: stem(tmp_path / "song" / name, 5000) for name in files}
    (song,) = open_dataset(tmp_path, percussive="kick.*")  # one pattern, not six letters
    assert np.array_equal(song.read("percussive"), arrays["Kick.wav"])
    (song,) = open_dataset(tmp_path, percussive=["kick.*", "SNARE*"])
    assert np.array_equal(song.read("percussive"), arrays["Kick.wav"] + arrays["snare_top.wav"])
    assert np.array_equal(song.read("harmonic"), arrays["bass.flac"] + arrays["voice.ogg"])
    with pytest.raises(TicktoneError, match=r"song: has no percussive stem: it holds Kick\.wav,"):
        open_dataset(tmp_path)
    with pytest.raises(TicktoneError, match="song: has no harmonic stem"):
        open_dataset(tmp_path, percussive=["*"])


def test_a_song_with_a_stem_missing_is_refused_by_name_and_the_rest_go_on(musdb18hq, dsd100):
    (musdb18hq / "test" / "Someone - Théâtre" / "vocals.wav").unlink()
    dataset = open_dataset(musdb18hq)
    assert len(dataset) == 5
    (problem,) = dataset.problems
    assert problem.song == "Someone - Théâtre"
    assert problem.refused
    assert "has no vocals.wav" in str(problem)
    with pytest.raises(TicktoneError, match=r"no usable song.*Théâtre: has no vocals\.wav"):
        open_dataset(musdb18hq, subset="test")
    (dsd100 / "Sources" / "Dev" / "051 - C - D" / "drums.wav").unlink()
    assert causes(open_dataset(dsd100).problems).keys() == {"051 - C - D"}


def test_a_refused_song_does_not_change_the_split(musdb18hq):
    before = names(open_dataset(musdb18hq, subset="validation"))
    first = open_dataset(musdb18hq, subset="train").songs[0].name
    (musdb18hq / "train" / first / "drums.wav").unlink()
    assert names(open_dataset(musdb18hq, subset="validation")) == before


def test_ambiguous_folders_are_refused_by_name(folders, stem):
    stem(folders / "four" / "drums.wav")
    stem(folders / "four" / "rest.wav")
    stem(folders / "one" / "vocals.flac", channels=1)
    stem(folders / "two" / "Drums.flac", 50_000)
    stem(folders / "three" / "drums.wav", 90_000)
    dataset = open_dataset(folders)
    assert names(dataset) == ["four"]
    found = causes(dataset.problems)
    assert "if harmonic.flac is the sum of others, remove these" in found["one"]
    assert "Drums.flac and drums.wav; keep one" in found["two"]
    assert "if percussive.ogg is the sum of others, remove these" in found["three"]
    told = open_dataset(folders, percussive=["percussive.*", "drums.*"])
    assert causes(told.problems).keys() == {"two"}


def test_stems_of_several_rates_or_channel_counts_are_refused_by_name(folders, stem):
    stem(folders / "one" / "percussive.flac", channels=1, sample_rate=48_000)
    stem(folders / "two" / "drums.wav", channels=1)
    dataset = open_dataset(folders)
    assert names(dataset) == ["three"]
    found = causes(dataset.problems)
    assert found["one"].startswith("its stems differ in sample rate (percussive.flac: 48000, ")
    assert found["two"].startswith("its stems differ in channels (drums.wav: 1, bass.wav: 2")


def test_shorter_stems_are_filled_up_with_silence_and_reported(folders, stem):
    drums = stem(folders / "two" / "drums.wav", 30_000)
    dataset = open_dataset(folders)
    (problem,) = dataset.problems
    assert (problem.song, problem.refused) == ("two", False)
    assert "drums.wav: 30000" in problem.cause
    song = dataset.songs[2]
    assert song.frames == 50_000
    read = song.read("percussive")
    assert np.array_equal(read[:, :30_000], drums)
    assert not read[:, 30_000:].any()
    assert not song.read("percussive", 45_000, 100).any()
    assert np.array_equal(song.read("percussive", 29_990, 20), read[:, 29_990:30_010])
    assert np.array_equal(np.concatenate(list(song.blocks("percussive", 999)), axis=1), read)


def test_files_that_are_not_sound_are_refused_by_name(folders):
    (folders / "two" / "bass.wav").write_bytes(b"<html>not found</html>")
    whole = (folders / "one" / "harmonic.flac").read_bytes()
    (folders / "one" / "harmonic.flac").write_bytes(whole[: len(whole) // 2])
    dataset = open_dataset(folders)
    assert "two/bass.wav: is not a sound file" in causes(dataset.problems)["two"]
    found = causes(check(dataset))  # a FLAC file's header does not tell that its end is lost
    assert "one/harmonic.flac: is damaged" in found["one"]


def test_checking_reports_silence_and_samples_that_are_not_finite(folders, stem):
    stem(folders / "one" / "harmonic.flac", channels=1, level=0)
    samples = np.full((50_000, 2), 0.1)
    samples[22_050, 1] = np.nan
    soundfile.write(folders / "two" / "drums.wav", samples, 44_100, "FLOAT")
    dataset = open_dataset(folders)
    assert dataset.problems == ()
    assert [str(problem) for problem in check(dataset)] == [
        "one: its harmonic part is silent",
        "two: its percussive part has samples that are not finite, the first at 0.500 s",
    ]


def test_checking_a_difference(musdb18hq):
    folder = musdb18hq / "test" / "Someone - Théâtre"
    (folder / "mixture.wav").write_bytes((folder / "drums.wav").read_bytes())
    (problem,) = check(open_dataset(musdb18hq))
    assert str(problem) == "Someone - Théâtre: its harmonic part is silent"


def test_a_layout_tells_its_subsets(musdb18hq, dsd100, folders):
    assert subsets(musdb18hq) == (*SUBSETS, *OFFICIAL)
    assert subsets(dsd100) == ("train", "test")
    assert subsets(folders) == ()


def test_one_folder_is_a_song(folders):
    songs = {song.name: song for song in open_dataset(folders)}
    assert open_song(folders / "two") == songs["two"]
    with pytest.raises(TicktoneError, match="songs: has no percussive stem: it holds no stems"):
        open_song(folders)
    with pytest.raises(TicktoneError, match="nowhere: is not a folder of stems"):
        open_song(folders / "nowhere")


def test_progress_is_told(folders):
    told = []
    open_dataset(folders, progress=told.append)
    assert told == pytest.approx([1 / 3, 2 / 3, 1])


def test_opening_loads_no_torch(folders):
    code = (
        "import sys; from ticktone.datasets import open_dataset;"
        f"open_dataset({str(folders)!r}).songs[0].mono('mixture');"
        "print([m for m in ('torch', 'musdb', 'stempeg', 'scipy.signal') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
