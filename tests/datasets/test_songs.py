import pickle
from threading import Thread

import numpy as np
import pytest
import soundfile

from ticktone import TicktoneError
from ticktone.datasets import open_dataset

PARTS = ("mixture", "harmonic", "percussive")


@pytest.fixture
def frames_read(monkeypatch):
    """Count the samples that soundfile reads."""
    counts = []

    class Counting(soundfile.SoundFile):  # type: ignore[misc]
        def read(self, *args, **kwargs):
            block = super().read(*args, **kwargs)
            counts.append(len(block))
            return block

    monkeypatch.setattr(soundfile, "SoundFile", Counting)
    return counts


@pytest.fixture
def songs(folders):
    return {song.name: song for song in open_dataset(folders)}


def test_a_song_says_what_it_is(songs):
    assert {name: (s.sample_rate, s.frames, s.channels) for name, s in songs.items()} == {
        "one": (44_100, 44_100, 1),
        "two": (44_100, 50_000, 2),
        "three": (44_100, 90_000, 2),
    }


def test_parts_are_sums_of_stems(songs, folders):
    def stem(name):
        return soundfile.read(folders / "two" / f"{name}.wav", dtype="float32")[0].T

    drums, others = stem("drums"), stem("bass") + stem("other") + stem("vocals")
    assert np.array_equal(songs["two"].read("percussive"), drums)
    assert np.array_equal(songs["two"].read("harmonic"), others)
    assert songs["two"].read("mixture").dtype == np.float32


@pytest.mark.parametrize("name", ["one", "two", "three"])
def test_parts_add_up_to_the_bit(songs, name):
    song = songs[name]
    for read in (song.read, song.mono):
        assert np.array_equal(
            read("harmonic", 99, 9000) + read("percussive", 99, 9000), read("mixture", 99, 9000)
        )


@pytest.fixture
def rounded(tmp_path):
    """A song in floating point, where differences are rounded."""
    folder = tmp_path / "float" / "train" / "song"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(1)
    for name in ("mixture", "drums", "bass", "other", "vocals"):
        samples = rng.uniform(-1, 1, (5000, 2)) * 10.0 ** rng.integers(-6, 0, (5000, 1))
        soundfile.write(folder / f"{name}.wav", samples, 44_100, "FLOAT")
    (song,) = open_dataset(tmp_path / "float")
    return song


def test_a_difference_adds_up_to_the_bit_and_to_the_mixtures_file(musdb18hq, rounded):
    for song in (*open_dataset(musdb18hq), rounded):
        mixture = soundfile.read(song.others[0].path, dtype="float32")[0].T
        drums = soundfile.read(song.percussive[0].path, dtype="float32")[0].T
        harmonic = song.read("harmonic")
        assert np.array_equal(song.read("percussive"), drums)
        assert np.array_equal(harmonic, mixture - drums)
        assert np.array_equal(song.read("mixture"), harmonic + drums)
        assert np.allclose(song.read("mixture"), mixture, rtol=0, atol=2**-23)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["one", "two", "three"])
@pytest.mark.parametrize("part", PARTS)
def test_any_excerpt_equals_that_of_the_whole(songs, name, part):
    song = songs[name]
    whole = song.read(part)
    assert whole.shape == (song.channels, song.frames)
    assert np.allclose(song.mono(part), whole.mean(axis=0), rtol=0, atol=1e-7)
    starts = np.random.default_rng(0).integers(0, song.frames - 3000, 25)
    for start in (0, song.frames - 3000, *starts.tolist()):
        assert np.array_equal(song.read(part, start, 3000), whole[:, start : start + 3000])
    assert np.array_equal(song.read(part, song.frames - 7), whole[:, -7:])
    assert song.read(part, song.frames).shape == (song.channels, 0)
    assert np.array_equal(np.concatenate(list(song.blocks(part, 7001)), axis=1), whole)


def test_an_excerpt_of_uncoded_stems_reads_no_more_than_that(songs, frames_read):
    songs["two"].read("mixture", 40_000, 1000)
    assert frames_read == [1000] * 4
    songs["two"].read("percussive", 40_000, 1000)
    assert frames_read == [1000] * 5


def test_blocks_read_each_file_once_and_never_whole(songs, frames_read):
    for _ in songs["three"].blocks("harmonic", 10_000):
        pass
    assert sum(frames_read) == 2 * 90_000
    assert max(frames_read) == 10_000


def test_a_coded_excerpt_is_read_from_the_beginning_in_blocks(songs, frames_read):
    songs["three"].read("percussive", 85_000, 1000)
    assert sum(frames_read) == 86_000
    assert max(frames_read) <= 2**16


def test_a_cache_makes_coded_stems_seekable_and_changes_nothing(
    folders, songs, tmp_path, frames_read
):
    def cached():
        return {song.name: song for song in open_dataset(folders, cache=tmp_path / "cache")}

    song = cached()["three"]
    for part in PARTS:
        assert np.array_equal(song.read(part), songs["three"].read(part))
    frames_read.clear()
    again = cached()["three"]
    assert frames_read == []  # nothing is decoded twice
    again.read("percussive", 85_000, 1000)
    assert frames_read == [1000]
    assert len(list((tmp_path / "cache").rglob("*.wav"))) == 3


def test_another_file_of_the_same_name_is_decoded_anew(folders, stem, tmp_path):
    open_dataset(folders, cache=tmp_path / "cache")
    other = stem(folders / "three" / "rest.ogg", 70_000)
    song = next(s for s in open_dataset(folders, cache=tmp_path / "cache") if s.name == "three")
    rest = [s for s in song.others if "rest" in s.path.name]
    assert rest[0].frames == other.shape[1]


@pytest.mark.parametrize(
    ("part", "start", "frames", "message"),
    [
        ("melody", 0, 1, "there are: mixture, harmonic, percussive"),
        ("mixture", -1, 5, "two has 50000 samples"),
        ("mixture", 49_999, 2, "two has 50000 samples"),
        ("mixture", 50_001, None, "two has 50000 samples"),
    ],
)
def test_what_is_not_there_cannot_be_read(songs, part, start, frames, message):
    with pytest.raises(ValueError, match=message):
        songs["two"].read(part, start, frames)


def test_a_song_can_be_shared(songs):
    song = pickle.loads(pickle.dumps(songs["two"]))
    assert song == songs["two"]
    wanted = song.read("mixture", 100, 20_000)
    answers = []
    threads = [
        Thread(target=lambda: answers.append(song.read("mixture", 100, 20_000))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(answer, wanted) for answer in answers)
    assert len(answers) == 4


def test_a_file_that_shrinks_or_vanishes_is_named(songs, folders, stem):
    stem(folders / "two" / "drums.wav", 1000)
    with pytest.raises(TicktoneError, match=r"two/drums\.wav: is damaged or was changed"):
        songs["two"].read("percussive")
    (folders / "two" / "drums.wav").unlink()
    with pytest.raises(TicktoneError, match=r"two/drums\.wav: is damaged or was changed"):
        songs["two"].read("percussive")
