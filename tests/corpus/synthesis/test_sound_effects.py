import numpy as np
import pytest

from ticktone.corpus.synthesis.sound_effects import EFFECTS, draw_effect, heard_seconds, part_of

RATE = 22_050


def draw(kind, seconds, seed=0):
    return draw_effect(kind, seconds, np.random.default_rng(seed), RATE)


def centroid(sound):
    power = np.abs(np.fft.rfft(sound)) ** 2
    return (np.fft.rfftfreq(sound.shape[1], 1 / RATE) * power).sum() / power.sum()


def halves(sound):
    return sound[:, : sound.shape[1] // 2], sound[:, sound.shape[1] // 2 :]


@pytest.mark.parametrize("kind", EFFECTS)
def test_what_is_longer_than_a_beat_is_harmonic_and_what_is_not_is_percussive(kind):
    for seed in range(4):
        sound = draw(kind, 4.0, seed)
        heard = heard_seconds(sound, RATE)
        assert part_of(sound, RATE, beat=0.9 * heard) == "harmonic"
        assert part_of(sound, RATE, beat=1.1 * heard) == "percussive"
        assert part_of(draw(kind, 0.2, seed), RATE, beat=0.5) == "percussive"


def test_silence_around_a_sound_is_not_heard():
    sound = draw("zap", 0.2)
    longer = np.pad(sound, ((0, 0), (RATE, RATE)))
    assert heard_seconds(longer, RATE) == pytest.approx(heard_seconds(sound, RATE), abs=0.03)


def test_a_riser_grows_louder_and_higher_and_a_sweep_comes_down():
    for seed in range(4):
        early, late = halves(draw("riser", 3.0, seed))
        assert late.std() > 1.5 * early.std()
        assert centroid(late) > 1.3 * centroid(early)
        early, late = halves(draw("sweep", 3.0, seed))
        assert late.std() < early.std()
        assert centroid(late) < centroid(early)


def test_a_zap_falls_through_an_octave_at_least():
    for seed in range(4):
        sound = draw("zap", 0.4, seed)
        fifths = np.array_split(sound, 5, axis=1)
        assert centroid(fifths[0]) > 2 * centroid(fifths[3])


def test_effects_end_without_a_click():
    for kind in EFFECTS:
        sound = draw(kind, 1.0)
        assert abs(sound).max() == pytest.approx(1)
        assert abs(sound[:, -1]).max() < 1e-3
