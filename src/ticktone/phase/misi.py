"""MISI: Gunawan and Sen, IEEE Signal Processing Letters 17(5), 2010.

"Iterative phase estimation for the synthesis of separated sources from single-channel mixtures":
multiple input spectrogram inversion. As Griffin and Lim's algorithm for each part, but that what
the parts' signals together lack of the mixture's is shared out among them in each iteration.
"""

from dataclasses import dataclass

import numpy as np

from ticktone.phase.projection import IterativePhase, consistent, with_magnitude
from ticktone.phase.recovery import Magnitude, Spectrogram
from ticktone.stft import STFT


def misi(
    stft: STFT, mixture: Spectrogram, start: Spectrogram, magnitudes: Magnitude, iterations: int
) -> Spectrogram:
    """Find phases with which the parts are consistent and sum to the mixture, as far as they can.

    Parameters
    ----------
    stft : STFT
    mixture : ndarray [shape=(channels, bins, frames)]
        Of a signal; so that to share out the error of the signals is to share out that of their
        transforms.
    start : ndarray [shape=(parts, channels, bins, frames)]
        Where to begin.
    magnitudes : ndarray [shape=(parts, channels, bins, frames)]
        Non-negative.
    iterations : int

    Returns
    -------
    ndarray [shape=(parts, channels, bins, frames)]
        Of these magnitudes.
    """
    parts = start
    for _ in range(iterations):
        parts = consistent(stft, parts)
        parts += (mixture - parts.sum(axis=0)) / np.float32(len(parts))
        parts = with_magnitude(parts, magnitudes)
    return parts


@dataclass(frozen=True, kw_only=True)
class MISI(IterativePhase):
    """Multiple input spectrogram inversion (Gunawan and Sen 2010), from the mixture's phase.

    Its option is that of `ticktone.phase.projection.IterativePhase`.
    """

    def recover(
        self, stft: STFT, mixture: Spectrogram, start: Spectrogram, magnitudes: Magnitude
    ) -> Spectrogram:
        """See `ticktone.phase.projection.IterativePhase`."""
        return misi(stft, mixture, start, magnitudes, self.iterations)
