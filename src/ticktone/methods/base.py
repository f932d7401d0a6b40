"""What a method is: a short list of stages, each a rule that divides magnitudes."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ticktone.stft import STFT

Magnitude = NDArray[np.float32]


LONGEST = 2**20  # of any kernel or window


def check_range(
    name: str, value: float | None, least: float = 0, *, above: bool = False, most: float = LONGEST
) -> None:
    """Refuse an option that is out of its range; None, which stands for a default, is not.

    Raises
    ------
    ValueError
    """
    if value is None or ((least < value if above else least <= value) and value <= most):
        return
    words = "greater than" if above else "at least"
    limit = f" and at most {most:g}" if value > most else ""
    raise ValueError(f"{name} must be {words} {least:g}{limit}, not {value}")


class Stage(Protocol):
    """One pass over the recording.

    A stage that answers for several frames together, as networks do, has an attribute `grid` too:
    what it is shown begins at a multiple of so many frames of the recording, and its context is
    counted from the multiples around a frame. One that looks less far ahead than back has an
    attribute `look_ahead`, in frames.

    A last stage with an attribute `decimation` divides anew what the stage before it has divided,
    at a sample rate so many times lower: see `ticktone.refining.refined`.
    """

    @property
    def stft(self) -> STFT:
        """The transform whose magnitude the stage divides."""
        ...

    @property
    def context(self) -> int:
        """Frames to either side of a frame on which the answer for it depends."""
        ...

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """Say how much of each bin is harmonic and how much percussive.

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
        ...


class Method(Protocol):
    """A published way to separate; its options are its constructor's parameters.

    The first stage divides the mixture, each later one what the earlier ones did not call
    harmonic. The last stage's percussive part is the method's. The harmonic part is the first
    stage's where the method leaves a residual, and everything that is not percussive where not.

    A method that works at one sample rate only has an attribute `sample_rate` (Hz) too; other
    recordings are resampled for it, and what lies above its band stays with the harmonic part.
    """

    @property
    def name(self) -> str:
        """What it is called by."""
        ...

    @property
    def paper(self) -> str:
        """Who published it."""
        ...

    @property
    def has_residual(self) -> bool:
        """Whether a third part is left that is neither harmonic nor percussive."""
        ...

    def stages(self, sample_rate: int) -> tuple[Stage, ...]:
        """Give the stages for recordings of this sample rate (Hz)."""
        ...
