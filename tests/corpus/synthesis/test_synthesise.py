import numpy as np
import pytest

from tests.corpus.studio import everything, read_song, songs
from ticktone.corpus.corpus_manifest import read_manifest
from ticktone.corpus.synthesis.drum_machines import OWN
from ticktone.corpus.synthesis.synthesise import Synthesis, synthesise
from ticktone.datasets import open_dataset
from ticktone.errors import TicktoneError

SHORT = {"minutes": 0.07, "sample_rate": 22_050, "channels": 1}


def make(folder, count=1, jobs=1, **how):
    outcomes = list(synthesise(count, folder, Synthesis(**{**SHORT, **how}), jobs))
    assert not [outcome.error for outcome in outcomes if outcome.error]
    return sorted(outcome.score.name for outcome in outcomes)


@pytest.mark.slow
def test_songs_lie_as_rendered_ones_do_and_are_taken_as_a_dataset(tmp_path):
    assert make(tmp_path, 2, seed=7) == ["synthesised-7-00000", "synthesised-7-00001"]
    for entry in read_manifest(tmp_path):
        assert entry.licences == [OWN]
        assert (entry.seed, entry.sample_rate) == (7, 22_050)
        assert entry.players[0].rpartition(" at ")[0]
        stems = read_song(tmp_path / entry.name)
        assert sorted(f"{name}.flac" for name in stems) == sorted(entry.files)
        assert entry.levels.keys() == stems.keys()
        for sound in stems.values():
            assert sound.shape == (1, pytest.approx(entry.seconds * 22_050, abs=12))
    assert len(list(open_dataset(tmp_path, one_part=True))) == 2


@pytest.mark.slow
def test_a_seed_gives_the_same_songs_in_however_many_processes_and_however_many_there_are(tmp_path):
    make(tmp_path / "one", 2)
    make(tmp_path / "two", 3, jobs=2)
    one, two = everything(tmp_path / "one"), everything(tmp_path / "two")
    shared = [name for name in one if name.endswith(".flac")]
    assert shared
    assert all(one[name] == two[name] for name in shared)


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [
        {"seed": 1},
        {"minutes": 0.1},
        {"sample_rate": 24_000},
        {"channels": 2},
        {"genres": ("ambient",)},
    ],
    ids=lambda how: next(iter(how)),
)
def test_every_option_changes_the_song(tmp_path, how):
    (first,), (second,) = make(tmp_path / "a"), make(tmp_path / "b", **how)
    assert everything(tmp_path / "a" / first) != everything(tmp_path / "b" / second)
    (entry,) = read_manifest(tmp_path / "b")
    assert entry.players[0].startswith(how.get("genres", ("",))[0])
    sound = read_song(tmp_path / "b" / second)["harmonic"]
    assert len(sound) == how.get("channels", 1)
    assert np.isfinite(sound).all()


@pytest.mark.slow
def test_what_is_there_is_passed_over_and_other_options_are_not_mixed_in(tmp_path):
    make(tmp_path, 1)
    before = everything(tmp_path)
    assert make(tmp_path, 1) == []
    assert everything(tmp_path) == before
    with pytest.raises(TicktoneError, match=r"was made with minutes 0\.07, not 0\.1; choose"):
        make(tmp_path, 1, minutes=0.1)
    assert make(tmp_path, 1, seed=1) == ["synthesised-1-00000"]  # another seed is another song
    assert len(songs(tmp_path)) == 2


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"genres": ("polka",)}, "there is no genre 'polka'; there are: house, techno"),
        ({"minutes": 0}, "0 minutes are not from 0 to 60"),
    ],
)
def test_what_cannot_be_is_refused(how, reason):
    with pytest.raises(TicktoneError, match=reason):
        Synthesis(**how)
