"""The scale on which a network sees magnitudes: log1p, then the training set's range to [0, 1].

Lordelo et al. 2019, section 4: "a min-max normalisation procedure is performed over the log1p
[...] using the global minimum and maximum value over all the possible spectrograms in the training
set". The STFT is not scaled (a full-scale sine has a magnitude near a quarter of the window).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from ticktone.datasets import Song
from ticktone.errors import TicktoneError
from ticktone.training.excerpt import excerpt, length_at, rate_step
from ticktone.training.recipe import ExampleSettings

BLOCK_FRAMES = 2048  # STFT frames measured at a time: 24 s at 44.1 kHz


@dataclass(frozen=True)
class Normalisation:
    """The range of log1p magnitudes that becomes [0, 1]; magnitudes outside it are not clipped."""

    minimum: float
    maximum: float

    def __call__(self, magnitude: Tensor) -> Tensor:
        """Normalise linear magnitudes of any shape."""
        return (magnitude.log1p() - self.minimum) / (self.maximum - self.minimum)


def magnitude_range(
    songs: Iterable[Song], settings: ExampleSettings, pause: Callable[[], None] = lambda: None
) -> tuple[float, float]:
    """Measure the lowest and highest log1p magnitude of the mixtures, read in blocks.

    Parameters
    ----------
    songs : iterable of Song
    settings : ExampleSettings
        The STFT, whose Nyquist bin does not count, and the sample rate.
    pause : callable, optional
        Called before each song; may raise.

    Returns
    -------
    minimum, maximum : float
        Infinite and minus infinite if there is no song.
    """
    lowest, highest = math.inf, -math.inf
    for song in songs:
        pause()
        for low, high in _ranges(song, settings):
            lowest, highest = min(lowest, low), max(highest, high)
    return math.log1p(lowest), (math.log1p(highest) if highest >= 0 else highest)


def normalisation_of(minimum: float, maximum: float) -> Normalisation:
    """Make a normalisation of a measured range.

    Raises
    ------
    TicktoneError
        If there is no range: the songs are silent or their samples not finite.
    """
    if not (math.isfinite(minimum) and math.isfinite(maximum) and minimum < maximum):
        raise TicktoneError("the training songs are silent or hold samples that are not finite")
    return Normalisation(minimum, maximum)


def _ranges(song: Song, settings: ExampleSettings) -> Iterable[tuple[float, float]]:
    """Give the range of magnitudes in each block; frames are centred as in `STFT.forward`."""
    stft, step = settings.stft, rate_step(song, settings.sample_rate)
    frames = stft.frames(length_at(song, settings.sample_rate))
    for first in range(0, frames, BLOCK_FRAMES):
        count = min(BLOCK_FRAMES, frames - first)
        start = first * stft.hop_length - stft.size // 2
        samples = (count - 1) * stft.hop_length + stft.size
        mixture = excerpt(song, "mixture", round(start * step), samples, step)
        magnitude = np.abs(stft.transform(mixture[np.newaxis]))[:, : settings.bins]
        yield float(magnitude.min()), float(magnitude.max())
