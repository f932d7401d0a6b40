"""What makes a record of a mix: drum bus, ducking by the kick, a master that both parts share."""

from collections.abc import Sequence

import numpy as np
import pretty_midi
from numpy.typing import NDArray

from ticktone.corpus.effects import Band, Compression, Sound, gain, gains, level_db, saturate
from ticktone.corpus.synthesis.production import bend_gains, ducking

LIMITER = (-6.0, 12.0, 0.0005, 0.08)  # of the mixture: threshold, ratio, attack, release

_KICKS = (35, 36)  # General MIDI's acoustic bass drum and bass drum 1
_DUCKED_RATE = 0.35  # how often the kick ducks the rest
_PUSH_DB = (0.0, 9.0)  # how far a mix is pushed into the master's compressor and limiter


def kick_times(parts: Sequence[pretty_midi.Instrument]) -> list[float]:
    """List when a score's bass drums are struck, in seconds."""
    return sorted(
        note.start for part in parts if part.is_drum for note in part.notes if note.pitch in _KICKS
    )


def drum_bus(drums: Sound, sample_rate: int, rng: np.random.Generator) -> Sound:
    """Send drums through one bus: a compressor, wholly or beside the dry sound, and saturation.

    Parameters
    ----------
    drums : ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    rng : Generator

    Returns
    -------
    ndarray [shape=(2, samples)]
        Silence stays silent.
    """
    compression = Compression(
        threshold_db=float(rng.uniform(-6, 4)),
        ratio=float(rng.uniform(2, 8)),
        attack=float(np.exp(rng.uniform(*np.log((0.001, 0.03))))),
        release=float(rng.uniform(0.05, 0.3)),
    )
    wet = float(rng.choice((1.0, rng.uniform(0.3, 0.8))))  # less: parallel compression
    drive_db = float(rng.uniform(-15, 6))
    level = level_db(drums, sample_rate)
    if not np.isfinite(level):
        return drums
    pressed = compression.relative(level).apply(drums, sample_rate)
    mixed: Sound = np.float32(1 - wet) * drums + np.float32(wet) * pressed
    return saturate(mixed, sample_rate, drive_db)


def draw_ducking(
    kicks: Sequence[float], samples: int, sample_rate: int, rng: np.random.Generator
) -> NDArray[np.float32] | None:
    """Draw the factors by which the kick turns the rest down. [shape=(samples,)].

    Parameters
    ----------
    kicks : sequence of float
        Seconds.
    samples : int
    sample_rate : int
        Hz.
    rng : Generator

    Returns
    -------
    ndarray, optional
        None where nothing is ducked, as in most records, or there are no kicks.
    """
    if rng.random() >= _DUCKED_RATE or not kicks:
        return None
    depth, release = float(rng.uniform(0.15, 0.9)), float(rng.uniform(0.08, 0.4))
    return ducking(samples, sample_rate, kicks, depth, release)


def draw_master_bands(rng: np.random.Generator) -> tuple[Band, Band]:
    """Draw the master's equaliser, which is the same for both parts."""
    return (
        Band("low_shelf", rng.uniform(80, 250), rng.uniform(-3, 3)),
        Band("high_shelf", rng.uniform(4000, 9000), rng.uniform(-4, 4)),
    )


def draw_push(rng: np.random.Generator) -> float:
    """Draw by how many dB a mix is pushed into its master."""
    return float(rng.uniform(*_PUSH_DB))


def master_gains(
    mixture: Sound, sample_rate: int, rng: np.random.Generator, push_db: float = 0.0
) -> NDArray[np.float32]:
    """Draw a master and compute its factors: glue, saturation and a limiter.

    Applied to both parts, the factors master the mixture, and the parts still add up to it.

    Parameters
    ----------
    mixture : ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    rng : Generator
    push_db : float
        How much louder the mixture is as it goes in; as much is taken away again.

    Returns
    -------
    ndarray [shape=(2, samples)]
    """
    pushed = gain(mixture, push_db) if push_db else mixture
    factors = np.ones_like(pushed)
    if rng.random() < 0.5:  # glue
        level = level_db(pushed, sample_rate)
        factors *= gains(
            pushed, sample_rate, level + rng.uniform(-6, 6), rng.uniform(1.3, 4),
            rng.uniform(0.005, 0.03), rng.uniform(0.05, 0.3),
        )  # fmt: skip
    if rng.random() < 0.4:
        peak = max(1e-6, float(abs(pushed * factors).max()))
        factors *= bend_gains(pushed * factors, float(rng.uniform(0.3, 3)) / peak)
    factors *= gains(pushed * factors, sample_rate, *LIMITER)
    return factors
