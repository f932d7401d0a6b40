import numpy as np
import pytest

from ticktone.corpus.kits import piece_for
from ticktone.corpus.pieces import ESSENTIAL, KEYS
from ticktone.corpus.sampler import play_kit
from ticktone.corpus.synthesis import drum_sounds, percussion
from ticktone.corpus.synthesis.drum_machines import KEY_OF, MACHINES, OWN, draw_machine
from ticktone.corpus.synthesis.filters import filter_noise
from ticktone.corpus.synthesis.notes import Note

RATE = 44_100


def rng(seed):
    return np.random.default_rng(seed)


def centroid(hit):
    power = np.abs(np.fft.rfft(hit)) ** 2
    return (np.fft.rfftfreq(len(hit), 1 / RATE) * power).sum() / power.sum()


def length(hit):
    """Measure for how many seconds a hit is within 20 dB of its peak."""
    return np.flatnonzero(abs(hit) > 0.1 * abs(hit).max())[-1] / RATE


def periods(hit):
    """Measure the times between a hit's upward passes through zero, in seconds."""
    return np.diff(np.flatnonzero((hit[:-1] < 0) & (hit[1:] >= 0))) / RATE


@pytest.mark.parametrize("style", ["808", "909", "hard"])
def test_a_kick_falls_in_pitch_to_the_lowest_of_all(style):
    for seed in range(4):
        hit = drum_sounds.kick(rng(seed), RATE, style)
        found = periods(filter_noise(hit, RATE, high=300))
        assert max(found[1:20]) > 1.1 * found[0]
        assert 1 / max(found[1:20]) < 80
        assert centroid(hit) < 700


def test_kicks_ring_as_their_machines_do():
    def typical(style):
        return np.median([length(drum_sounds.kick(rng(seed), RATE, style)) for seed in range(12)])

    assert typical("808") > 2 * typical("soft")


def test_snares_are_noise_where_kicks_are_not():
    def share(hit):
        power = np.abs(np.fft.rfft(hit)) ** 2
        return power[np.fft.rfftfreq(len(hit), 1 / RATE) > 1000].sum() / power.sum()

    for seed in range(6):
        assert share(drum_sounds.snare(rng(seed), RATE, "noise")) > 0.3
        assert share(drum_sounds.kick(rng(seed), RATE, "808")) < 0.1


def test_an_open_hat_is_the_closed_one_that_rings_on():
    for colour in range(6):
        closed = drum_sounds.hat(rng(0), RATE, 0.03, colour)
        opened = drum_sounds.hat(rng(0), RATE, 0.25, colour)
        assert length(opened) > 3 * length(closed)
        assert centroid(opened) == pytest.approx(centroid(closed), rel=0.25)
        assert min(centroid(closed), centroid(opened)) > 4000


def test_a_clap_is_several_bursts():
    hit = abs(drum_sounds.clap(rng(3), RATE))
    smooth = np.convolve(hit, np.ones(64) / 64, "same")[: round(0.06 * RATE)]
    peaks = (smooth[1:-1] > smooth[:-2]) & (smooth[1:-1] > smooth[2:])
    assert (smooth[1:-1][peaks] > 0.3 * smooth.max()).sum() >= 2


@pytest.mark.parametrize("style", ["crash", "ride", "bell"])
def test_cymbals_ring_long_and_high(style):
    for seed in range(3):
        hit = drum_sounds.cymbal(rng(seed), RATE, style)
        assert length(hit) > 0.15
        assert centroid(hit) > 1500


def test_toms_and_congas_have_the_pitch_that_is_asked_for():
    for draw, seconds in ((drum_sounds.tom, 0.08), (percussion.conga, 0.05)):
        hit = draw(rng(1), RATE, 200.0)
        ringing = hit[round(seconds * RATE) : round((seconds + 0.1) * RATE)]
        power = np.abs(np.fft.rfft(ringing * np.hanning(len(ringing)), 1 << 16))
        assert np.argmax(power) * RATE / (1 << 16) == pytest.approx(200, rel=0.15)


@pytest.mark.parametrize(
    "draw",
    [
        percussion.cowbell,
        percussion.shaker,
        percussion.triangle,
        percussion.blip,
        lambda generator, rate: percussion.wood(generator, rate, 1500),
        lambda generator, rate: percussion.conga(generator, rate, 200, muted=True),
        lambda generator, rate: percussion.shaker(generator, rate, jingles=True),
    ],
)
def test_percussion_hits_at_once_and_falls(draw):
    for seed in range(4):
        hit = draw(rng(seed), RATE)
        assert np.isfinite(hit).all()
        assert abs(hit).max() > 0.3
        assert np.argmax(abs(hit)) < 0.05 * RATE
        assert abs(hit[-1]) < 1e-3
        assert length(hit) < 1.0


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_has_what_a_kit_must_have_and_is_our_own(machine):
    kit = draw_machine(rng(0), 22_050, machine)
    assert set(ESSENTIAL) <= set(kit.pieces)
    assert (kit.licence, kit.name) == (OWN, f"{machine} drum machine")
    missing = [key for key in KEYS if piece_for(key, kit) is None]
    assert set(missing) <= {58, 71, 72, 78, 79}  # whistles, cuica and vibraslap


def test_machines_differ_by_seed_and_are_the_same_by_seed():
    first, again, other = (draw_machine(rng(seed), 22_050, "909") for seed in (1, 1, 2))
    kicks = [kit.pieces["kick"][0][0].load(22_050) for kit in (first, again, other)]
    assert np.array_equal(kicks[0], kicks[1])
    assert kicks[0].shape != kicks[2].shape or not np.allclose(kicks[0], kicks[2])


def test_a_hit_can_be_tuned():
    sample = draw_machine(rng(0), 22_050).pieces["tom_low"][0][0]
    assert sample.load(22_050, 12).shape[1] == pytest.approx(
        sample.load(22_050).shape[1] / 2, rel=0.01
    )


def test_the_sampler_plays_a_machine_and_a_closed_hat_chokes_an_open_one():
    kit = draw_machine(rng(4), 22_050, "909")

    def play(*keys):
        notes = [Note(0.1 * index, 0.1 * index + 0.05, key, 100) for index, key in enumerate(keys)]
        return play_kit(kit, notes, 22_050, 22_050, rng(0), timing=0, level_db=0, tuning=0)

    opened = KEY_OF["hat_open"]
    free = play(opened)["hat_open"]
    choked = play(opened, KEY_OF["hat_closed"])["hat_open"]
    late = slice(round(0.15 * 22_050), None)
    assert abs(choked[:, late]).max() < 0.05 * abs(free).max()
