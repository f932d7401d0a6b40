import pytest

from ticktone.datasets import split

SONGS = [f"song {number:03}" for number in range(100)]
VALIDATION = [21, 22, 24, 31, 35, 37, 53, 61, 62, 64, 70, 74, 75, 76, 83, 86, 87, 92, 95, 96]


def test_the_split_of_a_hundred_songs_is_the_one_written_down():
    train, validation = split(SONGS)
    assert [int(name.removeprefix("song ")) for name in validation] == VALIDATION
    assert (len(train), len(validation)) == (80, 20)
    assert sorted(train + validation) == SONGS


def test_the_split_does_not_hang_on_the_order():
    assert split(reversed(SONGS)) == split(SONGS)


def test_a_missing_song_moves_at_most_one_other():
    _, whole = split(SONGS)
    for missing in (SONGS[3], whole[3]):
        _, validation = split(name for name in SONGS if name != missing)
        assert len(set(whole) - set(validation) - {missing}) <= 1


def test_seed_and_fraction_count():
    assert split(SONGS, seed=1) != split(SONGS)
    assert [len(part) for part in split(SONGS, 0.5)] == [50, 50]
    assert split(["only"]) == (["only"], [])
    assert split([]) == ([], [])


@pytest.mark.parametrize(
    ("names", "fraction", "message"),
    [(["a", "a"], 0.8, "twice"), (["a"], 1.5, "from 0 to 1, not 1.5")],
)
def test_nonsense_is_refused(names, fraction, message):
    with pytest.raises(ValueError, match=message):
        split(names, fraction)
