"""Synthetic rooms.

Early reflections and a tail of noise that decays exponentially, after Moorer, "About this
reverberation business", Computer Music Journal 3(2), 1979; high frequencies decay faster.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ticktone.corpus.effects.levels import Sound

_EARLY_SHARE = 0.4  # of the energy before the decay
_REFERENCE = 1000.0  # Hz: the reverberation time is that of the middle frequencies


def room(
    sample_rate: int,
    rng: np.random.Generator,
    *,
    seconds: float,
    predelay: float = 0.0,
    damping: float = 0.5,
) -> Sound:
    """Draw the impulse response of a room, without the direct sound.

    Parameters
    ----------
    sample_rate : int
        Hz.
    rng : Generator
        Two responses of a kind differ as two rooms of a kind do.
    seconds : float
        Reverberation time: how long a sound takes to decay by 60 dB, up to 1 kHz.
    predelay : float
        Seconds before the first reflection.
    damping : float
        How much faster high frequencies decay: the reverberation time at f is that at 1 kHz
        times (1 kHz / f) ** damping. 0 is a bright plate, 1 a room full of curtains.

    Returns
    -------
    ndarray [shape=(2, taps)]
        Each channel has an energy of 1, and its own reflections.

    Raises
    ------
    ValueError
        If the time is not positive, or predelay or damping is negative.
    """
    if seconds <= 0 or predelay < 0 or damping < 0:
        raise ValueError("seconds must be positive, predelay and damping not negative")
    taps = math.ceil(seconds * sample_rate)
    time = np.arange(taps) / sample_rate
    response = np.zeros((2, taps))
    for part, factor in _octaves(_excitation(sample_rate, rng, seconds, taps), sample_rate):
        part *= 10 ** (-3 * time / (seconds * factor**damping))
        response += part
    response /= np.sqrt(np.sum(response**2, axis=1, keepdims=True))
    silence = np.zeros((2, round(predelay * sample_rate)))
    return np.concatenate([silence, response], axis=1).astype(np.float32)


def _excitation(
    sample_rate: int, rng: np.random.Generator, seconds: float, taps: int
) -> NDArray[np.float64]:
    """Make sparse reflections that give way to noise; in itself it does not decay."""
    time = np.arange(taps) / sample_rate
    # How long reflections stay apart grows with the room: from 10 ms to 80 ms.
    mixing = min(0.08, max(0.01, 0.04 * math.sqrt(seconds)), seconds)
    noise = rng.standard_normal((2, taps)) * np.minimum(1, (time / mixing) ** 2)
    noise *= math.sqrt(1 - _EARLY_SHARE)
    # The energy of the early reflections is that share of what all of them would have had.
    count = 16
    places = rng.uniform(0, mixing, (2, count)) * sample_rate
    strengths = rng.choice([-1, 1], (2, count)) * rng.uniform(0.5, 1.5, (2, count))
    decay = sample_rate * seconds / (6 * math.log(10))  # energy of the whole tail
    strengths *= math.sqrt(_EARLY_SHARE * decay / count)
    for channel in range(2):
        np.add.at(
            noise[channel], np.minimum(places[channel].astype(int), taps - 1), strengths[channel]
        )
    return noise


def _octaves(
    sound: NDArray[np.float64], sample_rate: int
) -> Iterator[tuple[NDArray[np.float64], float]]:
    """Divide a sound into what is up to 1 kHz and the octaves above, which add up to it.

    Yields
    ------
    part : ndarray [shape=(2, taps)]
    factor : float
        1 kHz over the frequency in the octave's middle.
    """
    from scipy import fft  # slow to import

    taps = sound.shape[1]
    size = fft.next_fast_len(taps + 4096, real=True)  # what filters smear past an end is let go
    spectrum = fft.rfft(sound, size)
    frequencies = np.maximum(fft.rfftfreq(size, 1 / sample_rate), 1)
    highest = max(1, round(math.log2(sample_rate / 2 / _REFERENCE)))
    octaves = np.clip(np.log2(frequencies / _REFERENCE), 0, highest)
    for octave in range(highest + 1):
        distance = np.minimum(np.abs(octaves - octave), 1)
        weights = np.cos(np.pi / 2 * distance) ** 2
        yield fft.irfft(spectrum * weights, size)[:, :taps], 2.0**-octave


def convolve(sound: Sound, response: Sound) -> Sound:
    """Return a sound's reverberation in a room, without the sound itself.

    Parameters
    ----------
    sound : ndarray [shape=(2, samples)]
    response : ndarray [shape=(2, taps)]

    Returns
    -------
    ndarray [shape=(2, samples)]
        What rings on after the sound's end is cut.
    """
    from scipy.signal import oaconvolve  # slow to import

    samples = sound.shape[1]
    if not samples:
        return sound
    return np.asarray(oaconvolve(sound, response, axes=-1)[:, :samples], np.float32)


@dataclass(frozen=True)
class Room:
    """What `room` is to make up; see there."""

    kind: str
    seconds: float
    predelay: float
    damping: float

    def response(self, sample_rate: int, rng: np.random.Generator) -> Sound:
        """Draw an impulse response. [shape=(2, taps)]."""
        return room(
            sample_rate, rng, seconds=self.seconds, predelay=self.predelay, damping=self.damping
        )


# Seconds, predelay in seconds, damping: the least and the most.
_ROOMS = {
    "booth": ((0.1, 0.3), (0.0, 0.005), (0.3, 0.8)),
    "room": ((0.3, 0.7), (0.0, 0.015), (0.2, 0.6)),
    "chamber": ((0.6, 1.2), (0.005, 0.025), (0.2, 0.5)),
    "hall": ((1.2, 2.8), (0.01, 0.05), (0.3, 0.7)),
    "plate": ((0.8, 2.5), (0.0, 0.04), (0.0, 0.2)),
}


def draw_room(rng: np.random.Generator) -> Room:
    """Draw a room: a booth, a room, a chamber, a hall or a plate."""
    kind = str(rng.choice(list(_ROOMS)))
    seconds, predelay, damping = (float(rng.uniform(*limits)) for limits in _ROOMS[kind])
    return Room(kind, seconds, predelay, damping)
