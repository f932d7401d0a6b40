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
    """A phase at work on one recording, which it is shown in blocks of frames in order.

    Without context it is shown each frame once. With context, each block comes with so many frames
    to either side, as far as the recording has them, and what is answered for those is thrown away.
    """

    def __call__(
        self,
        mixture: Spectrogram,
        magnitude: Magnitude,
        parts: tuple[Magnitude, Magnitude],
        wanted: Sequence[int],
    ) -> list[Spectrogram]:
        """Return the wanted parts with their phases.

        Parameters
        ----------
        mixture : ndarray [shape=(channels, bins, frames)]
            Its spectrogram: the frames that follow those of the call before, context apart.
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

    def context(self, stft: STFT) -> int:
        """Return the frames to either side of a frame on which the answer for it depends.

        0, the default, if the answer depends on no frame that comes later.
        """
        return 0

    @abstractmethod
    def start(self, stft: STFT) -> Recovery:
        """Return the state for a recording whose frames this transform makes."""
