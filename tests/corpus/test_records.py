from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.corpus.studio import HAT, KICK, RATE, SNARE, write_midi, write_studio
from ticktone.corpus import records
from ticktone.corpus.bank import open_bank
from ticktone.corpus.effects import level_db
from ticktone.corpus.midi import read_midi
from ticktone.corpus.performance import CEILING, perform


@pytest.fixture
def play(tmp_path):
    sounds: Any = write_studio(tmp_path).sounds
    bank = open_bank(**sounds)
    midi = read_midi(write_midi(tmp_path / "a.mid", drums=(KICK, HAT, SNARE, HAT)))

    def play(seed=0, **how):
        rng = np.random.default_rng(seed)
        stems = perform(midi, replace(bank, **how), 2 * RATE, RATE, rng)
        parts = [np.sum(list(part.values()), axis=0) for part in (stems.harmonic, stems.percussive)]
        return parts, stems.players

    return play


def test_both_parts_share_the_gain_of_their_mixture():
    rng = np.random.default_rng(0)
    parts = rng.uniform(-0.5, 0.5, (2, 2, RATE)).astype(np.float32)
    mixture = parts.sum(axis=0)
    for seed in range(4):
        factors = records.master_gains(mixture, RATE, np.random.default_rng(seed), 6.0)
        assert factors.shape == mixture.shape
        assert factors.min() < 0.9
        mastered = factors * mixture
        assert np.allclose(sum(factors * part for part in parts), mastered, atol=1e-5)


def test_a_push_presses_a_mixture_more():
    time = np.arange(RATE) / RATE
    loud_then_soft = np.where(time < 0.5, 0.5, 0.05) * np.sin(2 * np.pi * 220 * time)
    mixture = np.stack([loud_then_soft, loud_then_soft]).astype(np.float32)

    def span(push_db):
        factors = records.master_gains(mixture, RATE, np.random.default_rng(0), push_db)
        return factors[0, -RATE // 4 :].mean() / factors[0, RATE // 8 : RATE // 4].mean()

    assert span(9.0) > 1.2 * span(0.0)


def test_the_drum_bus_keeps_the_level_and_leaves_silence_alone():
    time = np.arange(RATE) / RATE
    hits = np.exp(-(time % 0.25) / 0.02) * np.sin(2 * np.pi * 200 * time)
    drums = np.stack([hits, hits]).astype(np.float32)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        pressed = records.drum_bus(drums, RATE, rng)
        assert level_db(pressed, RATE) == pytest.approx(level_db(drums, RATE), abs=1.5)
        assert abs(pressed - drums).max() > 0.01
        assert not records.drum_bus(np.zeros_like(drums), RATE, rng).any()


def test_the_kick_ducks_the_rest_where_it_is_struck():
    drawn = [
        records.draw_ducking([0.5], RATE, RATE, np.random.default_rng(seed)) for seed in range(20)
    ]
    ducked = [factors for factors in drawn if factors is not None]
    assert 0 < len(ducked) < 20
    for factors in ducked:
        assert factors.shape == (RATE,)
        assert factors[: RATE // 3].min() == pytest.approx(1)
        assert 0.48 < factors.argmin() / RATE < 0.55
        assert factors.min() < 0.9
    assert records.draw_ducking([], RATE, RATE, np.random.default_rng(0)) is None


@pytest.mark.program("fluidsynth")
def test_a_mastered_song_is_played_by_the_same_and_keeps_below_full_scale(play):
    for seed in range(3):
        plain, players = play(seed)
        mastered, again = play(seed, mastered=1.0)
        assert players == again
        assert all(not np.allclose(*pair, atol=1e-3) for pair in zip(plain, mastered, strict=True))
        assert max(abs(sound).max() for sound in (*mastered, sum(mastered))) <= CEILING + 1e-6
        assert np.array_equal(mastered, play(seed, mastered=1.0)[0])


@pytest.mark.program("fluidsynth")
def test_in_a_blended_song_synthesisers_play_beside_the_rest(play):
    def kinds(players):
        synthesised = {name.split()[-1] in ("bass", "machine", "pluck", "stab") for name in players}
        return synthesised | {"arpeggio" in name for name in players}

    played = [play(seed, blended=1.0)[1] for seed in range(8)]
    assert any(kinds(players) == {True, False} for players in played)
    assert not any(True in kinds(play(seed)[1]) for seed in range(3))
