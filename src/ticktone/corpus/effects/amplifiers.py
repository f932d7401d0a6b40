"""A guitar amplifier with its loudspeaker."""

import numpy as np

from ticktone.corpus.effects.equalisers import Band, equalise
from ticktone.corpus.effects.levels import Sound, match_level
from ticktone.corpus.effects.saturation import saturate


def amplifier(sound: Sound, sample_rate: int, drive_db: float, rng: np.random.Generator) -> Sound:
    """Play an electric guitar loud: two stages that saturate, and a loudspeaker in a cabinet.

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
        A clean guitar; already distorted ones become denser.
    sample_rate : int
        Hz.
    drive_db : float
        See `saturate`: 10 is crunch, 30 and more is metal.
    rng : Generator
        Draws the amplifier: tone, loudspeaker and cabinet.

    Returns
    -------
    ndarray [shape=(2, samples)]
        As loud as the sound was (see `level_db`).
    """
    before = (
        Band("highpass", rng.uniform(70, 150)),  # or the low strings would turn to mud
        Band("peak", rng.uniform(600, 1000), rng.uniform(3, 8), 0.7),
    )
    cone = rng.uniform(4000, 5200)
    cabinet = (
        Band("peak", rng.uniform(90, 140), rng.uniform(2, 6), 1.2),  # the cabinet's resonance
        Band("peak", rng.uniform(350, 600), rng.uniform(-6, 0), 0.8),
        Band("peak", rng.uniform(2200, 3200), rng.uniform(2, 6), 1.0),  # where the cone breaks up
        Band("lowpass", cone, q=0.9),
        Band("lowpass", cone, q=0.6),
    )
    driven = equalise(sound, sample_rate, before)
    driven = saturate(driven, sample_rate, drive_db / 2, "asymmetric")
    driven = saturate(driven, sample_rate, drive_db / 2, "tanh")
    return match_level(equalise(driven, sample_rate, cabinet), sound, sample_rate)
