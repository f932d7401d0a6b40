from dataclasses import replace

import numpy as np
import pretty_midi
import pytest
import soundfile

from tests.corpus.studio import DRUM_HZ, HAT, KICK, RATE, SNARE, write_midi, write_studio
from ticktone.corpus import performance
from ticktone.corpus.bank import Licences, open_bank
from ticktone.corpus.effects import draw_room, level_db
from ticktone.corpus.midi import read_midi
from ticktone.corpus.performance import BALANCE_DB, CEILING, HARMONIC_DB, perform

pytestmark = pytest.mark.program("fluidsynth")


@pytest.fixture
def studio(tmp_path):
    return write_studio(tmp_path)


@pytest.fixture
def bank(studio):
    return open_bank(*studio.sounds.values())


@pytest.fixture
def score(tmp_path):
    def make(*arguments, **how):
        return read_midi(write_midi(tmp_path / "a.mid", *arguments, **how))

    return make


def play(midi, bank, seed=0, seconds=2.5):
    return perform(midi, bank, round(seconds * RATE), RATE, np.random.default_rng(seed))


def total(stems):
    return np.sum(list(stems.values()), axis=0)


def near(sound, hertz):
    """Give the share of a sound's energy that lies within 3 % of a frequency, in dB."""
    power = np.abs(np.fft.rfft(sound.sum(axis=0))) ** 2
    frequencies = np.fft.rfftfreq(sound.shape[1], 1 / RATE)
    inside = abs(frequencies / hertz - 1) < 0.03
    return 10 * np.log10(power[inside].sum() / power.sum())


def test_levels_are_as_in_mixes_and_nothing_clips(score, studio):
    # Drums that sound on are turned down by the limiter as little as the rest is
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, RATE // 2)
    for name in ("kick", "snare", "hat_closed"):
        soundfile.write(studio.kits / "tiny" / f"{name}_01.wav", noise, RATE)
    bank = replace(open_bank(*studio.sounds.values()), instruments=())
    midi = score(drums=(KICK, SNARE))
    balances = []
    for seed in range(12):
        stems = play(midi, bank, seed)
        parts = total(stems.harmonic), total(stems.percussive)
        assert max(abs(sound).max() for sound in (*parts, sum(parts))) <= CEILING + 1e-6
        harmonic, percussive = (level_db(part, RATE) for part in parts)
        assert harmonic == pytest.approx(HARMONIC_DB, abs=3)
        balances.append(percussive - harmonic)
    mean, deviation, least, most = BALANCE_DB
    assert least - 2 < min(balances) < mean < max(balances) < most + 1
    assert deviation / 2 < np.std(balances) < 2 * deviation


@pytest.mark.parametrize("program", [0, 114], ids=["piano", "steel drums"])
def test_each_part_holds_nothing_of_the_other(score, bank, program):
    midi = score(programs=(program,), beats=4)
    played = [play(midi, replace(bank, instruments=()), seed) for seed in range(6)]
    on_kit = [stems for stems in played if "tiny" in stems.players]
    assert on_kit
    pitch = 440 * 2 ** ((40 + program % 12 - 69) / 12)
    for stems in on_kit:
        harmonic, percussive = total(stems.harmonic), total(stems.percussive)
        assert near(harmonic, DRUM_HZ) < near(percussive, DRUM_HZ) - 40
        assert max(near(percussive, octave * pitch) for octave in (1, 2)) < -30


def test_families_are_apart_and_tuned_percussion_is_none_of_the_drums(score, bank):
    stems = play(score(programs=(0, 25, 33, 112, 114, 122)), bank)
    assert set(stems.percussive) == {"percussive"}
    assert set(stems.harmonic) == {"piano", "guitar", "bass", "chromatic_percussion"}


def test_the_limiter_turns_both_parts_down_alike_where_the_mixture_is_loud(
    score, bank, monkeypatch
):
    midi = score(beats=4)
    threshold, *others = performance._LIMITER
    quietest = 1.0
    for seed in range(4):
        limited = play(midi, bank, seed)
        with monkeypatch.context() as patch:
            patch.setattr(performance, "_LIMITER", (threshold + 99, *others))
            patch.setattr(performance, "CEILING", 99)
            free = play(midi, bank, seed)
        factors = []
        for part in ("harmonic", "percussive"):
            before, after = (total(getattr(stems, part)) for stems in (free, limited))
            factors.append(np.where(abs(before) > 1e-2, after / (before + 1e-12), np.nan))
        harmonic, percussive = factors
        both = np.isfinite(harmonic) & np.isfinite(percussive)
        assert both.sum() > 1000
        assert np.allclose(harmonic[both], percussive[both], atol=1e-3)
        quietest = min(quietest, harmonic[both].min() / harmonic[both].max())
    assert quietest < 0.9


def test_a_kit_borrows_the_pieces_it_lacks_and_the_licences_of_both_are_told(score, studio):
    for name in ("one", "two"):
        (studio.kits / name).mkdir()
    (studio.kits / "tiny" / "kick_01.wav").rename(studio.kits / "one" / "kick_01.wav")
    (studio.kits / "tiny" / "snare_01.wav").rename(studio.kits / "two" / "snare_01.wav")
    (studio.kits / "tiny" / "hat_closed_01.wav").unlink()
    (studio.kits / "tiny").rmdir()
    licences = Licences((("*/one", "CC0"), ("*.sf2", "MIT")))
    bank = open_bank([studio.soundfont], [studio.kits], licences=licences)
    midi = score(programs=(), drums=(KICK, SNARE))
    played = [play(midi, bank, seed) for seed in range(4)]
    on_kits = [stems for stems in played if "sines.sf2" not in stems.players]
    assert on_kits
    for stems in on_kits:
        assert stems.licences == {"CC0", "unknown"}
        loudness = abs(total(stems.percussive)).max(axis=0)
        beats = np.array_split(loudness[: 2 * RATE], 8)  # kick and snare by turns
        assert all(beat.max() > 0.01 for beat in beats)


def test_drums_that_no_kit_has_are_silent_and_leave_no_stem(score, studio):
    midi = score(programs=(0,), drums=(HAT,))
    for path in (studio.kits / "tiny").glob("hat*"):
        path.unlink()
    bank = open_bank([studio.soundfont], [studio.kits])
    played = [play(midi, bank, seed) for seed in range(6)]
    on_kit = [stems for stems in played if "tiny" in stems.players]
    assert on_kit
    assert all(not stems.percussive and stems.harmonic for stems in on_kit)


def test_an_instrument_plays_what_it_can(score, bank):
    players = {tuple(play(score((33,), drums=()), bank, seed).players) for seed in range(8)}
    assert players == {("bass_tiny",), ("sines.sf2",)}
    players = {tuple(play(score((0,), drums=()), bank, seed).players) for seed in range(4)}
    assert players == {("sines.sf2",)}


def test_synthesisers_play_a_share_of_the_songs_and_are_our_own(score, bank):
    midi = score(programs=(0, 33, 48))

    def players(share, seed):
        stems = play(midi, replace(bank, synthesised=share), seed)
        machine = any(name.endswith("drum machine") for name in stems.players)
        assert ("our own" in stems.licences) == machine
        return machine, stems.players

    always = [players(1.0, seed) for seed in range(3)]
    assert all(machine for machine, _ in always)
    assert any(name.endswith(" bass") for _, names in always for name in names)
    assert len({players(0.5, seed)[0] for seed in range(8)}) == 2
    assert not any(players(0.0, seed)[0] for seed in range(3))


def test_without_synthesisers_a_seed_gives_what_it_gave(score, bank, monkeypatch):
    drawn = []
    draw = draw_room
    monkeypatch.setattr(
        performance, "draw_room", lambda rng: drawn.append(rng.bit_generator.state) or draw(rng)
    )
    play(score(beats=2), bank, 3)
    assert drawn[0] == np.random.default_rng(3).bit_generator.state


def test_a_score_without_notes_gives_no_stems(bank):
    stems = play(pretty_midi.PrettyMIDI(), bank)
    assert not stems.harmonic
    assert not stems.percussive
