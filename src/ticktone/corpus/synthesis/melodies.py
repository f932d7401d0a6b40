"""What the pitched parts play: bass lines, leads, arpeggios, pads, stabs and plucks.

Each part draws a figure for a song, a bar or two long, and plays it on the chords as they come.
"""

from dataclasses import dataclass

import numpy as np

from ticktone.corpus.synthesis.harmony import Key, voicing
from ticktone.corpus.synthesis.notes import Grid, Note
from ticktone.corpus.synthesis.patches import Role

_OCTAVES: dict[Role, tuple[int, int]] = {
    "bass": (2, 3),
    "lead": (5, 6),
    "arpeggio": (4, 6),
    "pad": (4, 5),
    "stab": (4, 5),
    "pluck": (4, 6),
}  # the octave of middle C is the fifth from MIDI's 0

_PLUCKED = (0, 2, 4, 7, 1, 5)  # steps from the chord's root


@dataclass(frozen=True)
class Figure:
    """What a part repeats.

    Parameters
    ----------
    role : str
    octave : int
    steps : tuple of (int, int, int, int)
        The sixteenth at which a note begins, how many it lasts, the step of the scale from the
        chord's root (or which note of the chord, for arpeggios), and the velocity.
    bars : int
        After how many it begins again.
    size : int
        Notes of a chord.
    spread : bool
        Whether chords are wide.
    length : float
        The share of its time that a note is held.
    """

    role: Role
    octave: int
    steps: tuple[tuple[int, int, int, int], ...]
    bars: int = 1
    size: int = 3
    spread: bool = False
    length: float = 0.9


def draw_figure(role: Role, grid: Grid, rng: np.random.Generator) -> Figure:
    """Draw what a part plays."""
    low, high = _OCTAVES[role]
    bars = int(rng.choice((1, 1, 2))) if role != "lead" else int(rng.choice((1, 2, 4)))
    span = bars * grid.steps
    match role:
        case "bass":
            steps = _bass(span, rng)
        case "lead":
            steps = _lead(span, rng)
        case "arpeggio":
            steps = _arpeggio(span, rng)
        case "pad":
            steps = [(0, grid.steps, 0, 90)]
            bars = 1
        case "stab":
            steps = [
                (at, int(rng.choice((1, 1, 2, 3))), 0, int(rng.uniform(80, 120)))
                for at in _rhythm(span, rng.uniform(0.12, 0.35), rng)
            ]
        case "pluck":
            steps = [
                (
                    at,
                    int(rng.integers(1, 4)),
                    int(rng.choice((0, 2, 4, 7, 1, 5))),
                    70 + 40 * (at % 4 == 0),
                )
                for at in _rhythm(span, rng.uniform(0.2, 0.6), rng)
            ]
    length = {"pad": 1.0, "stab": rng.uniform(0.4, 1), "bass": rng.uniform(0.5, 1.05)}
    return Figure(
        role=role,
        octave=int(rng.integers(low, high + 1)) if role != "bass" else int(rng.choice((2, 3, 3))),
        steps=tuple(steps),
        bars=bars,
        size=int(rng.choice((2, 3, 3, 4, 5))) if role in ("pad", "stab") else 3,
        spread=bool(rng.random() < 0.3),
        length=float(length.get(role, rng.uniform(0.5, 1))),
    )


def play_figure(
    figure: Figure, key: Key, chord: int, bar: int, grid: Grid, rng: np.random.Generator
) -> list[Note]:
    """Play a bar of a figure on a chord, which is a step of the key's scale."""
    notes = []
    first = bar % figure.bars * grid.steps
    for at, lasting, degree, velocity in figure.steps:
        if not first <= at < first + grid.steps:
            continue
        start = grid.time(bar, at - first)
        end = start + lasting * figure.length * grid.beat / 4
        loud = int(np.clip(velocity + rng.normal(0, 5), 20, 127))
        if figure.role in ("pad", "stab"):
            pitches = voicing(key, chord, figure.octave, figure.size, figure.spread)
        elif figure.role == "arpeggio":
            chord_notes = voicing(key, chord, figure.octave, figure.size, False)
            octave, index = divmod(degree, len(chord_notes))
            pitches = [chord_notes[index] + 12 * octave]
        elif figure.role == "bass":
            pitches = [key.pitch(chord + degree, figure.octave)]
            pitches = [pitch - 12 if pitch > 52 else pitch for pitch in pitches]
        else:
            pitches = [key.pitch(chord + degree, figure.octave)]
        notes += [Note(start, end, pitch, loud) for pitch in pitches]
    return notes


def _rhythm(span: int, density: float, rng: np.random.Generator) -> list[int]:
    """Draw the sixteenths at which notes begin; strong ones are likelier."""
    strength = np.array([1.6 if at % 4 == 0 else 1.1 if at % 2 == 0 else 0.6 for at in range(span)])
    found = np.flatnonzero(rng.random(span) < density * strength)
    return [int(at) for at in found] or [0]


def _bass(span: int, rng: np.random.Generator) -> list[tuple[int, int, int, int]]:
    kind = rng.choice(("held", "offbeat", "running", "free", "free", "octaves"))
    match kind:
        case "held":
            starts = list(range(0, span, int(rng.choice((4, 8, 16)))))
        case "offbeat":
            starts = list(range(2, span, 4))
        case "running":
            starts = list(range(0, span, int(rng.choice((1, 2)))))
        case "octaves":
            starts = list(range(0, span, 2))
        case _:
            starts = _rhythm(span, rng.uniform(0.25, 0.6), rng)
    steps = []
    for index, (at, after) in enumerate(zip(starts, [*starts[1:], span], strict=True)):
        degree = 7 * (index % 2) if kind == "octaves" else 0
        if kind != "octaves" and rng.random() < 0.25:
            degree = int(rng.choice((4, 7, -3, 2, 6)))
        steps.append((at, min(after - at, 16), degree, int(rng.uniform(90, 120))))
    return steps


def _lead(span: int, rng: np.random.Generator) -> list[tuple[int, int, int, int]]:
    starts = _rhythm(span, rng.uniform(0.15, 0.5), rng)
    steps, degree = [], int(rng.choice((0, 2, 4)))
    for at, after in zip(starts, [*starts[1:], span], strict=True):
        if rng.random() < 0.12:
            continue
        degree = int(np.clip(degree + rng.choice((-2, -1, -1, 0, 1, 1, 2, 3, -4)), -4, 9))
        if at % 4 == 0 and rng.random() < 0.5:
            degree = int(rng.choice((0, 2, 4, 7)))  # a note of the chord
        steps.append((at, min(after - at, int(rng.choice((1, 2, 4, 8)))), degree, 100))
    return steps or [(0, 4, 0, 100)]


def _arpeggio(span: int, rng: np.random.Generator) -> list[tuple[int, int, int, int]]:
    notes = int(rng.choice((3, 4, 6, 8)))
    up = list(range(notes))
    order = {"up": up, "down": up[::-1], "both": up + up[-2:0:-1]}
    kind = str(rng.choice(("up", "down", "both", "random")))
    row = order.get(kind) or [int(rng.integers(notes)) for _ in range(notes)]
    every = int(rng.choice((1, 1, 2, 3)))
    rests = rng.random(span) < rng.choice((0, 0, 0.2, 0.4))
    return [
        (at, every, row[at // every % len(row)], 85 + 25 * (at % 4 == 0))
        for at in range(0, span, every)
        if not rests[at]
    ] or [(0, 2, 0, 100)]
