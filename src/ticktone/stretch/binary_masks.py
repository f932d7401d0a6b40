"""Parts made exclusive: each time-frequency bin goes whole to the part that is stronger there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.base import Stage
from ticktone.phase import make_phase
from ticktone.stft import STFT, scaled_length
from ticktone.streaming.buffer import SampleBuffer
from ticktone.streaming.stage import HARMONIC, run_stage

Pair = tuple[NDArray[Any], NDArray[Any]]

WINDOW = 1024  # samples at 44.1 kHz, as in the paper
OVERLAP = 4


@dataclass(frozen=True)
class _Exclusive(Stage):
    """Divides the bins of two recordings, one behind the other in the channels."""

    stft: STFT

    @property
    def context(self) -> int:
        return 0

    def divide(
        self, magnitude: NDArray[np.float32], wanted: slice = slice(None)
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        parts = magnitude[..., wanted]
        harmonic, percussive = np.split(parts, 2)
        is_harmonic = (harmonic**2).sum(axis=0) >= (percussive**2).sum(axis=0)
        return parts * is_harmonic, parts * ~is_harmonic


def with_binary_masks(
    pairs: Iterable[Pair], sample_rate: int, threads: int | None = None
) -> Iterator[Pair]:
    """Divide what two parts sum to anew, by binary masks.

    What is in both parts at once would be stretched by two methods that agree on no phase: it
    would lose up to 3 dB, and a tone would be roughened by its share in the percussive part.
    Hence the binary masks of Driedger, Müller, Ewert 2014, here made of the parts of any method.

    Parameters
    ----------
    pairs : iterable of (ndarray, ndarray) [shape=(channels, samples)]
        The harmonic and the percussive part, in blocks.
    sample_rate : int
        Hz.
    threads : int, optional
        Of the Fourier transforms. Default: one.

    Yields
    ------
    (ndarray, ndarray) [shape=(channels, samples)]
        Two parts of the same sum. A bin goes the same way in all channels.
    """
    window = scaled_length(WINDOW, sample_rate)
    stage = _Exclusive(STFT(window, window // OVERLAP))
    sums = SampleBuffer()

    def stacked() -> Iterator[NDArray[np.float32]]:
        for harmonic, percussive in pairs:
            sums.put(harmonic + percussive)
            yield np.concatenate([harmonic, percussive]).astype(np.float32)

    for (block,) in run_stage(stage, make_phase("mixture"), stacked(), [HARMONIC], None, threads):
        of_harmonic, of_percussive = np.split(block, 2)
        harmonic = of_harmonic + of_percussive
        yield harmonic, sums.take(block.shape[-1]) - harmonic
