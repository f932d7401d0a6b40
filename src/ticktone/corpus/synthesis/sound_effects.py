"""Sounds that are neither drum nor tone: risers, sweeps, zaps and bursts of noise.

**The rule:** one that is longer than a beat is of the harmonic part, for it is heard as something
that goes on; one that is not is of the percussive part, for it is heard as a hit. The same goes for
the noise of machines: hiss and hum go on, the crackle of a record hits.
"""

from typing import Literal, get_args

import numpy as np

from ticktone.corpus.effects import Sound
from ticktone.corpus.synthesis.envelopes import decay, fade_ends
from ticktone.corpus.synthesis.filters import filter_noise

Effect = Literal["riser", "sweep", "zap", "burst"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)

_LEAST_DB = -24.0  # to the loudest: what is softer at an effect's ends is not heard as of it
_BANDS = 6


def part_of(sound: Sound, sample_rate: int, beat: float) -> Literal["harmonic", "percussive"]:
    """Return the part that a sound effect is of.

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    beat : float
        Seconds.

    Returns
    -------
    {"harmonic", "percussive"}
        "harmonic" if it is heard, within 24 dB of its loudest, for longer than a beat.
    """
    return "harmonic" if heard_seconds(sound, sample_rate) > beat else "percussive"


def heard_seconds(sound: Sound, sample_rate: int) -> float:
    """Return for how long a sound is within 24 dB of its loudest."""
    frame = max(1, round(0.01 * sample_rate))
    peaks = np.maximum.reduceat(abs(sound).max(axis=0), np.arange(0, sound.shape[1], frame))
    loud = np.flatnonzero(peaks > peaks.max() * 10 ** (_LEAST_DB / 20))
    return float((loud[-1] + 1 - loud[0]) * frame / sample_rate) if len(loud) else 0.0


def draw_effect(kind: Effect, seconds: float, rng: np.random.Generator, sample_rate: int) -> Sound:
    """Draw a sound effect.

    Parameters
    ----------
    kind : {"riser", "sweep", "zap", "burst"}
        A riser grows louder and higher, a sweep comes down, a zap is a tone that falls through
        octaves at once, a burst is noise.
    seconds : float
    rng : Generator
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray [shape=(2, samples)]
        With a peak of 1.
    """
    samples = max(64, round(seconds * sample_rate))
    share = np.arange(samples) / samples
    match kind:
        case "riser":
            sound = _moving(share ** rng.uniform(0.7, 1.6), rng, sample_rate)
            sound *= share ** rng.uniform(0.8, 3)
        case "sweep":
            sound = _moving(1 - share ** rng.uniform(0.4, 1), rng, sample_rate)
            sound *= (1 - share) ** rng.uniform(0.8, 2)
        case "zap":
            sound = _zap(samples, rng, sample_rate)
        case "burst":
            low = np.exp(rng.uniform(np.log(200), np.log(4000)))
            noise = rng.standard_normal((2, samples))
            sound = filter_noise(noise, sample_rate, low, low * rng.uniform(2, 20))
            # A long one swells, a short one hits
            attack = 0.4 * seconds if seconds > 0.5 else 0.002
            sound = sound * decay(samples, sample_rate, seconds / 4, attack)
    for channel in sound:
        fade_ends(channel, sample_rate)
    return np.asarray(sound / max(1e-9, abs(sound).max()), np.float32)


def _moving(height: np.ndarray, rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """Make noise, or noise and tone, whose middle is as high as `height`, from 0 to 1."""
    samples = len(height)
    noise = rng.standard_normal((2, samples))
    octaves = np.log2(min(14000, 0.4 * sample_rate) / 200)
    total = np.zeros((2, samples))
    for band in range(_BANDS):
        centre = band / (_BANDS - 1)
        hertz = 200 * 2 ** (octaves * centre)
        weight = np.maximum(0, 1 - abs(height - centre) * (_BANDS - 1) / 1.5)
        total += weight * filter_noise(noise, sample_rate, hertz / 1.6, hertz * 1.6)
    if rng.random() < 0.4:
        start = np.log(rng.uniform(80, 400))
        frequency = np.exp(start + rng.uniform(1, 3) * height)
        phase = np.cumsum(frequency) / sample_rate
        total += rng.uniform(0.1, 0.5) * (2 * (phase % 1) - 1)
    return total


def _zap(samples: int, rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    time = np.arange(samples) / sample_rate
    seconds = samples / sample_rate
    low, high = rng.uniform(60, 400), rng.uniform(2000, 9000)
    frequency = low + (high - low) * np.exp(-time / (seconds * rng.uniform(0.08, 0.3)))
    phase = np.cumsum(frequency) / sample_rate
    wave = np.sin(2 * np.pi * phase) if rng.random() < 0.6 else 2 * (phase % 1) - 1
    return np.tile(wave * decay(samples, sample_rate, seconds / 3, 0.001), (2, 1))
