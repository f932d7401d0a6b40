"""Parts that sum to the mixture, near to given magnitudes and to consistency.

After Magron and Virtanen, "Spectrogram inversion for audio source separation via consistency,
mixing, and magnitude constraints", EUSIPCO 2023: their algorithm Mag+Incons_hardMix. Where MISI
keeps the magnitudes and lets the sum go wrong, this keeps the sum and gives way in the magnitudes,
which are only estimates, after all.
"""

from dataclasses import dataclass

import numpy as np

from ticktone.options import setting
from ticktone.phase.projection import IterativePhase, consistent, with_magnitude
from ticktone.phase.recovery import Magnitude, Spectrogram
from ticktone.stft import STFT


def share_out(
    stft: STFT,
    mixture: Spectrogram,
    start: Spectrogram,
    magnitudes: Magnitude,
    weight: float,
    iterations: int,
) -> Spectrogram:
    """Find parts that sum to the mixture, near to their magnitudes and to consistency.

    Each iteration lowers the sum of the squared distances of the parts' magnitudes from the given
    ones, and `weight` times the squared distance of the parts from consistent ones. (Both are
    replaced by distances from where the parts of the iteration before point to, which are nowhere
    less: a quadratic function, whose minimum under the constraint is known.)

    Parameters
    ----------
    stft : STFT
    mixture : ndarray [shape=(channels, bins, frames)]
        Of a signal.
    start : ndarray [shape=(2, channels, bins, frames)]
        Where to begin.
    magnitudes : ndarray [shape=(2, channels, bins, frames)]
        Non-negative.
    weight : float
        Of consistency against magnitudes.
    iterations : int

    Returns
    -------
    ndarray [shape=(2, channels, bins, frames)]
        They sum to the mixture; where it is zero, both are.
    """
    half, own = np.float32(0.5), np.float32(1 / (1 + weight))
    parts = start + (mixture - start.sum(axis=0)) * half
    parts[:, mixture == 0] = 0
    for _ in range(iterations):
        near = with_magnitude(parts, magnitudes)
        # The mixture is consistent, so what one part lacks of being so the other has.
        lacking = consistent(stft, parts[0]) - parts[0]
        towards = np.stack([parts[0] + lacking, parts[1] - lacking])
        parts = towards + (near - towards) * own
        parts += (mixture - parts.sum(axis=0)) * half
        parts[:, mixture == 0] = 0
    recovered: Spectrogram = parts
    return recovered


@dataclass(frozen=True, kw_only=True)
class Consistent(IterativePhase):
    """The mixture shared out consistently (Magron and Virtanen 2023), from its own phase.

    Parameters
    ----------
    iterations : int
        See `ticktone.phase.projection.IterativePhase`.
    weight : float
        Greater than 0: of consistency against magnitudes.

    Raises
    ------
    OptionError
        If an option is of another type or out of its range.
    """

    weight: float = setting(1.0, above=0)

    def recover(
        self, stft: STFT, mixture: Spectrogram, start: Spectrogram, magnitudes: Magnitude
    ) -> Spectrogram:
        """See `ticktone.phase.projection.IterativePhase`."""
        return share_out(stft, mixture, start, magnitudes, self.weight, self.iterations)
