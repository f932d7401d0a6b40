"""What a phase is: a rule that turns two magnitudes into two complex spectrograms."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from ticktone.stft import STFT

Magnitude = NDArray[np.float32]
Spectrogram = NDArray[np.complex64]


class Recovery(Protocol):
    """A phase at work on one recording, which it is shown once, in blocks of frames in order."""

    def __call__(
        self,
        mixture: Spectrogram,
        magnitude: Magnitude,
        parts: tuple[Magnitude, Magnitude],
        wanted: Sequence[int],
    ) -> list[Spectrogram]:
        """Return the wanted parts their phase.

        Parameters
        ----------
        mixture : ndarray [shape=(channels, bins, frames)]
            Its spectrogram: the frames that follow those of the call before.
        magnitude : ndarray [shape=(channels, bins, frames)]
            Its absolute value.
        parts : tuple of ndarray [shape=(channels, bins, frames)]
            The magnitudes of the harmonic and of the percussive part.
        wanted : sequence of int
            Which of them to answer for.

        Returns
        -------
        list of ndarray [shape=(channels, bins, frames)]
            The spectrograms of the wanted parts; zero where the mixture is.
        """
        ...


class Phase(ABC):
    """A published way to give sources a phase; its options are its constructor's parameters."""

    is_the_mixtures: ClassVar[bool] = False  # whether estimates sum as their magnitudes do

    @abstractmethod
    def start(self, stft: STFT) -> Recovery:
        """Begin a recording, whose frames this transform makes."""
