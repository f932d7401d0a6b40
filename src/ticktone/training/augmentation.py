"""Augmentation: random variations of an example, as far as the recipe asks for them."""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ticktone.training.example_settings import Augmentation

Sources = NDArray[np.float32]  # [shape=(2, samples)]: harmonic, percussive

LOWEST = 50.0  # Hz; below it the equaliser is flat
BANDS = 8  # points at which the equaliser's response is drawn


def draw_speed(settings: Augmentation, rng: np.random.Generator) -> float:
    """Draw an example's speed, 1 being as recorded."""
    return float(rng.uniform(*settings.speed))


def augment(
    sources: Sources, settings: Augmentation, sample_rate: int, rng: np.random.Generator
) -> Sources:
    """Return an example's sources, varied.

    Parameters
    ----------
    sources : ndarray [shape=(2, samples)]
        Harmonic and percussive.
    settings : Augmentation
    sample_rate : int
        Hz.
    rng : Generator

    Returns
    -------
    ndarray [shape=(2, samples)]
    """
    varied = np.stack([augment_signal(source, settings, sample_rate, rng) for source in sources])
    if rng.random() < settings.silence:
        varied[rng.integers(len(varied))] = 0
    return varied


def augment_signal(
    sound: NDArray[np.float32], settings: Augmentation, sample_rate: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return a sound with another colour, level and polarity. [shape=(samples,)]."""
    if settings.equaliser:
        sound = equalise(sound, settings.equaliser, sample_rate, rng)
    if settings.gain != (0.0, 0.0):
        sound = sound * np.float32(10 ** (rng.uniform(*settings.gain) / 20))
    return -sound if rng.random() < settings.polarity else sound


def equalise(
    sound: NDArray[np.float32], most: float, sample_rate: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return a sound filtered by a random response, smooth over log frequency, without delay.

    Parameters
    ----------
    sound : ndarray [shape=(samples,)]
    most : float
        Greatest boost or cut, dB.
    sample_rate : int
        Hz.
    rng : Generator

    Returns
    -------
    ndarray [shape=(samples,)]
    """
    length = scipy.fft.next_fast_len(len(sound), real=True)
    points = np.geomspace(LOWEST, sample_rate / 2, BANDS)
    response = rng.uniform(-most, most, BANDS)
    frequencies = np.maximum(scipy.fft.rfftfreq(length, 1 / sample_rate), LOWEST)
    decibels = np.interp(np.log(frequencies), np.log(points), response)
    gains = (10 ** (decibels / 20)).astype(np.float32)
    filtered: NDArray[np.float32] = scipy.fft.irfft(scipy.fft.rfft(sound, length) * gains, length)
    return filtered[: len(sound)]
