"""The projection of spectrograms on those that a signal has (Griffin and Lim 1984).

Frames overlap, so that few arrays of complex numbers are the transform of any signal. "Consistent"
is the field's word for those that are.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ticktone.options import check_options, setting
from ticktone.phase.mixture import mixture_phase
from ticktone.phase.recovery import Magnitude, Phase, Recovery, Spectrogram
from ticktone.stft import STFT

TINY = np.float32(1e-30)  # what is less counts as nothing


def reach(stft: STFT) -> int:
    """Count the frames to either side that share samples with a frame."""
    return -(-stft.window_length // stft.hop_length) - 1


def consistent(stft: STFT, spectrogram: Spectrogram) -> Spectrogram:
    """Transform the signal whose transform is nearest to a spectrogram.

    Parameters
    ----------
    stft : STFT
    spectrogram : ndarray [shape=(..., bins, frames)]

    Returns
    -------
    ndarray [shape=(..., bins, frames)]
        The nearest spectrogram that a signal has. The signal may extend to all samples that the
        frames reach. Within `reach` frames of the first and the last, fewer frames agree on it.

    Notes
    -----
    An orthogonal projection: in the inner product that counts every bin twice but the first and
    the last, which have no counterpart among negative frequencies.
    """
    *channels, _, frames = spectrogram.shape
    dtype = np.finfo(spectrogram.dtype).dtype
    laid = stft.overlap_add(spectrogram, np.zeros((*channels, stft.tail_length), dtype))
    weight = stft.weight(frames, np.zeros(stft.tail_length))
    laid /= np.where(weight > 1e-10, weight, 1).astype(dtype)
    laid[..., weight <= 1e-10] = 0
    found: Spectrogram = stft.transform(laid)
    return found


def with_magnitude(spectrogram: Spectrogram, magnitude: np.ndarray) -> Spectrogram:
    """Replace a spectrogram's magnitude and keep its phase; zero has none and stays zero."""
    found: Spectrogram = spectrogram * (magnitude / np.maximum(np.abs(spectrogram), TINY))
    return found


@dataclass(frozen=True, kw_only=True)
class IterativePhase(Phase):
    """A phase that is found by projections, again and again, from the mixture's.

    A negative magnitude, as where a network's percussive mask exceeds 1, begins with the opposite
    of the mixture's phase and counts as its absolute value.

    Parameters
    ----------
    iterations : int
        At least 1. Each looks at the frames that share samples with those of the one before: the
        look-ahead grows with it.

    Raises
    ------
    OptionError
        If an option is of another type or out of its range.
    """

    iterations: int = setting(10, least=1)

    def __post_init__(self) -> None:
        check_options(self)

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
            found = self.recover(stft, mixture, start, np.abs(np.stack(parts)))
            return [found[part] for part in wanted]

        return recover

    @abstractmethod
    def recover(
        self, stft: STFT, mixture: Spectrogram, start: Spectrogram, magnitudes: Magnitude
    ) -> Spectrogram:
        """Return the parts' spectrograms.

        Parameters
        ----------
        stft : STFT
        mixture : ndarray [shape=(channels, bins, frames)]
        start : ndarray [shape=(2, channels, bins, frames)]
            The parts with the mixture's phase.
        magnitudes : ndarray [shape=(2, channels, bins, frames)]
            Non-negative.

        Returns
        -------
        ndarray [shape=(2, channels, bins, frames)]
        """
