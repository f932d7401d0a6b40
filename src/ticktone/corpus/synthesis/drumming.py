"""A song's drum part: what is hit in each section, and the drum bus."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ticktone.corpus.effects import Sound, draw_strip, gain
from ticktone.corpus.kits import Kit, piece_for
from ticktone.corpus.sampler import play_kit
from ticktone.corpus.synthesis.genre import Genre, Pattern
from ticktone.corpus.synthesis.notes import Grid, Note
from ticktone.corpus.synthesis.patterns import crash, draw_pattern, play_bar, play_build, play_fill
from ticktone.corpus.synthesis.sections import Section

_PIECE_DB = {"kick": -2.0, "snare": -1.0, "clap": -2.0, "tom": -3.0, "crash": -8.0}
_OTHER_PIECE_DB = -8.0


def write_drums(
    sections: Sequence[Section], genre: Genre, grid: Grid, rng: np.random.Generator
) -> list[Note]:
    """Write what the drums play, as percussion keys.

    Parameters
    ----------
    sections : sequence of Section
    genre : Genre
    grid : Grid
    rng : Generator
    """
    main, other = draw_pattern(genre, rng), draw_pattern(genre, rng)
    notes: list[Note] = []
    for section in sections:
        if section.drums == "none":
            if section.kind == "build":
                notes += play_build(section.first, section.bars, grid, rng)
            continue
        if section.drums == "full" and section.first and rng.random() < 0.6:
            notes.append(crash(section.first, grid, rng))
        pattern = main if section.kind != "break" else other
        if section.drums == "light":
            pattern = _lightened(pattern, rng)
        builds = section.kind == "build" and rng.random() < 0.7
        for bar in range(section.first, section.first + section.bars):
            last = bar == section.first + section.bars - 1
            fills = (last and section.ending == "fill") or (bar % 4 == 3 and rng.random() < 0.15)
            start = int(rng.choice((0.25, 0.5, 0.75)) * grid.steps) if fills else grid.steps
            notes += play_bar(pattern, bar, grid, rng, mutation=genre.mutation / 2, until=start)
            if fills:
                notes += play_fill(bar, grid, rng, start)
        if builds:
            notes += play_build(section.first, section.bars, grid, rng)
    return notes


def _lightened(pattern: Pattern, rng: np.random.Generator) -> Pattern:
    pieces = list(pattern)
    if not pieces:
        return {}
    kept = rng.choice(len(pieces), max(1, len(pieces) // 2), replace=False)
    return {piece: pattern[piece] for index, piece in enumerate(pieces) if index in kept}


def play_drums(
    kit: Kit,
    notes: Sequence[Note],
    samples: int,
    sample_rate: int,
    rng: np.random.Generator,
    human: float,
) -> tuple[Sound, list[float]]:
    """Play a drum part through a bus.

    Parameters
    ----------
    kit : Kit
    notes : sequence of Note
        Their pitches are percussion keys.
    samples : int
    sample_rate : int
        Hz.
    rng : Generator
    human : float
        Seconds by which hits stray.

    Returns
    -------
    drums : ndarray [shape=(2, samples)]
    kicks : list of float
        When the kick is hit, in seconds.
    """
    groups: dict[str, list[Note]] = defaultdict(list)
    kicks = []
    for note in notes:
        piece = piece_for(note.pitch, kit) or ""
        groups[piece.partition("_")[0]].append(note)  # a closed hi-hat chokes an open one
        if piece == "kick":
            kicks.append(note.start)
    drums = np.zeros((2, samples), np.float32)
    for name, hits in groups.items():
        db = _PIECE_DB.get(name, _OTHER_PIECE_DB) + rng.normal(0, 2.5)
        played = play_kit(
            kit, hits, samples, sample_rate, rng, timing=human, level_db=0.7, tuning=0.0
        )
        for sound in played.values():
            drums += gain(sound, float(db))
    return draw_strip(rng, "percussive").apply(drums, sample_rate), kicks
