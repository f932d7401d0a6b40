"""Production: what is done to parts beyond the mixing desk's effects.

All of it is pure, and either of one part or linear: what is done to the whole mixture is done to
both parts alike, so that they still add up.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ticktone.corpus.effects import Band, Sound, equalise
from ticktone.corpus.synthesis.filters import filter_noise

_BLOCK = 16  # samples for which a slow curve stands still before it is interpolated


def ducking(
    samples: int,
    sample_rate: int,
    times: Sequence[float],
    depth: float,
    release: float,
) -> NDArray[np.float32]:
    """Compute the factors by which a kick's compressor turns the rest down. [shape=(samples,)].

    Parameters
    ----------
    samples : int
    sample_rate : int
        Hz.
    times : sequence of float
        Of the kicks, in seconds.
    depth : float
        0 to 1: how much of the amplitude is taken away at a kick.
    release : float
        Seconds in which it comes back.
    """
    coarse = samples // _BLOCK + 2
    at = np.arange(coarse) * _BLOCK / sample_rate
    kicks = np.sort(np.asarray(times, float))
    if not len(kicks):
        return np.ones(samples, np.float32)
    last = np.searchsorted(kicks, at, side="right") - 1
    since = np.where(last >= 0, at - kicks[np.maximum(last, 0)], np.inf)
    back = np.clip(since / release, 0, 1)
    factors = 1 - depth * (1 - back**2 * (3 - 2 * back))
    # It takes a few milliseconds to turn down
    factors = np.minimum(factors, _smooth(factors, 8))
    return _fine(factors, samples)


def gate(
    samples: int, sample_rate: int, step: float, pattern: Sequence[bool], depth: float
) -> NDArray[np.float32]:
    """Compute the factors of a gate that keeps to a pattern. [shape=(samples,)].

    Parameters
    ----------
    samples : int
    sample_rate : int
        Hz.
    step : float
        Seconds of one of the pattern's steps.
    pattern : sequence of bool
        Whether it is open.
    depth : float
        0 to 1.
    """
    coarse = samples // _BLOCK + 2
    at = np.arange(coarse) * _BLOCK / sample_rate
    is_open = np.asarray(pattern)[(at / step).astype(int) % len(pattern)]
    width = max(1, round(0.006 * sample_rate / _BLOCK))
    smooth = _smooth(is_open.astype(float), width)
    return _fine(1 - depth * (1 - smooth), samples)


def _smooth(factors: NDArray[np.floating], width: int) -> NDArray[np.floating]:
    """Average over `width` blocks around each."""
    padded = np.pad(factors, (width // 2, width - 1 - width // 2), "edge")
    return np.convolve(padded, np.ones(width) / width, "valid")


def _fine(factors: NDArray[np.floating], samples: int) -> NDArray[np.float32]:
    """Interpolate from blocks to samples."""
    share = np.linspace(0, 1, _BLOCK, endpoint=False, dtype=np.float32)
    coarse = factors.astype(np.float32)
    rise = coarse[1:] - coarse[:-1]
    fine: NDArray[np.float32] = (coarse[:-1, None] + rise[:, None] * share).reshape(-1)[:samples]
    return fine


def echo(
    sound: Sound,
    sample_rate: int,
    seconds: float,
    feedback: float,
    level: float,
    cutoff: float,
    ping_pong: bool = False,
) -> Sound:
    """Add echoes, each duller than the last. [shape=(2, samples)].

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    seconds : float
        From echo to echo.
    feedback : float
        0 to 1: how loud each is to the last.
    level : float
        Of the first.
    cutoff : float
        Hz; what is above is taken from each echo.
    ping_pong : bool
        Whether echoes change sides.
    """
    delay = round(seconds * sample_rate)
    total, repeat = sound.copy(), sound * np.float32(level)
    for _ in range(12):
        if delay >= repeat.shape[1] or level < 0.02:
            break
        shifted = np.zeros_like(sound)
        shifted[:, delay:] = repeat[:, : sound.shape[1] - delay]
        repeat = equalise(shifted, sample_rate, (Band("lowpass", cutoff),))
        if ping_pong:
            repeat = repeat[::-1]
        total += repeat
        repeat = repeat * np.float32(feedback)
        level *= feedback
    return total


def chorus(sound: Sound, sample_rate: int, hertz: float, depth: float, level: float) -> Sound:
    """Add copies whose delay moves to and fro, other ones to each side. [shape=(2, samples)].

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    hertz : float
        Of the movement.
    depth : float
        Seconds that the delay moves by, about a middle of 8 ms and more.
    level : float
        Of the copies.
    """
    at = np.arange(sound.shape[1], dtype=np.float64)
    wet = np.empty_like(sound)
    for channel in range(2):
        swing = np.sin(2 * np.pi * hertz * at / sample_rate + channel * np.pi / 2)
        delay = (0.008 + depth * (1 + swing)) * sample_rate
        wet[channel] = _read(sound[channel], at - delay)
    return sound + np.float32(level) * wet


def wow(sound: Sound, sample_rate: int, curve: NDArray[np.floating]) -> Sound:
    """Play a sound as a machine does whose speed wavers. [shape=(2, samples)].

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    curve : ndarray [shape=(samples,)]
        Seconds by which each sample is late; see `draw_wow`.
    """
    at = np.arange(sound.shape[1]) - curve * sample_rate
    return np.stack([_read(channel, at) for channel in sound])


def draw_wow(
    samples: int, sample_rate: int, strength: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw how a tape or a record wavers, in seconds. [shape=(samples,)]."""
    time = np.arange(samples) / sample_rate
    late = np.zeros(samples)
    for low, high, speed in ((0.4, 1.2, 0.003), (4, 9, 0.0008)):
        hertz = rng.uniform(low, high)
        # A speed that is off by `speed` at most
        swing = strength * speed * rng.uniform(0.2, 1) / (2 * np.pi * hertz)
        late += swing * (1 + np.sin(2 * np.pi * (hertz * time + rng.random())))
    return late


def _read(sound: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """Interpolate a sound [shape=(samples,)] at places in samples."""
    at = np.clip(at, 0, len(sound) - 1.001)
    index = at.astype(np.int64)
    share = (at - index).astype(np.float32)
    first = sound.take(index)
    return first + share * (sound.take(np.minimum(index + 1, len(sound) - 1)) - first)


def hold(sound: Sound, factor: int) -> Sound:
    """Keep one sample of some, as cheap samplers did: linear, with all that folds back."""
    held: Sound = np.repeat(sound[:, ::factor], factor, axis=1)[:, : sound.shape[1]]
    return held


def opening(sound: Sound, sample_rate: int, low: float, high: float) -> Sound:
    """Play a sound through a lowpass that opens from `low` to `high` Hz over its length."""
    steps = 5
    share = np.linspace(0, steps - 1, sound.shape[1], dtype=np.float32)
    total = np.zeros_like(sound)
    for step in range(steps):
        cutoff = low * (high / low) ** (step / (steps - 1))
        weight = np.maximum(0, 1 - abs(share - step))
        total += weight * equalise(sound, sample_rate, (Band("lowpass", cutoff),))
    return total


def crackle(samples: int, sample_rate: int, rate: float, rng: np.random.Generator) -> Sound:
    """Draw the crackle of a record, `rate` a second; of very different strengths."""
    clicks = np.zeros((2, samples))
    count = rng.poisson(rate * samples / sample_rate)
    strengths = rng.choice((-1, 1), count) * rng.lognormal(-1.5, 1.0, count)
    clicks[rng.integers(0, 2, count), rng.integers(0, max(1, samples), count)] = strengths
    clicks += 0.7 * clicks[::-1]
    return np.asarray(filter_noise(clicks, sample_rate, 600, 7000, order=1), np.float32)


def hiss(samples: int, sample_rate: int, rng: np.random.Generator) -> Sound:
    """Draw the hiss of a tape, and now and then the hum of the mains."""
    noise = rng.standard_normal((2, samples), np.float32)
    if rng.random() < 0.3:
        time = np.arange(samples) / sample_rate
        noise += (rng.uniform(0.3, 2) * np.sin(2 * np.pi * 50 * time)).astype(np.float32)
    return equalise(noise, sample_rate, (Band("high_shelf", 4000, rng.uniform(-12, 3)),))


def bend_gains(mixture: Sound, drive: float) -> NDArray[np.float32]:
    """Compute the factors by which a curve that bends turns a mixture down. [shape=(2, samples)].

    Applied to both parts, they saturate the mixture, and the parts still add up to it.
    """
    driven = np.maximum(abs(mixture) * np.float32(drive), np.float32(1e-4))
    return np.asarray(np.tanh(driven) / driven, np.float32)
