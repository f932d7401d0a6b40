"""Channel strips: what a mixing desk does to one part of a song."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ticktone.corpus.effects.compressors import Compression
from ticktone.corpus.effects.equalisers import Band, draw_equaliser, equalise
from ticktone.corpus.effects.levels import Sound, level_db, pan
from ticktone.corpus.effects.saturation import Curve, saturate

Part = Literal["percussive", "harmonic", "bass"]


@dataclass(frozen=True)
class Strip:
    """The settings of a channel.

    Parameters
    ----------
    bands : tuple of Band
        Of the equaliser, which comes first.
    drive_db : float, optional
        See `saturate`. Default: none.
    curve : {"tanh", "hard", "asymmetric"}
    compression : Compression, optional
        Its threshold is relative to the part's level (see `level_db`). Default: none.
    position, width : float
        See `pan`.
    send_db : float
        How much of the channel the song's room gets, for the caller to mix.
    """

    bands: tuple[Band, ...] = ()
    drive_db: float | None = None
    curve: Curve = "tanh"
    compression: Compression | None = None
    position: float = 0.0
    width: float = 1.0
    send_db: float = -12.0

    def apply(self, sound: Sound, sample_rate: int) -> Sound:
        """Send a sound [shape=(2, samples)] through equaliser, saturation, compressor and pan."""
        sound = equalise(sound, sample_rate, self.bands)
        if self.drive_db is not None:
            sound = saturate(sound, sample_rate, self.drive_db, self.curve)
        level = level_db(sound, sample_rate)
        if self.compression is not None and math.isfinite(level):
            sound = self.compression.relative(level).apply(sound, sample_rate)
        return pan(sound, self.position, self.width)


# How often a part is saturated and compressed, the limits of attack in seconds, of the place to
# either side, and of the send in dB.
_HABITS = {
    "percussive": (0.35, 0.7, (0.001, 0.03), 0.3, (-25, -8)),
    "harmonic": (0.25, 0.5, (0.005, 0.05), 0.7, (-20, -5)),
    "bass": (0.4, 0.8, (0.005, 0.03), 0.1, (-40, -20)),
}


def draw_strip(rng: np.random.Generator, kind: Part) -> Strip:
    """Draw a channel's settings as a mixing engineer might choose them for a kind of part."""
    saturated, compressed, attack, aside, send = _HABITS[kind]
    drive_db = float(rng.uniform(-12, 9)) if rng.random() < saturated else None
    compression = None
    if rng.random() < compressed:
        compression = Compression(
            threshold_db=float(rng.uniform(-9, 6)),
            ratio=float(rng.uniform(1.5, 6)),
            attack=float(np.exp(rng.uniform(*np.log(attack)))),
            release=float(np.exp(rng.uniform(*np.log((0.04, 0.4))))),
        )
    curves: tuple[Curve, ...] = ("tanh", "asymmetric", "hard")
    return Strip(
        bands=draw_equaliser(rng, 6.0),
        drive_db=drive_db,
        curve=curves[rng.choice(3, p=[0.5, 0.35, 0.15])],
        compression=compression,
        position=float(rng.uniform(-aside, aside)),
        width=float(rng.uniform(0.4, 1)),
        send_db=float(rng.uniform(*send)),
    )
