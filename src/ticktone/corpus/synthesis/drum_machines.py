"""Drum machines: kits whose sounds are synthesised."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import soxr
from numpy.typing import NDArray

from ticktone.corpus.kits import Kit, Layers
from ticktone.corpus.pieces import KEYS
from ticktone.corpus.samples import Audio, Sample
from ticktone.corpus.synthesis import drum_sounds, percussion
from ticktone.corpus.synthesis.drum_sounds import Hit
from ticktone.corpus.synthesis.filters import filter_noise

OWN = "our own"  # the licence of all that is synthesised
Machine = Literal["808", "909", "hard", "soft", "mixed"]
MACHINES: tuple[Machine, ...] = get_args(Machine)

_SIDE = {"hat": 0.35, "tom": 0.5, "crash": 0.5, "ride": 0.5, "kick": 0.0, "snare": 0.08}
_OTHER_SIDE = 0.6
# Of those pieces that some machines lack
_ALWAYS = 0.75

KEY_OF = {pieces[0]: key for key, pieces in sorted(KEYS.items(), reverse=True)}
"""The percussion key of General MIDI that plays a piece, or the one nearest to it."""
KEY_OF |= {"hat_open": 46, "hat_closed": 42, "shaker": 70, "percussion": 79, "kick": 36}


@dataclass(frozen=True, eq=False)
class SynthesisedHit(Sample):
    """A hit that was computed and lies in memory; otherwise like a `Sample`."""

    path: Path = Path()
    audio: Audio = field(default_factory=lambda: np.zeros((2, 0), np.float32))
    sample_rate: int = 44_100

    def load(self, sample_rate: int, semitones: float = 0.0) -> Audio:
        """Return the sound; see `Sample.load`."""
        faster = self.sample_rate * 2 ** (semitones / 12)
        if abs(faster - sample_rate) < 0.5:
            return self.audio
        return np.ascontiguousarray(soxr.resample(self.audio.T, faster, sample_rate).T)


def draw_machine(rng: np.random.Generator, sample_rate: int, machine: Machine | None = None) -> Kit:
    """Draw a drum machine, and compute its sounds.

    Parameters
    ----------
    rng : Generator
    sample_rate : int
        Hz.
    machine : {"808", "909", "hard", "soft", "mixed"}, optional
        What its kick and snare are like; "mixed" takes any. Default: drawn.

    Returns
    -------
    Kit
        All the essential pieces, and most of the others. A dry sound takes the same
        treatment in all pieces: drive, fewer bits, another pitch.
    """
    machine = machine or MACHINES[rng.integers(len(MACHINES))]
    treat = _draw_treatment(rng, sample_rate)
    pieces: dict[str, Layers] = {}
    for piece, draw in _recipes(rng, sample_rate, machine).items():
        seed = int(rng.integers(2**31))
        takes = 1 if rng.random() < 0.6 else 2  # of two, the noise differs and little else
        sounds = []
        for _ in range(takes):
            hit = treat(draw(np.random.default_rng(seed)))
            sounds.append(hit)
        if takes == 2:
            sounds[1] = filter_noise(sounds[1], sample_rate, high=rng.uniform(9000, 20000))
        side = rng.uniform(-1, 1) * _SIDE.get(piece.partition("_")[0], _OTHER_SIDE)
        pieces[piece] = (
            tuple(
                SynthesisedHit(audio=_placed(hit, side), sample_rate=sample_rate) for hit in sounds
            ),
        )
    return Kit(f"{machine} drum machine", OWN, pieces)


def _recipes(
    rng: np.random.Generator, sample_rate: int, machine: Machine
) -> dict[str, Callable[[np.random.Generator], Hit]]:
    """Return how each piece is drawn."""
    kicks = {"mixed": "", "hard": "hard"}.get(machine, machine)
    snares = {"mixed": "", "hard": "noise", "soft": "tight"}.get(machine, machine)
    colour = int(rng.integers(2**31))
    closed = float(np.exp(rng.uniform(np.log(0.012), np.log(0.06))))
    opened = closed * rng.uniform(3, 9)
    low_tom = rng.uniform(65, 120)
    conga, agogo = rng.uniform(140, 260), rng.uniform(500, 900)
    r = sample_rate
    every: dict[str, Callable[[np.random.Generator], Hit]] = {
        "kick": lambda g: drum_sounds.kick(g, r, kicks),
        "snare": lambda g: drum_sounds.snare(g, r, snares),
        "hat_closed": lambda g: drum_sounds.hat(g, r, closed, colour),
        "hat_open": lambda g: drum_sounds.hat(g, r, opened, colour),
        "tom_low": lambda g: drum_sounds.tom(g, r, low_tom),
        "tom_mid": lambda g: drum_sounds.tom(g, r, 1.4 * low_tom),
        "tom_high": lambda g: drum_sounds.tom(g, r, 1.9 * low_tom),
        "crash": lambda g: drum_sounds.cymbal(g, r, "crash"),
        "ride": lambda g: drum_sounds.cymbal(g, r, "ride"),
        "clap": lambda g: drum_sounds.clap(g, r),
        "sidestick": lambda g: percussion.wood(g, r, g.uniform(900, 2200)),
    }
    others: dict[str, Callable[[np.random.Generator], Hit]] = {
        "hat_foot": lambda g: drum_sounds.hat(g, r, 0.7 * closed, colour),
        "ride_bell": lambda g: drum_sounds.cymbal(g, r, "bell"),
        "snap": lambda g: percussion.wood(g, r, g.uniform(1500, 3000)),
        "conga_low": lambda g: percussion.conga(g, r, conga),
        "conga_high": lambda g: percussion.conga(g, r, 1.33 * conga),
        "conga_mute": lambda g: percussion.conga(g, r, 1.33 * conga, muted=True),
        "bongo_low": lambda g: percussion.conga(g, r, 1.8 * conga),
        "bongo_high": lambda g: percussion.conga(g, r, 2.4 * conga),
        "cowbell": lambda g: percussion.cowbell(g, r),
        "agogo_low": lambda g: percussion.cowbell(g, r, agogo),
        "agogo_high": lambda g: percussion.cowbell(g, r, 1.5 * agogo),
        "claves": lambda g: percussion.wood(g, r, g.uniform(1800, 2800)),
        "woodblock_high": lambda g: percussion.wood(g, r, g.uniform(900, 1400)),
        "woodblock_low": lambda g: percussion.wood(g, r, g.uniform(500, 800)),
        "shaker": lambda g: percussion.shaker(g, r),
        "maracas": lambda g: percussion.shaker(g, r),
        "cabasa": lambda g: percussion.shaker(g, r),
        "tambourine": lambda g: percussion.shaker(g, r, jingles=True),
        "triangle": lambda g: percussion.triangle(g, r),
        "percussion": lambda g: percussion.blip(g, r),
    }
    every.update({piece: draw for piece, draw in others.items() if rng.random() < _ALWAYS})
    return every


def _draw_treatment(rng: np.random.Generator, sample_rate: int) -> Callable[[Hit], Hit]:
    """Draw what is done to all sounds of a machine."""
    drive = rng.uniform(1, 5) if rng.random() < 0.3 else 0.0
    steps = 2.0 ** rng.uniform(4, 8) if rng.random() < 0.15 else 0.0
    dark = float(np.exp(rng.uniform(np.log(4000), np.log(14000)))) if rng.random() < 0.3 else None

    def treat(hit: NDArray[np.float64]) -> Hit:
        if drive:
            hit = np.tanh(drive * hit) / np.tanh(drive)
        if steps:
            hit = np.round(hit * steps) / steps
        return filter_noise(hit, sample_rate, high=dark)

    return treat


def _placed(hit: Hit, side: float) -> Audio:
    """Place a sound to a side, by the equal-power law. [shape=(2, samples)]."""
    angle = (side + 1) * np.pi / 4
    gains = np.sqrt(2) * np.array([[np.cos(angle)], [np.sin(angle)]])
    return np.asarray(gains * hit, np.float32)
