"""Drum patterns played: bars of hits, with fills, rolls and what players change."""

from collections.abc import Mapping

import numpy as np

from ticktone.corpus.synthesis.drum_machines import KEY_OF
from ticktone.corpus.synthesis.genre import Genre, Pattern
from ticktone.corpus.synthesis.notes import Grid, Note

_VELOCITIES = {"X": 122, "x": 104, "o": 88, "g": 52, "r": 92}
_RATES = {"X": 1.0, "x": 1.0, "o": 0.5, "g": 0.8, "r": 1.0}
_FILLS = ("roll", "toms", "stutter", "drop out", "kicks")


def draw_pattern(genre: Genre, rng: np.random.Generator) -> Pattern:
    """Draw one of a genre's patterns and change it a little, for a song to keep to.

    Pieces may be left out, be exchanged for another like it, or lose and win hits.
    """
    chosen = genre.patterns[rng.integers(len(genre.patterns))]
    pattern = {}
    for piece, letters in chosen.items():
        if piece not in ("kick", "snare", "clap") and rng.random() < 0.2:
            continue
        changed = [
            rng.choice(list("x.o")) if rng.random() < genre.mutation else letter
            for letter in letters
        ]
        pattern[_exchanged(piece, rng)] = "".join(changed)
    return pattern


def _exchanged(piece: str, rng: np.random.Generator) -> str:
    like = (("snare", "clap", "sidestick"), ("hat_closed", "shaker"), ("percussion", "claves"))
    for pieces in like:
        if piece in pieces and rng.random() < 0.15:
            return str(rng.choice(pieces))
    return piece


def play_bar(
    pattern: Mapping[str, str],
    bar: int,
    grid: Grid,
    rng: np.random.Generator,
    *,
    mutation: float = 0.0,
    until: float | None = None,
) -> list[Note]:
    """Play a bar of a pattern.

    Parameters
    ----------
    pattern : mapping of str to str
        See `genres`.
    bar : int
        Which it is of the song.
    grid : Grid
    rng : Generator
    mutation : float
        How often a hit is left out, or a soft one added.
    until : float, optional
        The sixteenth at which it stops. Default: the bar's end.

    Returns
    -------
    list of Note
        Their pitches are percussion keys.
    """
    notes = []
    for piece, letters in pattern.items():
        key = KEY_OF[piece]
        offset = bar * grid.steps
        for step in range(grid.steps):
            if until is not None and step >= until:
                break
            letter = letters[(offset + step) % len(letters)]
            if mutation and rng.random() < mutation:
                letter = "." if letter != "." else "g"
            if letter == "." or rng.random() >= _RATES[letter]:
                continue
            hits = int(rng.choice((2, 3, 4))) if letter == "r" else 1
            for hit in range(hits):
                at = grid.time(bar, step) + hit / hits * grid.beat / 4
                notes.append(_hit(at, key, _VELOCITIES[letter] - 8 * hit, rng))
    return notes


def play_fill(bar: int, grid: Grid, rng: np.random.Generator, start: int) -> list[Note]:
    """Play a fill from a sixteenth of a bar to its end; "drop out" is silence."""
    kind = str(rng.choice(_FILLS))
    notes = []
    steps = np.arange(start, grid.steps)
    share = (steps - start + 1) / len(steps)
    toms = [KEY_OF[piece] for piece in ("tom_high", "tom_mid", "tom_low")]
    for step, grown in zip(steps, share, strict=True):
        at = grid.time(bar, int(step))
        match kind:
            case "roll":
                notes.append(_hit(at, KEY_OF["snare"], 60 + 60 * grown, rng))
            case "toms" if rng.random() < 0.75:
                notes.append(_hit(at, toms[min(2, int(3 * grown - 0.01))], 110, rng))
            case "stutter":
                piece = rng.choice(("snare", "hat_closed", "kick", "clap", "percussion"))
                for hit in range(int(rng.integers(1, 4))):
                    when = at + hit * grid.beat / 12
                    notes.append(_hit(when, KEY_OF[str(piece)], 100, rng))
            case "kicks" if rng.random() < 0.6:
                notes.append(_hit(at, KEY_OF["kick"], 110, rng))
    return notes


def play_build(first: int, bars: int, grid: Grid, rng: np.random.Generator) -> list[Note]:
    """Play a roll over some bars that grows louder and twice as dense, and again."""
    piece = str(rng.choice(("snare", "clap", "tom_mid")))
    notes = []
    for bar in range(first, first + bars):
        grown = (bar - first + 0.5) / bars
        every = 4 if grown < 0.5 else 2 if grown < 0.8 else 1
        for step in range(0, grid.steps, every):
            velocity = 50 + 70 * (bar - first + step / grid.steps) / bars
            notes.append(_hit(grid.time(bar, step), KEY_OF[piece], velocity, rng))
    return notes


def crash(bar: int, grid: Grid, rng: np.random.Generator) -> Note:
    """Hit a cymbal at a bar's beginning."""
    return _hit(grid.time(bar, 0), KEY_OF["crash"], rng.uniform(95, 120), rng)


def _hit(start: float, key: int, velocity: float, rng: np.random.Generator) -> Note:
    strayed = int(np.clip(velocity + rng.normal(0, 4), 8, 127))
    return Note(start, start + 0.1, key, strayed)
