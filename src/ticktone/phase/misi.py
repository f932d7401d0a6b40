"""MISI: Gunawan and Sen, IEEE Signal Processing Letters 17(5), 2010.

"Iterative phase estimation for the synthesis of separated sources from single-channel mixtures":
multiple input spectrogram inversion. As Griffin and Lim's algorithm for each part, but that what
the parts' signals together lack of the mixture's is shared out among them in each iteration.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ticktone.phase.mixture import mixture_phase
from ticktone.phase.projection import consistent, reach, with_magnitude
from ticktone.phase.recovery import Magnitude, Phase, Recovery, Spectrogram
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
class MISI(Phase):
    """Multiple input spectrogram inversion (Gunawan and Sen 2010), from the mixture's phase.

    A negative magnitude, as where a network's percussive mask exceeds 1, begins with the opposite
    of the mixture's phase and counts as its absolute value.

    Parameters
    ----------
    iterations : int
        At least 1. Each looks at the frames that share samples with those of the one before: the
        look-ahead grows with it.

    Raises
    ------
    ValueError
        If an option is out of its range.
    """

    iterations: int = 10

    def __post_init__(self) -> None:
        if self.iterations < 1:
            raise ValueError(f"iterations must be at least 1, not {self.iterations}")

    def context(self, stft: STFT) -> int:
        """See `ticktone.phase.recovery.Phase`."""
        return self.iterations * reach(stft)

    def start(self, stft: STFT) -> Recovery:
        """See `ticktone.phase.recovery.Phase`; one block needs to know nothing of another."""

        def recover(
            mixture: Spectrogram,
            magnitude: Magnitude,
            parts: tuple[Magnitude, Magnitude],
            wanted: Sequence[int],
        ) -> list[Spectrogram]:
            start = np.stack(mixture_phase(mixture, magnitude, parts, (0, 1)))
            found = misi(stft, mixture, start, np.abs(np.stack(parts)), self.iterations)
            return [found[part] for part in wanted]

        return recover
