"""Kernel additive modelling, as the baseline of Drossos, Magron, Mimilakis and Virtanen.

"Harmonic-percussive source separation with deep neural networks and phase recovery", IWAENC 2018.
The algorithm is that of Liutkus, Fitzgerald, Rafii, Pardo and Daudet, "Kernel additive models for
source separation", TSP 2014: a Wiener filter and a median over each source's kernel by turns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.base import Magnitude, Method, Stage
from ticktone.methods.median import soft_mask
from ticktone.options import LONGEST, check_options, setting
from ticktone.stft import STFT, scaled_length


class Kernel(NamedTuple):
    """A rectangle of a spectrogram, over which a source changes little."""

    bins: int
    frames: int


class KernelBand(NamedTuple):
    """A range of bins, and the kernels of both sources in it."""

    bins: slice
    harmonic: Kernel
    percussive: Kernel


# The upper edge of each band (Hz), and what its kernels span (Hz, s): harmonic, percussive.
_BANDS = (
    (250.0, (0.0, 0.1), (30.0, 0.02)),
    (3000.0, (0.0, 0.1), (150.0, 0.0)),
    (10_000.0, (5.0, 0.1), (200.0, 0.01)),
    (math.inf, (5.0, 0.4), (500.0, 0.1)),
)


def median_over(values: NDArray[Any], kernel: Kernel) -> NDArray[Any]:
    """Filter by the lower median over a rectangle, mirrored at the edges.

    Parameters
    ----------
    values : ndarray [shape=(..., bins, frames)]
        Real and finite.
    kernel : Kernel
        A side of even length reaches one further up, or later, than down, or before.

    Returns
    -------
    ndarray [shape=(..., bins, frames)]
    """
    from scipy.ndimage import rank_filter  # slow to import, and `--help` does not need it

    bins, frames = kernel
    if frames > bins:
        turned = median_over(np.swapaxes(values, -1, -2), Kernel(frames, bins))
        return np.swapaxes(turned, -1, -2)
    size = bins * frames
    sides = [((length - 1) // 2, length // 2) for length in kernel]
    padded = np.pad(values, [(0, 0)] * (values.ndim - 2) + sides, mode="symmetric")
    # SciPy has a fast algorithm for one-dimensional input only. With the `frames` values that a
    # kernel sees of each bin side by side, a window that slides along a line moves by a bin in
    # `frames` steps. Ten times as fast as SciPy's filter in two dimensions.
    lines = np.moveaxis(np.lib.stride_tricks.sliding_window_view(padded, frames, -1), -2, -3)
    ranked = rank_filter(lines.ravel(), (size - 1) // 2, size).reshape(*lines.shape[:-2], -1)
    medians = ranked[..., size // 2 :: frames][..., : values.shape[-2]]
    return np.swapaxes(medians, -1, -2)


@dataclass(frozen=True)
class KAMStage(Stage):
    """Divide by kernel additive modelling.

    Parameters
    ----------
    stft : STFT
    bands : sequence of KernelBand
        They cover all bins, and are filtered each by itself.
    iterations : int
    """

    stft: STFT
    bands: Sequence[KernelBand]
    iterations: int

    @property
    def context(self) -> int:
        """Each iteration looks half a kernel further."""
        longest = max(max(band.harmonic.frames, band.percussive.frames) for band in self.bands)
        return self.iterations * (longest // 2)

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`.

        Medians of magnitudes are the square roots of medians of power spectra, which is what the
        papers write. The masks sum to 1: in place of the constant that keeps the published
        Wiener filter from dividing by zero, and depends on the level, silence is shared equally.
        The spatial covariances of the papers are 1 for a channel by itself. The Nyquist bin, which
        the published code leaves out, is in the highest band.
        """
        harmonic = percussive = np.full_like(magnitude, 1)
        for _ in range(self.iterations):
            for_harmonic, for_percussive = self._wiener(harmonic, percussive)
            harmonic, percussive = for_harmonic * magnitude, for_percussive * magnitude
            for band in self.bands:
                for part, kernel in ((harmonic, band.harmonic), (percussive, band.percussive)):
                    part[:, band.bins] = median_over(part[:, band.bins], kernel)
        inner = (..., wanted)
        for_harmonic, for_percussive = self._wiener(harmonic[inner], percussive[inner])
        return for_harmonic * magnitude[inner], for_percussive * magnitude[inner]

    @staticmethod
    def _wiener(harmonic: Magnitude, percussive: Magnitude) -> tuple[Magnitude, Magnitude]:
        mask = soft_mask(harmonic, percussive, power=2, undecided=0.5)
        return mask, 1 - mask


@dataclass(frozen=True, kw_only=True)
class KAM(Method):
    """Kernel additive modelling (Liutkus et al. 2014), as the baseline of Drossos et al. 2018.

    The defaults are the second of that paper's two settings; the first, which is several times as
    slow, is a ``window_length`` of 2049, a ``hop_length`` of 384 and an ``fft_length`` of 4096.
    The window is the symmetric Hamming window. Channels are separated each by itself, as in the
    paper, which is about mono.

    Parameters
    ----------
    kernels : {"intended", "published"}
        In which each source is taken to change little, up to 250 Hz, 3 kHz, 10 kHz and above.
        "intended" are 4, 4, 4 and 17 frames for the harmonic part, and for the percussive one
        3, 14, 19 and 46 bins, the last over 4 frames. "published" are those of the code that was
        published with the paper, which took samples for seconds: all kernels are one frame long,
        so that the harmonic ones are single bins and little is separated.
    iterations : int
        At least 1.
    window_length : int, optional
        Samples. Default: the power of two nearest to 93 ms (4096 at 44.1 kHz).
    hop_length : int, optional
        Samples. Default: a quarter of the window.
    fft_length : int, optional
        Samples. Default: `window_length`.

    Raises
    ------
    ValueError
        If an option is out of its range.
    """

    name: ClassVar[str] = "kam"
    paper: ClassVar[str] = "Liutkus et al. 2014; Drossos et al. 2018"

    kernels: str = setting("intended", choices=("intended", "published"))
    iterations: int = setting(6, least=1, most=LONGEST)
    window_length: int | None = setting(None, least=1, most=LONGEST)
    hop_length: int | None = setting(None, least=1, most=LONGEST)
    fft_length: int | None = setting(None, least=1, most=LONGEST)

    def __post_init__(self) -> None:
        check_options(self)

    def stages(self, sample_rate: int) -> tuple[KAMStage]:
        """See `ticktone.methods.base.Method`."""
        window = self.window_length or scaled_length(4096, sample_rate)
        hop = self.hop_length or window // 4
        stft = STFT(window, hop, self.fft_length, np.hamming(window))
        return (KAMStage(stft, self._bands(stft, sample_rate), self.iterations),)

    def _bands(self, stft: STFT, sample_rate: int) -> tuple[KernelBand, ...]:
        bins_per_hertz, frames_per_second = stft.size / sample_rate, sample_rate / stft.hop_length
        if self.kernels == "published":
            frames_per_second = 1 / stft.hop_length

        def kernel(hertz: float, seconds: float) -> Kernel:
            return Kernel(_length(hertz * bins_per_hertz), _length(seconds * frames_per_second))

        bands = []
        start = 0
        for edge, harmonic, percussive in _BANDS:
            stop = int(min(edge * bins_per_hertz, stft.bins))
            if start < stop:  # at low rates the upper bands are empty
                bands.append(KernelBand(slice(start, stop), kernel(*harmonic), kernel(*percussive)))
            start = stop
        return tuple(bands)


def _length(extent: float) -> int:
    """Round half up, to at least one bin or frame."""
    return max(1, math.floor(extent + 0.5))
