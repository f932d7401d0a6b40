"""A stage that explains one segment of a spectrogram after another by matrices."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ticktone.methods.base import Magnitude, Stage
from ticktone.methods.blas import blas_threads
from ticktone.methods.median import soft_mask
from ticktone.stft import STFT

MARGIN = 2.0  # seconds that a segment sees of its neighbours


@dataclass(frozen=True)
class FactorisationStage(Stage):
    """Divide by factorising segments, each by itself, so that memory does not grow.

    Segments are at fixed places of the recording; each is seen with a margin that is thrown away.
    Channels are factorised each by itself.

    Parameters
    ----------
    stft : STFT
    segment, margin : int
        Frames.
    factorise : callable
        From a spectrogram [shape=(bins, frames)] to its harmonic and its percussive part.
    norm : float
        The spectrogram that it is given has 1 as the mean of its values to this power.
    threads : int
        Of matrix products.
    """

    stft: STFT
    segment: int
    margin: int
    factorise: Callable[[Magnitude], tuple[Magnitude, Magnitude]]
    norm: float
    threads: int

    @property
    def context(self) -> int:
        """The margin beside a segment."""
        return self.margin

    @property
    def grid(self) -> int:
        """Segments begin at multiples of their length."""
        return self.segment

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`."""
        start, stop, _ = wanted.indices(magnitude.shape[-1])
        mask = np.empty((*magnitude.shape[:-1], stop - start), np.float32)
        for begin in range(start // self.segment * self.segment, stop, self.segment):
            origin = max(0, begin - self.margin)
            inner = slice(max(start, begin), min(stop, begin + self.segment))
            seen = magnitude[..., origin : begin + self.segment + self.margin]
            for channel, of_channel in zip(seen, mask, strict=True):
                found = self._mask(channel)[:, inner.start - origin : inner.stop - origin]
                of_channel[:, inner.start - start : inner.stop - start] = found
        harmonic = mask * magnitude[..., wanted]
        return harmonic, magnitude[..., wanted] - harmonic

    def _mask(self, magnitude: Magnitude) -> Magnitude:
        """Compute the Wiener mask of the harmonic part. [shape=(bins, frames)], both."""
        size = np.mean(magnitude**self.norm, dtype=np.float64) ** (1 / self.norm)
        if size == 0:
            return np.full_like(magnitude, 0.5)
        with blas_threads(self.threads):
            harmonic, percussive = self.factorise(magnitude / np.float32(size))
        return soft_mask(harmonic, percussive, power=2, undecided=0.5)


def factorisation_stage(
    stft: STFT,
    sample_rate: int,
    seconds: float,
    factorise: Callable[[Magnitude], tuple[Magnitude, Magnitude]],
    norm: float,
    threads: int,
) -> FactorisationStage:
    """Make the stage whose segments last so many seconds; see `FactorisationStage`."""
    frames_per_second = sample_rate / stft.hop_length
    return FactorisationStage(
        stft,
        max(1, round(seconds * frames_per_second)),
        round(MARGIN * frames_per_second),
        factorise,
        norm,
        threads,
    )
