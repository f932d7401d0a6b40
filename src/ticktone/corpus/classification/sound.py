"""What a sound says about being percussive or harmonic: figures of an instrument played alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.median import median_along

SAMPLE_RATE = 22_050  # Hz; what a sound is described at

_WINDOW = 1024  # samples
_HOP = 256
_LONGEST = 40.0  # seconds of sound that are looked at
_KERNEL = 17  # frames and bins of the median filters
_SILENCE = 1e-5  # of full scale
_GATE = 1e-4  # of the loudest frame's power; what is below is a pause
_LOUD = 1e-2  # of the loudest frame's power: frames whose flatness is averaged
_BAND = 1e-4  # of the strongest bin's mean power: what is above the last such bin is no sound
_LEAST_BINS = 93  # 2 kHz


@dataclass(frozen=True)
class SoundDescription:
    """Figures of a sound, pauses left out.

    Parameters
    ----------
    percussive_share : float
        Share of its energy, 0 to 1, that median filtering (Fitzgerald 2010) takes for percussive.
    flatness : float
        Mean spectral flatness of its loud frames, up to the highest frequency that it has: 0 for a
        tone, about 0.56 for noise, that of a sample of few kHz too.
    sustain : float
        Level 150 to 250 ms after onsets in dB of the level in their first 50 ms; 0 for an organ,
        -20 and less for most drums.
    """

    percussive_share: float
    flatness: float
    sustain: float


def describe(sound: NDArray[np.float32]) -> SoundDescription | None:
    """Describe a sound; None if it is silent.

    Parameters
    ----------
    sound : ndarray [shape=(samples,)]
        At `SAMPLE_RATE`.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).standard_normal(22_050).astype(np.float32)
    >>> describe(noise).flatness > 0.5
    True
    """
    if not len(sound) or abs(sound).max() < _SILENCE:
        return None
    sound = np.pad(sound, (0, max(0, _WINDOW + _KERNEL * _HOP - len(sound))))
    window = np.hanning(_WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
    level = np.einsum("fs,fs->f", frames, frames)
    heard = np.flatnonzero(level > _GATE * level.max())
    # A frame on either side, so that an onset from a pause remains one.
    heard = np.unique(np.clip(heard[:, np.newaxis] + (-1, 0, 1), 0, len(level) - 1))
    heard = heard[: round(_LONGEST * SAMPLE_RATE / _HOP)]
    magnitude = np.abs(np.fft.rfft(frames[heard] * window, axis=1)).astype(np.float32)
    return SoundDescription(
        percussive_share=round(_percussive_share(magnitude), 3),
        flatness=round(_flatness(magnitude**2), 4),
        sustain=round(_sustain(level), 1),
    )


def _flatness(power: NDArray[np.float32]) -> float:
    mean = power.mean(axis=0)
    highest = np.flatnonzero(mean > _BAND * mean.max())[-1]
    loudness = power.sum(axis=1)
    band = power[loudness > _LOUD * loudness.max(), : max(_LEAST_BINS, int(highest))] + 1e-12
    return float((np.exp(np.log(band).mean(axis=1)) / band.mean(axis=1)).mean())


def _percussive_share(magnitude: NDArray[np.float32]) -> float:
    harmonic = median_along(magnitude, _KERNEL, axis=0) ** 2
    percussive = median_along(magnitude, _KERNEL, axis=1) ** 2
    mask = percussive / (harmonic + percussive + 1e-12)
    power = magnitude**2
    return float((mask * power).sum() / power.sum())


def _sustain(level: NDArray[np.float32]) -> float:
    """Compare the level a while after onsets with that at them."""
    milliseconds = 1000 * _HOP / SAMPLE_RATE
    first, start, end = (round(time / milliseconds) for time in (50, 150, 250))
    db = 10 * np.log10(level / level.max() + 1e-9)
    padded = np.concatenate([np.full(4, -90.0), db, np.full(end, -90.0)])
    rise = db - padded[: len(db)]  # over 4 frames
    onsets = np.flatnonzero((rise > 6) & (db > -20))
    if not len(onsets):
        return 0.0
    onsets = onsets[np.diff(onsets, prepend=-end) >= first]
    found = []
    for onset in onsets + 4:
        peak = padded[onset : onset + first].max()
        found.append(padded[onset + start : onset + end].mean() - peak)
    return float(max(-60.0, np.median(found)))
