from collections import Counter

import numpy as np
import pytest

from ticktone.corpus.synthesis.drum_machines import KEY_OF, MACHINES
from ticktone.corpus.synthesis.drumming import write_drums
from ticktone.corpus.synthesis.genres import GENRES
from ticktone.corpus.synthesis.harmony import Key, draw_key, draw_progression, voicing
from ticktone.corpus.synthesis.melodies import draw_figure, play_figure
from ticktone.corpus.synthesis.notes import Grid
from ticktone.corpus.synthesis.patches import ROLES
from ticktone.corpus.synthesis.patterns import draw_pattern, play_bar, play_build, play_fill
from ticktone.corpus.synthesis.sections import draw_arrangement


def rng(seed=0):
    return np.random.default_rng(seed)


def typical_bar(genre):
    """Count what is hit at which sixteenth, over the patterns that a genre draws."""
    counts = Counter()
    grid = Grid(120, steps=genre.steps)
    for seed in range(20):
        pattern = draw_pattern(genre, rng(seed))
        for note in play_bar(pattern, 0, grid, rng(seed)):
            counts[note.pitch, round(note.start / grid.beat * 4)] += 1
    return counts


def test_every_genre_has_a_pattern_of_its_own():
    bars = {name: typical_bar(genre) for name, genre in GENRES.items()}
    names = list(bars)
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            shared = sum((bars[name] & bars[other]).values())
            # Two kinds of house may be alike, but not the same
            assert shared < 0.9 * sum((bars[name] | bars[other]).values()), (name, other)
    assert len({genre.tempo for genre in GENRES.values()}) > 10


@pytest.mark.parametrize("name", GENRES)
def test_a_genre_is_well_formed(name):
    genre = GENRES[name]
    assert set(genre.machines) <= set(MACHINES)
    assert set(genre.roles) == set(ROLES)
    for pattern in genre.patterns:
        for piece, letters in pattern.items():
            assert piece in KEY_OF
            assert set(letters) <= set("Xxogr.")
            assert len(letters) % genre.steps == 0


def test_house_has_four_kicks_to_the_bar_and_drum_and_bass_has_not():
    def kicks(name):
        bar = typical_bar(GENRES[name])
        return {step for (key, step), count in bar.items() if key == KEY_OF["kick"] and count > 10}

    assert kicks("house") == {0, 4, 8, 12}
    assert kicks("drum and bass") != {0, 4, 8, 12}


def test_swing_makes_every_other_sixteenth_late():
    straight, swung = Grid(120), Grid(120, swing=0.3)
    assert [straight.time(1, step) for step in range(3)] == pytest.approx([2.0, 2.125, 2.25])
    assert [swung.time(1, step) for step in range(3)] == pytest.approx([2.0, 2.1625, 2.25])


def test_mutation_changes_bars_and_its_absence_does_not():
    pattern = {"kick": "x...x...x...x..."}
    grid = Grid(120)

    def bars(mutation):
        return {
            tuple(note.start for note in play_bar(pattern, 0, grid, rng(seed), mutation=mutation))
            for seed in range(8)
        }

    assert len(bars(0.0)) == 1
    assert len(bars(0.2)) > 4


def test_fills_lie_at_the_end_of_the_bar_and_some_are_silence():
    grid = Grid(120)
    fills = [play_fill(2, grid, rng(seed), 8) for seed in range(40)]
    times = [note.start for fill in fills for note in fill]
    assert min(times) >= grid.time(2, 8)
    assert max(times) < grid.time(3, 0)
    assert any(not fill for fill in fills)
    assert len({note.pitch for fill in fills for note in fill}) >= 5


def test_a_build_grows_louder_and_denser():
    grid = Grid(120)
    notes = play_build(0, 4, grid, rng())
    early, late = (
        [note for note in notes if (note.start < 4 * grid.bar / 2) is first]
        for first in (True, False)
    )
    assert len(late) > 2 * len(early)
    assert np.mean([note.velocity for note in late]) > 15 + np.mean(
        [note.velocity for note in early]
    )


def test_sections_follow_each_other_to_the_end_and_silences_occur():
    kinds, drums, silences = Counter(), Counter(), 0
    for seed in range(30):
        sections = draw_arrangement(GENRES["trance"], 64, ["bass", "pad"], rng(seed))
        assert [section.first for section in sections] == [
            sum(section.bars for section in sections[:index]) for index in range(len(sections))
        ]
        assert sum(section.bars for section in sections) == 64
        kinds.update(section.kind for section in sections)
        drums.update(section.drums for section in sections)
        silences += sum(section.silence > 0 for section in sections)
    assert set(kinds) == {"intro", "verse", "build", "drop", "break", "solo", "outro"}
    assert min(drums["none"], drums["light"], drums["full"]) > 20
    assert silences > 5


def test_no_drums_are_written_where_a_section_has_none():
    genre, grid = GENRES["trance"], Grid(140)
    for seed in range(8):
        sections = draw_arrangement(genre, 48, ["bass"], rng(seed))
        starts = np.array([note.start for note in write_drums(sections, genre, grid, rng(seed))])
        for section in sections:
            inside = (starts > grid.bar * section.first - 1e-6) & (
                starts < grid.bar * (section.first + section.bars) - 1e-6
            )
            if section.drums == "none" and section.kind != "build":
                assert not inside.any()
            if section.drums == "full":
                assert inside.any()


def test_keys_and_chords():
    minor = Key(0, (0, 2, 3, 5, 7, 8, 10))
    assert [minor.pitch(degree, 5) for degree in (-1, 0, 2, 7)] == [58, 60, 63, 72]
    assert voicing(minor, 0, 5, 3, False) == [60, 63, 67]
    assert voicing(minor, 3, 5, 3, False) == [60, 65, 68]  # turned to stay near
    assert max(voicing(minor, 0, 5, 3, True)) > 72
    assert draw_key(1.0, rng()).scale[2] == 3
    assert draw_key(0.0, rng()).scale[2] == 4
    lengths = {len(draw_progression(rng(seed))) for seed in range(40)}
    assert lengths == {1, 2, 4, 8}


@pytest.mark.parametrize("role", ROLES)
def test_parts_play_in_the_key_and_in_their_bar(role):
    key, grid = Key(2, (0, 2, 4, 5, 7, 9, 11)), Grid(120)
    for seed in range(10):
        figure = draw_figure(role, grid, rng(seed))
        notes = [note for bar in range(4) for note in play_figure(figure, key, 3, bar, grid, rng())]
        assert notes
        assert {(note.pitch - 2) % 12 for note in notes} <= set(key.scale)
        assert all(0 <= note.start < 4 * grid.bar for note in notes)
        assert all(note.end > note.start for note in notes)
        assert max(note.pitch for note in notes) <= 100
        if role == "bass":
            assert max(note.pitch for note in notes) <= 52


def test_pads_are_chords_that_last_and_arpeggios_are_not():
    key, grid = Key(0, (0, 2, 4, 5, 7, 9, 11)), Grid(120)
    pad, arpeggio = (
        play_figure(draw_figure(role, grid, rng(1)), key, 0, 0, grid, rng())
        for role in ("pad", "arpeggio")
    )
    assert {note.end - note.start for note in pad} == {grid.bar}
    assert len({note.start for note in pad}) == 1
    assert len({note.start for note in arpeggio}) > 3
