"""A second look at the low end, where a network's window is too short to part kick from bass.

In a window eight times as long a bass note stays in its bins and a kick in its frames. So the
medians that FitzGerald (DAFx 2010) takes of the mixture are taken here of what the network has
found: of its harmonic part over time, of its percussive part over frequency.
`docs/our-network.md` tells what that gives.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ticktone.methods.base import Magnitude, Refinement
from ticktone.methods.median import median_along, odd, soft_mask
from ticktone.stft import STFT, scaled_length

WINDOW, HOP = 8192, 2048  # samples at 44.1 kHz
SECONDS = 5 * HOP / 44_100  # of the median over time
HERTZ = 7 * 44_100 / WINDOW  # of the median over frequency
HIGHEST = 500.0  # Hz; above it the parts stay as they are
POWER = 1.3  # of the soft mask


@dataclass(frozen=True)
class MedianRefinement(Refinement):
    """Divide the low end anew, by comparing medians of the parts found so far.

    Parameters
    ----------
    stft : STFT
        At a sample rate `decimation` times lower than the parts'.
    frames, bins : int
        Kernel lengths: of the harmonic part's median over time, of the percussive part's over
        frequency.
    low : int
        Bins that are divided anew; the others stay as they are.
    one_mask : bool
        Whether all channels share one mask, made from their mean magnitude.
    """

    decimation: ClassVar[int] = 32  # to 1378 Hz from 44.1 kHz: little work

    stft: STFT
    frames: int
    bins: int
    low: int
    one_mask: bool

    @property
    def context(self) -> int:
        """Half a kernel, in frames."""
        return self.frames // 2

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`; the harmonic part's channels come first."""
        harmonic, percussive = self.divide_batch(magnitude[np.newaxis], wanted)
        return harmonic[0], percussive[0]

    def divide_batch(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`; all at once."""
        batch, channels, bins, frames = magnitude.shape
        parts = magnitude.reshape(batch, 2, channels // 2, bins, frames)
        shown = parts.mean(axis=2, keepdims=True) if self.one_mask else parts
        harmonic = median_along(shown[:, 0, :, : self.low], self.frames, -1)[..., wanted]
        for_percussive = median_along(shown[:, 1, ..., wanted], self.bins, -2)[..., : self.low, :]
        percussive = parts[..., wanted] * np.array([0, 1], np.float32).reshape(2, 1, 1, 1)
        mask = soft_mask(for_percussive, harmonic, POWER, 0.5)
        percussive[..., : self.low, :] = parts[..., : self.low, wanted] * mask[:, np.newaxis]
        percussive = percussive.reshape(batch, channels, bins, -1)
        return magnitude[..., wanted] - percussive, percussive


def make_refinement(sample_rate: int, one_mask: bool) -> MedianRefinement:
    """Make the stage for parts at a sample rate (Hz)."""
    rate = sample_rate / MedianRefinement.decimation
    window = scaled_length(WINDOW, sample_rate) // MedianRefinement.decimation
    stft = STFT(window, window * HOP // WINDOW)
    frames, bins = odd(SECONDS * rate / stft.hop_length), odd(HERTZ * window / rate)
    return MedianRefinement(stft, frames, bins, round(HIGHEST * window / rate), one_mask)
