"""Keys, chords and what is made of them."""

from dataclasses import dataclass

import numpy as np

_SCALES = {
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
}
_MINOR = ("minor", "minor", "dorian", "phrygian", "harmonic minor")
_MAJOR = ("major", "major", "mixolydian", "lydian")
# The step that each chord leads to most readily comes first; steps of the scale from 0
_LEADS = {
    0: (3, 4, 5, 6, 1), 1: (4, 0, 6), 2: (5, 3), 3: (4, 0, 1, 6), 4: (0, 5, 3), 5: (3, 1, 2, 6),
    6: (0, 2, 5),
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """A key: a root as MIDI pitch from 0 to 11, and a scale in semitones above it."""

    root: int
    scale: tuple[int, ...]

    def pitch(self, degree: int, octave: int) -> int:
        """Return the MIDI pitch of a step of the scale, which may lie outside of the octave."""
        above, step = divmod(degree, len(self.scale))
        return self.root + 12 * (octave + above) + self.scale[step]


def draw_key(minor: float, rng: np.random.Generator) -> Key:
    """Draw a key, a minor one as often as is said."""
    name = str(rng.choice(_MINOR if rng.random() < minor else _MAJOR))
    return Key(int(rng.integers(12)), _SCALES[name])


def draw_progression(rng: np.random.Generator) -> tuple[int, ...]:
    """Draw the chords of one, two, four or eight bars, as steps of the scale."""
    length = int(rng.choice((1, 2, 4, 4, 4, 8)))
    chords = [0 if rng.random() < 0.7 else int(rng.integers(7))]
    while len(chords) < length:
        if rng.random() < 0.25:
            chords.append(chords[-1])
        else:
            nexts = _LEADS[chords[-1]]
            # The first is likeliest
            chords.append(nexts[min(len(nexts) - 1, int(rng.exponential(1.2)))])
    return tuple(chords)


def voicing(key: Key, chord: int, octave: int, size: int, spread: bool) -> list[int]:
    """Return a chord's MIDI pitches: `size` thirds on its root, turned to stay near the octave.

    With `spread`, every other note is an octave higher.
    """
    pitches = []
    for third in range(size):
        pitch = key.pitch(chord + 2 * third, octave)
        while pitch >= 12 * octave + key.root + 12:
            pitch -= 12
        pitches.append(pitch + (12 if spread and third % 2 else 0))
    return sorted(set(pitches))
