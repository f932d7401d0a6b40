from dataclasses import replace

import numpy as np
import pytest

from ticktone.corpus.effects import level_db
from ticktone.corpus.performance import CEILING
from ticktone.corpus.synthesis import production
from ticktone.corpus.synthesis.composition import compose
from ticktone.corpus.synthesis.genres import GENRES

RATE = 22_050
SLOW = pytest.mark.slow


def song(seed, genre="house", seconds=8.0):
    return compose(seconds, RATE, np.random.default_rng(seed), genre)


@pytest.mark.parametrize(
    "genre",
    [
        genre if genre in ("house", "waltz", "ambient") else pytest.param(genre, marks=SLOW)
        for genre in GENRES
    ],
)
def test_every_genre_becomes_a_song(genre):
    made = song(1, genre, 3.0)
    low, high = GENRES[genre].tempo
    assert low <= made.tempo <= high
    assert set(made.parts) <= {"percussive", "harmonic"}
    assert "harmonic" in made.parts
    for sound in (*made.parts.values(), sum(made.parts.values())):
        assert np.isfinite(sound).all()
        assert abs(sound).max() <= CEILING + 1e-6
        assert level_db(sound, RATE) > -45


@pytest.mark.slow
def test_a_seed_is_a_song():
    first, again, other = (song(seed, seconds=2.0) for seed in (5, 5, 6))
    for name, sound in first.parts.items():
        assert np.array_equal(sound, again.parts[name])
    assert first.players == again.players
    assert first.players != other.players or first.tempo != other.tempo


@pytest.mark.slow
def test_the_kick_ducks_the_harmonic_part():
    def dips(depth_of):
        """Compare the harmonic part right after kicks with right before them, in dB."""
        found = []
        for seed in range(2):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(
                    production,
                    "ducking",
                    lambda samples, rate, kicks, *_: depth_of(duck(samples, rate, kicks, 0.9, 0.3)),
                )
                patch.setitem(GENRES, "house", replace(GENRES["house"], ducking=1.0))
                made = song(seed)
            harmonic = made.parts["harmonic"]
            for kick in made.kicks[2:-1]:
                at = round(kick * RATE)
                after = harmonic[:, at + 200 : at + 900].std()
                before = harmonic[:, max(0, at - 1000) : at - 200].std()
                if min(before, after) > 1e-4:
                    found.append(20 * np.log10(after / before))
        return np.median(found)

    duck = production.ducking
    assert dips(lambda curve: curve) < dips(np.ones_like) - 4


@pytest.mark.slow
def test_there_are_silences_and_passages_without_drums():
    silent = drumless = 0
    for seed in (3, 8):
        made = song(seed, "trance", 24.0)
        for section in made.sections:
            grid = made.grid
            start, end = (
                round(grid.bar * bar * RATE)
                for bar in (section.first, section.first + section.bars)
            )
            drums = made.parts.get("percussive", np.zeros((2, end)))[:, start:end]
            mixture = sum(made.parts.values())[:, start:end]
            quiet = round(0.4 * section.silence * grid.beat * RATE)
            if quiet and level_db(mixture[:, -quiet:], RATE) < level_db(mixture, RATE) - 10:
                silent += 1
            if section.drums == "none" and section.kind != "build":
                middle = drums[:, drums.shape[1] // 4 : -drums.shape[1] // 8]
                drumless += level_db(middle, RATE) < -35
    assert silent
    assert drumless


@pytest.mark.slow
def test_what_plays_is_told():
    players = [player for seed in range(3) for player in song(seed, seconds=6.0).players]
    assert any(player.endswith("drum machine") for player in players)
    assert any(player.endswith("bass") for player in players)
    assert {"riser", "sweep", "zap", "burst"} & set(players)
