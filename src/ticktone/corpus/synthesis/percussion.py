"""Synthesised small percussion: what is struck, shaken or clicked beside the drums.

Each function draws an instrument and returns one hit. [shape=(samples,)].
"""

import numpy as np

from ticktone.corpus.synthesis.drum_sounds import Hit, _falling, _finish, _scale
from ticktone.corpus.synthesis.envelopes import decay
from ticktone.corpus.synthesis.filters import filter_noise


def conga(rng: np.random.Generator, sample_rate: int, hertz: float, muted: bool = False) -> Hit:
    """Draw a conga, a bongo or another hand drum of a pitch in Hz."""
    ring = _scale(rng, 0.015, 0.035) if muted else _scale(rng, 0.05, 0.16)
    samples = round(0.02 * sample_rate + 6 * ring * sample_rate)
    body = _falling(samples, sample_rate, hertz, hertz * rng.uniform(1.02, 1.3), 0.02)
    body += 0.3 * _falling(samples, sample_rate, 1.6 * hertz, 1.7 * hertz, 0.02)
    slap = filter_noise(rng.standard_normal(samples), sample_rate, 1200, 5000)
    body += rng.uniform(0.05, 0.5) * slap * decay(samples, sample_rate, 0.004)
    return _finish(body * decay(samples, sample_rate, ring, 0.001), sample_rate)


def cowbell(rng: np.random.Generator, sample_rate: int, hertz: float = 0.0) -> Hit:
    """Draw a cowbell or an agogo: two square waves through a filter."""
    hertz = hertz or rng.uniform(480, 700)
    ring = _scale(rng, 0.04, 0.18)
    samples = round(6 * ring * sample_rate)
    time = np.arange(samples) / sample_rate
    wave = np.sign(np.sin(2 * np.pi * hertz * time))
    wave += np.sign(np.sin(2 * np.pi * hertz * rng.uniform(1.42, 1.52) * time))
    wave = filter_noise(wave, sample_rate, 1.2 * hertz, 6 * hertz)
    envelope = 0.5 * decay(samples, sample_rate, 0.01) + decay(samples, sample_rate, ring)
    return _finish(wave * envelope, sample_rate)


def wood(rng: np.random.Generator, sample_rate: int, hertz: float) -> Hit:
    """Draw a clave, a wood block or a rim: a short, dry ring."""
    ring = _scale(rng, 0.006, 0.03)
    samples = round(8 * ring * sample_rate) + 200
    body = _falling(samples, sample_rate, hertz, 1.05 * hertz, 0.003)
    body += rng.uniform(0, 0.7) * _falling(samples, sample_rate, 2.7 * hertz, 2.8 * hertz, 0.003)
    noise = filter_noise(rng.standard_normal(samples), sample_rate, low=2000)
    body += rng.uniform(0, 0.5) * noise * decay(samples, sample_rate, 0.0015)
    return _finish(body * decay(samples, sample_rate, ring, 2e-4), sample_rate, rng.uniform(0, 3))


def shaker(rng: np.random.Generator, sample_rate: int, jingles: bool = False) -> Hit:
    """Draw a shaker, maracas or a cabasa; with `jingles`, a tambourine."""
    seconds = _scale(rng, 0.012, 0.06)
    samples = round(8 * seconds * sample_rate) + 200
    sound = filter_noise(rng.standard_normal(samples), sample_rate, _scale(rng, 3000, 8000))
    if jingles:
        time = np.arange(samples) / sample_rate
        for hertz in rng.uniform(4500, 11000, 7):
            sound += 0.5 * np.sin(2 * np.pi * (hertz * time + rng.random()))
    attack = rng.uniform(0.0005, 0.02)  # a shaker's beads take their time
    return _finish(sound * decay(samples, sample_rate, seconds, attack), sample_rate)


def triangle(rng: np.random.Generator, sample_rate: int) -> Hit:
    """Draw a triangle or a finger cymbal, struck and soon damped."""
    seconds = _scale(rng, 0.05, 0.4)
    samples = round(6 * seconds * sample_rate)
    time = np.arange(samples) / sample_rate
    lowest = rng.uniform(1200, 3500)
    sound = np.zeros(samples)
    for ratio in (1, 2.41, 3.7, 5.2, *rng.uniform(2, 6, 2)):
        sound += np.sin(2 * np.pi * (lowest * ratio * time + rng.random())) / ratio**0.3
    return _finish(sound * decay(samples, sample_rate, seconds), sample_rate)


def blip(rng: np.random.Generator, sample_rate: int) -> Hit:
    """Draw a click, a pop or a glitch, of FM or of crushed noise."""
    seconds = _scale(rng, 0.004, 0.05)
    samples = round(7 * seconds * sample_rate) + 200
    time = np.arange(samples) / sample_rate
    carrier = _scale(rng, 150, 5000)
    depth = rng.uniform(0, 8) * decay(samples, sample_rate, seconds / 2, 1e-5)
    sound = np.sin(
        2 * np.pi * carrier * time
        + depth * np.sin(2 * np.pi * carrier * rng.uniform(0.3, 4) * time)
    )
    if rng.random() < 0.4:
        hold = int(rng.integers(4, 24))  # samples for one, as a bad converter does
        sound = np.repeat((sound + rng.standard_normal(samples))[::hold], hold)[:samples]
    return _finish(sound * decay(samples, sample_rate, seconds, 1e-4), sample_rate)
