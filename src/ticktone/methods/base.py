"""What a method is: a short list of stages, each a rule that divides magnitudes."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ticktone.parts import PARTS
from ticktone.stft import STFT

Magnitude = NDArray[np.float32]


class Stage(ABC):
    """One pass over the recording.

    Attributes
    ----------
    stft : STFT
        The transform whose magnitude the stage divides.
    sum_to_one : bool
        Whether the masks of the two parts sum to one: then each part is what the other leaves.
    """

    stft: STFT
    sum_to_one: bool = False

    @property
    @abstractmethod
    def context(self) -> int:
        """Frames before a frame on which the answer for it depends.

        And after it, unless `look_ahead` says otherwise. Where there is a `grid`, they are counted
        from the multiples around a frame.
        """

    @property
    def look_ahead(self) -> int:
        """Frames after a frame on which the answer for it depends."""
        return self.context

    @property
    def grid(self) -> int:
        """Frames that the stage answers for together, as networks do.

        What the stage is shown begins at a multiple of so many frames of the recording.
        """
        return 1

    @property
    def latency(self) -> int:
        """Samples that must have come in, after a sample, before the answer for it can be given.

        At the sample rate that the stage works at, and in blocks that are as short as its grid.
        """
        return (self.grid - 1 + self.look_ahead) * self.stft.hop_length + self.stft.size

    @abstractmethod
    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """Divide each bin into what is harmonic and what is percussive.

        Parameters
        ----------
        magnitude : ndarray [shape=(channels, bins, frames)]
            Of the mixture. Its first and last `context` frames are there for their neighbours'
            sake, except where the recording begins or ends.
        wanted : slice
            The frames to answer for. Default: all.

        Returns
        -------
        harmonic, percussive : ndarray [shape=(channels, bins, wanted frames)]
        """

    def divide_batch(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """Divide several recordings of one length, each as `divide` does.

        One by one, unless the stage knows a faster way.

        Parameters
        ----------
        magnitude : ndarray [shape=(batch, channels, bins, frames)]
        wanted : slice

        Returns
        -------
        harmonic, percussive : ndarray [shape=(batch, channels, bins, wanted frames)]
        """
        divided = [self.divide(recording, wanted) for recording in magnitude]
        harmonic, percussive = zip(*divided, strict=True)
        return np.stack(harmonic), np.stack(percussive)


class Refinement(Stage):
    """A stage that divides again what the stages of a method have divided, at a lower rate.

    It is shown both parts, side by side as channels, the harmonic one first.

    Attributes
    ----------
    decimation : int
        How many times lower the sample rate is at which it works.
    """

    decimation: int

    # Samples that resampling to the lower rate and back holds, at the lower rate (measured).
    resampling_delay: ClassVar[int] = 910

    @property
    def latency(self) -> int:
        """Seconds: `Stage.latency`, and what resampling there and back adds, at the lower rate."""
        return super().latency + self.resampling_delay


class Method(ABC):
    """A published way to separate; its options are its constructor's parameters.

    The first stage divides the mixture, each later one what the earlier ones did not call
    harmonic. The last stage's percussive part is the method's. The harmonic part is the first
    stage's where the method leaves a residual, and everything that is not percussive where not.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Name by which `method=` selects it."""

    @property
    @abstractmethod
    def paper(self) -> str:
        """Authors and year of the publication."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts: the first two of `ticktone.parts.PARTS`, or all three."""
        return PARTS[:2]

    @property
    def has_residual(self) -> bool:
        """Whether a third part is left that is neither harmonic nor percussive."""
        return len(self.parts) > 2

    @property
    def sample_rate(self) -> int | None:
        """The sample rate (Hz) that the method works at; None if it works at any.

        Other recordings are resampled for it, and what lies above its band stays with the harmonic
        part.
        """
        return None

    @abstractmethod
    def stages(self, sample_rate: int) -> tuple[Stage, ...]:
        """Return the stages for recordings of this sample rate (Hz).

        Raises
        ------
        ValueError
            If the method does not work at this rate.
        """

    def refinement(self, sample_rate: int) -> Refinement | None:
        """Return what divides again the answer of the stages, at this sample rate (Hz)."""
        return None

    def latency(self, sample_rate: int) -> float:
        """Return the seconds of look-ahead that the answer for a sample needs.

        So much a live stream holds back at this sample rate (Hz) in the shortest blocks; see
        `Stage.latency`. What resampling adds, where the method works at another rate, is not in it.
        """
        rate = self.sample_rate or sample_rate
        samples = sum(stage.latency for stage in self.stages(rate))
        refinement = self.refinement(rate)
        if refinement is not None:
            samples += refinement.latency * refinement.decimation
        return samples / rate
