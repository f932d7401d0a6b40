from dataclasses import replace

import numpy as np
import pytest
import soundfile

from ticktone.errors import TicktoneError
from ticktone.training.augmentation import augment, equalise
from ticktone.training.example_settings import Augmentation
from ticktone.training.examples import Examples
from ticktone.training.excerpt import excerpt, resampling_step
from ticktone.training.song_selection import select_songs

VARIATIONS = {
    "mixing": 1.0,
    "gain": (-6.0, 6.0),
    "equaliser": 6.0,
    "polarity": 0.9,
    "speed": (0.8, 0.9),
    "silence": 1.0,
}


def make(recipe, **variations):
    schedule = replace(recipe.schedule, steps=0)
    recipe = replace(recipe, augmentation=Augmentation(**variations), schedule=schedule)
    return Examples(select_songs(recipe), recipe)


def test_an_epoch_is_the_material_once(tiny):
    examples = make(tiny())
    stride, length = examples.settings.stride, examples.settings.samples
    plan = examples.plan(0)
    for song in examples.songs:
        starts = sorted(place.start for place in plan if place.song is song)
        assert len(starts) >= song.frames // stride - 3
        assert set(np.diff(starts)) <= {stride, 2 * stride}  # 2: one lost to the last whole batch
        assert starts[0] >= 0
        assert starts[-1] + length <= song.frames
    assert len(plan) == examples.steps * examples.settings.batch
    assert len(set(plan)) == len(plan)


def test_epochs_and_seeds_differ_and_repeat(tiny):
    examples = make(tiny())
    assert examples.plan(0) == make(tiny()).plan(0)
    assert examples.plan(0) != examples.plan(1)
    assert examples.plan(0) != make(tiny(machine__seed=1)).plan(0)


def test_examples_are_the_songs_sound(tiny):
    examples = make(tiny())
    batch = next(examples.batches(0))
    for sources, place in zip(batch, examples.plan(0), strict=False):
        for sound, part in zip(sources, ("harmonic", "percussive"), strict=True):
            assert np.array_equal(sound, place.song.mono(part, place.start, sound.size))


def test_a_song_shorter_than_an_example_ends_in_silence(tiny, stems):
    path = stems(songs=1, seconds=0.05, name="short")
    examples = make(tiny(data__path=str(path), validation__fraction=0.0))
    batch = next(examples.batches(0))
    assert batch.shape == (4, 2, examples.settings.samples)
    assert batch[..., :800].any()
    assert not batch[..., 800:].any()


@pytest.mark.parametrize("readers", [1, 3])
def test_batches_from_the_middle_and_by_share(tiny, readers):
    everything = dict.fromkeys(("mixing", "polarity", "silence"), 0.5)
    examples = make(tiny(examples__readers=readers), gain=(-3.0, 3.0), **everything)
    whole = list(examples.batches(2))
    assert len(whole) == examples.steps > 3
    for ours, theirs in zip(examples.batches(2, step=3), whole[3:], strict=True):
        assert np.array_equal(ours, theirs)
    shares = zip(examples.batches(2, 0, 0, 2), examples.batches(2, 0, 1, 2), strict=True)
    for (first, second), batch in zip(shares, whole, strict=True):
        assert np.array_equal(np.stack([first, second], 1).reshape(batch.shape), batch)


def test_more_steps_than_the_material_has(tiny):
    recipe = tiny(schedule__steps=100)
    examples = Examples(select_songs(recipe), recipe)
    assert len(examples.plan(0)) == 400
    assert examples.steps == 100


def test_no_augmentation_changes_nothing(rng):
    sources = rng.standard_normal((2, 1000)).astype(np.float32)
    assert np.array_equal(augment(sources, Augmentation(), 44_100, rng), sources)


@pytest.mark.parametrize("name", VARIATIONS)
def test_every_augmentation_changes_something(tiny, name):
    plain = next(make(tiny()).batches(0))
    varied = next(make(tiny(), **{name: VARIATIONS[name]}).batches(0))
    assert varied.shape == plain.shape
    assert varied.dtype == np.float32
    assert not np.array_equal(varied, plain)
    changed = (varied != plain).any(axis=(0, 2))
    assert changed.tolist() == ([False, True] if name == "mixing" else [True, True])


def test_mixing_takes_the_percussive_part_from_elsewhere(tiny):
    examples = make(tiny(), mixing=1.0)
    songs = {song.name: song for song in examples.songs}
    loudest = [song.mono("percussive") for song in songs.values()]
    for sources in next(examples.batches(0)):
        found = [np.isin(sources[1][:8], sound).all() for sound in loudest]
        assert any(found)


def test_gain_and_polarity_and_silence(rng):
    sources = np.ones((2, 100), np.float32)
    quieter = augment(sources, Augmentation(gain=(-6.0, -3.0)), 44_100, rng)
    assert (quieter >= 10 ** (-6 / 20)).all()
    assert (quieter <= 10 ** (-3 / 20)).all()
    assert quieter[0, 0] != quieter[1, 0]
    assert np.array_equal(augment(sources, Augmentation(polarity=1.0), 44_100, rng), -sources)
    silent = [augment(sources, Augmentation(silence=1.0), 44_100, rng) for _ in range(20)]
    assert {tuple(pair[:, 0]) for pair in silent} == {(0.0, 1.0), (1.0, 0.0)}


def test_the_equaliser_stays_within_its_range(rng):
    impulse = np.zeros(4096, np.float32)
    impulse[2048] = 1
    for _ in range(10):
        decibels = 20 * np.log10(np.abs(np.fft.rfft(equalise(impulse, 6.0, 44_100, rng))))
        assert decibels.max() < 6.01
        assert decibels.min() > -6.01
        assert np.ptp(decibels) > 1


def test_speed_moves_the_pitch(stems, tiny):
    song = select_songs(tiny(validation__fraction=0.0)).training[0]

    def pitch(sound):  # the mean over the tones
        power = np.abs(np.fft.rfft(sound * np.hanning(sound.size))) ** 2
        return (power * np.arange(power.size)).sum() / power.sum()

    plain = excerpt(song, "harmonic", 0, 16_000, resampling_step(song, 16_000))
    fast = excerpt(song, "harmonic", 0, 16_000, resampling_step(song, 14_400))
    assert pitch(fast) / pitch(plain) == pytest.approx(10 / 9, rel=1e-3)


@pytest.mark.parametrize("rate", [8_000, 11_025, 14_400, 22_050, 44_100])
def test_resampled_excerpts_fit_together(stems, tiny, rate):
    song = select_songs(tiny(validation__fraction=0.0)).training[0]
    step = resampling_step(song, rate)
    whole = excerpt(song, "mixture", 0, rate, step)
    begin = step.denominator * 5  # a whole number of the song's samples on
    piece = excerpt(song, "mixture", int(begin * step), rate // 2, step)
    np.testing.assert_allclose(piece, whole[begin : begin + rate // 2], atol=2e-6)
    tone = np.sin(np.arange(song.frames) * 0.1)
    assert np.abs(whole).max() < 2 * np.abs(tone).max()


def test_resampling_keeps_a_tone(tmp_path):

    from ticktone.datasets import open_dataset

    (tmp_path / "song").mkdir()
    tone = np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)
    for part in ("harmonic", "percussive"):
        soundfile.write(tmp_path / "song" / f"{part}.wav", tone, 48_000, subtype="FLOAT")
    song = open_dataset(tmp_path).songs[0]
    found = excerpt(song, "harmonic", 0, 44_100, resampling_step(song, 44_100))[1000:40_000]
    expected = np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)[1000:40_000]
    assert np.abs(found - expected).max() < 2e-3


def test_which_songs_are_held_out(tiny, stems):
    chosen = select_songs(tiny())
    assert (len(chosen.training), len(chosen.validation)) == (2, 1)
    chosen = select_songs(tiny(validation__songs=["song1"]))
    assert [song.name for song in chosen.training] == ["song0", "song2"]
    assert [song.name for song in chosen.validation] == ["song1"]
    assert not select_songs(tiny(validation__fraction=0.0)).validation
    with pytest.raises(TicktoneError, match=r"no song 'sonk1'; did you mean"):
        select_songs(tiny(validation__songs=["sonk1"]))
    with pytest.raises(TicktoneError, match="no song is left to learn from"):
        select_songs(tiny(validation__songs=["song0", "song1", "song2"]))


def test_several_folders(tiny, stems):
    recipe = tiny()
    other = stems(songs=2, name="more")
    both = tiny(data__path=[*recipe.data.path, str(other)], validation__fraction=0.0)
    assert len(select_songs(both).training) == 5


def test_patterns_say_what_is_percussive(tiny):
    recipe = tiny()
    plain = select_songs(recipe).training[0]
    turned = select_songs(tiny(data__percussive=["harm*"])).training[0]
    assert np.array_equal(plain.mono("harmonic"), turned.mono("percussive"))


@pytest.mark.parametrize("change", [{"data__kind": "musdb18hq"}, {"data__subset": "train"}])
def test_data_of_another_kind(tiny, change):
    with pytest.raises(TicktoneError):
        select_songs(tiny(**change))


def test_data_without_songs(tiny, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(TicktoneError, match="expected") as caught:
        select_songs(tiny(data__path=str(tmp_path / "empty")))
    assert "\n" not in str(caught.value)
    with pytest.raises(TicktoneError, match=r"--set data\.path=FOLDER"):
        select_songs(tiny(data__path=[]))


def one_part(folder, part, seconds=2.0, sample_rate=16_000, value=0.5):
    folder.mkdir(parents=True)
    sound = np.full(int(seconds * sample_rate), value, np.float32)
    soundfile.write(folder / f"{part}.wav", sound, sample_rate, subtype="FLOAT")
    return folder


def test_material_of_one_part_is_mixed_with_what_has_the_other(tiny, tmp_path):
    one_part(tmp_path / "loops" / "beat", "percussive", value=0.25)
    one_part(tmp_path / "loops" / "drone", "harmonic", value=0.5)
    recipe = tiny(data__path=str(tmp_path / "loops"), validation__fraction=0.0)
    with pytest.raises(TicktoneError, match="has no percussive stem"):
        select_songs(recipe)
    for batch in make(recipe, mixing=0.1).batches(0):
        assert (batch[:, 0] == 0.5).all()
        assert (batch[:, 1] == 0.25).all()


def test_weights_are_shares_of_the_examples(tiny, stems):
    recipe = tiny()
    other = stems(songs=1, name="more")
    change = {"data__path": [*recipe.data.path, str(other)], "data__weights": [1, 3]}
    weighted = tiny(**change, schedule__steps=10, validation__fraction=0.0)
    examples = Examples(select_songs(weighted), weighted)
    names = [place.song.stems[0].path.parents[1].name for place in examples.plan(0)]
    assert names.count("more") == 30
    assert len(names) == 40
    assert len(set(names[:10])) == 2  # in any order
    with pytest.raises(TicktoneError, match="weights has 1 numbers for 2 folders"):
        tiny(**change | {"data__weights": [1]})


def test_voices_are_added_to_the_harmonic_part(tiny, tmp_path):
    one_part(tmp_path / "voices" / "singer", "harmonic", seconds=60)
    recipe = tiny(data__voices=[str(tmp_path / "voices")])
    plain = next(make(recipe).batches(0))
    sung = next(make(recipe, voice=1.0).batches(0))
    assert np.array_equal(sung[:, 1], plain[:, 1])
    assert np.allclose((sung - plain)[:, 0], 0.5)
    some = next(make(recipe, voice=0.5).batches(0))
    assert 0 < (some != plain).any(axis=(1, 2)).sum() < len(some)
    with pytest.raises(TicktoneError, match="voice needs voices"):
        tiny(augmentation__voice=0.5)


def test_other_folders_are_held_out_whole(tiny, stems):
    other = stems(songs=2, name="held")
    for folder in list(other.iterdir()):
        folder.rename(other / f"held {folder.name}")
    chosen = select_songs(tiny(validation__path=[str(other)]))
    assert (len(chosen.training), len(chosen.validation)) == (3, 2)
