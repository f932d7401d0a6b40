"""Synthesised drums and cymbals, from those of the TR-808 and TR-909 to far from them.

Each function draws a drum and returns one hit. [shape=(samples,)], about full scale.
"""

import numpy as np
from numpy.typing import NDArray

from ticktone.corpus.synthesis.envelopes import decay, fade_ends
from ticktone.corpus.synthesis.filters import filter_noise
from ticktone.corpus.synthesis.oscillators import metal

Hit = NDArray[np.float64]


def _scale(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _falling(
    samples: int, sample_rate: int, end: float, start: float, seconds: float
) -> NDArray[np.float64]:
    """Compute a sine whose frequency in Hz falls exponentially."""
    time = np.arange(samples) / sample_rate
    frequency = end + (start - end) * np.exp(-time / seconds)
    sine: NDArray[np.float64] = np.sin(2 * np.pi * np.cumsum(frequency) / sample_rate)
    return sine


def _finish(hit: Hit, sample_rate: int, drive: float = 0.0) -> Hit:
    hit = hit / max(1e-9, abs(hit).max())
    if drive:
        hit = np.tanh(drive * hit) / np.tanh(drive)
    fade_ends(hit, sample_rate)
    return hit


def kick(rng: np.random.Generator, sample_rate: int, style: str = "") -> Hit:
    """Draw a bass drum: "808" rings, "909" drops and clicks, "hard" is driven, "soft" is dull."""
    style = style or str(rng.choice(["808", "909", "909", "909", "hard", "hard", "soft", "soft"]))
    end = rng.uniform(38, 62)
    # Most are over within a tenth of a second, as on records: docs/training.md compares them.
    low, high = {"808": (0.08, 0.5), "909": (0.04, 0.13), "hard": (0.05, 0.15)}.get(
        style, (0.03, 0.1)
    )
    ring = _scale(rng, low, high)
    samples = round(min(1.6, 6 * ring) * sample_rate)
    drop = {"808": (1.3, 3), "909": (3, 9), "hard": (5, 14)}.get(style, (1.5, 4))
    seconds = _scale(rng, 0.008, 0.05)
    body = _falling(samples, sample_rate, end, end * rng.uniform(*drop), seconds)
    body *= decay(samples, sample_rate, ring, 0.001)
    click = rng.uniform(0, 0.25) if style in ("808", "soft") else rng.uniform(0.1, 0.7)
    length = min(samples, round(0.02 * sample_rate))
    burst = filter_noise(rng.standard_normal(length), sample_rate, low=_scale(rng, 800, 5000))
    body[:length] += click * burst * decay(length, sample_rate, _scale(rng, 0.0008, 0.004), 1e-4)
    drive = {"hard": rng.uniform(3, 12), "909": rng.uniform(0.5, 3)}.get(style, rng.uniform(0.2, 2))
    return _finish(body, sample_rate, drive)


def snare(rng: np.random.Generator, sample_rate: int, style: str = "") -> Hit:
    """Draw a snare: "808", "909", "noise" (no skin at all), "tight" or "big" (a gated room)."""
    style = style or str(rng.choice(["808", "909", "909", "noise", "tight", "big"]))
    snap = _scale(rng, 0.03, 0.09) if style == "tight" else _scale(rng, 0.06, 0.22)
    samples = round(min(0.9, 7 * snap) * sample_rate)
    tuned = rng.uniform(140, 290)
    skin = _falling(samples, sample_rate, tuned, tuned * rng.uniform(1.1, 1.8), 0.012)
    skin += rng.uniform(0.2, 0.7) * _falling(samples, sample_rate, 1.78 * tuned, 2.1 * tuned, 0.01)
    skin *= decay(samples, sample_rate, _scale(rng, 0.02, 0.11))
    share = 0.0 if style == "noise" else rng.uniform(0.3, 1)
    low = _scale(rng, 400, 3500)
    noise = filter_noise(rng.standard_normal(samples), sample_rate, low, _scale(rng, 6000, 2e4))
    noise *= decay(samples, sample_rate, snap)
    if style == "big":  # a room that is cut off
        cut = round(rng.uniform(0.12, 0.35) * sample_rate)
        room = filter_noise(rng.standard_normal(samples), sample_rate, 250, 7000)
        room[cut:] *= decay(len(room[cut:]), sample_rate, 0.006, 1e-5)
        noise += rng.uniform(0.2, 0.6) * room * decay(samples, sample_rate, 0.5, 0.004)
    noise /= 2 * np.sqrt(np.mean(noise[: round(0.05 * sample_rate)] ** 2)) + 1e-9
    return _finish(share * skin + noise * rng.uniform(0.4, 1), sample_rate, rng.uniform(0.3, 3))


def clap(rng: np.random.Generator, sample_rate: int) -> Hit:
    """Draw a clap: three or four bursts of noise, and a tail."""
    samples = round(0.5 * sample_rate)
    envelope = np.zeros(samples)
    gap = rng.uniform(0.006, 0.014)
    bursts = int(rng.integers(2, 5))
    for burst in range(bursts):
        at = round(burst * gap * rng.uniform(0.9, 1.1) * sample_rate)
        envelope[at:] += decay(samples - at, sample_rate, rng.uniform(0.002, 0.006))
    at = round(bursts * gap * sample_rate)
    envelope[at:] += decay(samples - at, sample_rate, _scale(rng, 0.03, 0.12))
    centre = _scale(rng, 800, 2200)
    noise = filter_noise(
        rng.standard_normal(samples), sample_rate, 0.6 * centre, centre * rng.uniform(1.6, 5)
    )
    return _finish(noise * envelope, sample_rate, rng.uniform(0.3, 2))


def hat(rng: np.random.Generator, sample_rate: int, seconds: float, colour: int = -1) -> Hit:
    """Draw a hi-hat that falls with a time constant of `seconds`.

    The `colour` decides what it is made of, so that an open and a closed one can be one hi-hat.
    """
    own = np.random.default_rng(colour if colour >= 0 else int(rng.integers(2**31)))
    samples = round(min(1.5, 7 * seconds) * sample_rate) + 64
    kind = own.choice(["metal", "noise", "fm"], p=(0.5, 0.35, 0.15))
    edge = _scale(own, 4500, 9500)
    if kind == "metal":
        high = own.uniform(200, 900, 6) * own.uniform(1, 2.2)
        sound = metal(samples, sample_rate, high, rng)
    elif kind == "fm":
        time = np.arange(samples) / sample_rate
        carrier = own.uniform(3000, 8000)
        wave = 6 * np.sin(2 * np.pi * carrier * own.uniform(1.2, 1.9) * time)
        sound = np.sin(2 * np.pi * carrier * time + wave)
    else:
        sound = rng.standard_normal(samples)
    sound = filter_noise(sound, sample_rate, low=edge, high=_scale(own, 11000, 22000), order=3)
    return _finish(sound * decay(samples, sample_rate, seconds), sample_rate)


def tom(rng: np.random.Generator, sample_rate: int, hertz: float) -> Hit:
    """Draw a tom of a pitch in Hz."""
    ring = _scale(rng, 0.07, 0.3)
    samples = round(min(1.2, 6 * ring) * sample_rate)
    start = hertz * rng.uniform(1.2, 2.2)
    body = _falling(samples, sample_rate, hertz, start, _scale(rng, 0.015, 0.08))
    body *= decay(samples, sample_rate, ring, 0.001)
    noise = filter_noise(rng.standard_normal(samples), sample_rate, 300, 6000)
    body += rng.uniform(0, 0.3) * noise * decay(samples, sample_rate, 0.02)
    return _finish(body, sample_rate, rng.uniform(0.2, 2.5))


def cymbal(rng: np.random.Generator, sample_rate: int, style: str = "crash") -> Hit:
    """Draw a "crash", a "ride" or a ride's "bell"."""
    ring = {"crash": (0.35, 1.1), "ride": (0.25, 0.7)}.get(style, (0.2, 0.5))
    seconds = _scale(rng, *ring)
    samples = round(min(3.5, 5 * seconds) * sample_rate)
    high = rng.uniform(250, 1800, 10) * rng.uniform(1, 1.8)
    rings = metal(samples, sample_rate, high, rng)
    noise = rng.standard_normal(samples)
    share = rng.uniform(0.2, 1) if style == "crash" else rng.uniform(0, 0.3)
    edge = _scale(rng, 2500, 6000) if style != "bell" else _scale(rng, 700, 1500)
    sound = filter_noise(rings + share * noise, sample_rate, low=edge, high=17000)
    attack = decay(samples, sample_rate, 0.02) * rng.uniform(0.3, 2)
    return _finish(sound * (decay(samples, sample_rate, seconds, 0.001) + attack), sample_rate)
