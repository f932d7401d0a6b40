import numpy as np
import pytest

from ticktone.corpus.effects import level_db
from ticktone.corpus.performance import CEILING
from ticktone.corpus.synthesis import mastering, production
from ticktone.corpus.synthesis.mastering import master

RATE = 22_050


def noise(seconds=1.0, seed=0):
    sound = np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))
    return (0.1 * sound).astype(np.float32)


def sine(hertz, seconds=1.0):
    wave = np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    return np.tile(0.3 * wave, (2, 1)).astype(np.float32)


def test_ducking_turns_down_at_the_kicks_and_comes_back():
    curve = production.ducking(RATE, RATE, [0.2, 0.6], depth=0.8, release=0.3)
    assert curve.shape == (RATE,)
    assert curve[round(0.1 * RATE)] == pytest.approx(1)
    for kick in (0.2, 0.6):
        assert curve[round((kick + 0.01) * RATE)] < 0.25
        assert curve[round((kick + 0.31) * RATE)] == pytest.approx(1, abs=0.02)
    assert (production.ducking(RATE, RATE, [], 0.8, 0.3) == 1).all()
    shallow = production.ducking(RATE, RATE, [0.2], depth=0.3, release=0.3)
    assert shallow.min() == pytest.approx(0.7, abs=0.03)
    quick = production.ducking(RATE, RATE, [0.2], depth=0.8, release=0.1)
    assert quick[round(0.32 * RATE)] > curve[round(0.32 * RATE)] + 0.2


def test_a_gate_keeps_to_its_pattern():
    curve = production.gate(RATE, RATE, 0.25, [True, False], depth=0.9)
    middles = [curve[round((0.125 + 0.25 * step) * RATE)] for step in range(4)]
    assert middles == pytest.approx([1, 0.1, 1, 0.1], abs=0.01)


def test_echoes_come_after_the_time_each_softer_and_duller():
    sound = np.zeros((2, RATE), np.float32)
    sound[0, 100] = 1
    wet = production.echo(sound, RATE, 0.2, 0.5, 0.5, 3000)
    step = round(0.2 * RATE)
    peaks = [abs(wet[0, 90 + step * n : 130 + step * n]).sum() for n in (0, 1, 2, 3)]
    assert peaks[0] > peaks[1] > peaks[2] > peaks[3] > 0
    assert peaks[2] / peaks[1] == pytest.approx(0.5, abs=0.15)
    sides = production.echo(sound, RATE, 0.2, 0.5, 0.5, 3000, ping_pong=True)
    assert abs(sides[1, 90 + step : 130 + step]).sum() == pytest.approx(peaks[1], rel=1e-3)
    assert not abs(sides[0, 90 + step : 130 + step]).any()


def test_chorus_and_wow_move_the_pitch():
    for moved in (
        production.chorus(sine(1000), RATE, 2.0, 0.004, 0.8),
        production.wow(
            sine(1000), RATE, production.draw_wow(RATE, RATE, 3.0, np.random.default_rng(0))
        ),
    ):
        power = np.abs(np.fft.rfft(moved[0] * np.hanning(RATE))) ** 2
        at = slice(990, 1011)
        assert power[at].sum() < 0.99999 * power.sum()
        assert power[900:1101].sum() > 0.95 * power.sum()


@pytest.mark.parametrize(
    "effect",
    [
        lambda x: production.echo(x, RATE, 0.1, 0.5, 0.5, 3000),
        lambda x: production.chorus(x, RATE, 1.0, 0.002, 0.5),
        lambda x: production.wow(
            x, RATE, production.draw_wow(RATE, RATE, 1.0, np.random.default_rng(0))
        ),
        lambda x: production.hold(x, 4),
        lambda x: production.opening(x, RATE, 300, 8000),
    ],
    ids=["echo", "chorus", "wow", "hold", "opening"],
)
def test_effects_of_the_whole_song_are_linear(effect):
    a, b = noise(seed=1), noise(seed=2)
    assert np.allclose(effect(a) + effect(b), effect(a + b), atol=1e-5)
    assert not effect(np.zeros_like(a)).any()
    assert effect(a).shape == a.shape
    assert not np.allclose(effect(a), a, atol=1e-2)


def test_an_opening_filter_is_dull_first():
    opened = production.opening(noise(), RATE, 300, 9000)
    quarter = RATE // 4
    assert opened[:, :quarter].std() < 0.4 * opened[:, -quarter:].std()


def test_crackle_hits_and_hiss_goes_on():
    rng = np.random.default_rng(0)
    crackle = production.crackle(4 * RATE, RATE, 10, rng)[0]
    hiss = production.hiss(4 * RATE, RATE, rng)[0]

    def crest(sound):
        return abs(sound).max() / sound.std()

    assert crest(crackle) > 4 * crest(hiss)
    more = production.crackle(4 * RATE, RATE, 100, np.random.default_rng(0))[0]
    assert more.std() > 1.5 * crackle.std()


@pytest.mark.parametrize("dirty", [False, True])
def test_nothing_clips(dirty):
    parts = {"percussive": noise(seed=1) * 3, "harmonic": sine(300) + noise(seed=2)}
    for seed in range(4):
        made = master(parts, RATE, np.random.default_rng(seed), -3.0, dirty)
        mixture = made["percussive"] + made["harmonic"]
        assert max(abs(sound).max() for sound in (mixture, *made.values())) <= CEILING + 1e-6


def test_both_parts_take_the_same_gains(monkeypatch):
    monkeypatch.setattr(mastering, "equalise", lambda sound, *_: sound)
    parts = {"percussive": noise(seed=1), "harmonic": noise(seed=2)}
    parts["percussive"][:, : RATE // 2] *= 0.1
    moved = []
    for seed in range(6):
        made = master(parts, RATE, np.random.default_rng(seed), 0.0, False)
        heard = np.all([abs(part) > 1e-3 for part in parts.values()], axis=0)
        factors = [made[name][heard] / parts[name][heard] for name in parts]
        assert np.allclose(factors[0] / factors[1], np.median(factors[0] / factors[1]), rtol=1e-3)
        moved.append(factors[0].min() / factors[0].max())
    assert min(moved) < 0.8


def test_the_balance_is_the_one_that_is_asked_for():
    parts = {"percussive": noise(seed=1), "harmonic": noise(seed=2)}
    for wanted in (-9.0, 0.0):
        made = master(parts, RATE, np.random.default_rng(3), wanted, False)
        found = level_db(made["percussive"], RATE) - level_db(made["harmonic"], RATE)
        assert found == pytest.approx(wanted, abs=0.5)


def test_silence_has_no_part():
    parts = {"percussive": np.zeros((2, RATE), np.float32), "harmonic": noise()}
    assert list(master(parts, RATE, np.random.default_rng(0), 0.0, False)) == ["harmonic"]


def test_a_curve_that_bends_gives_gains_of_one_where_it_is_soft():
    soft, loud = 0.001 * noise(), 10 * noise()
    assert np.allclose(production.bend_gains(soft, 1.0), 1, atol=1e-3)
    assert production.bend_gains(loud, 1.0).min() < 0.5
