"""Median filtering: FitzGerald, "Harmonic/percussive separation using median filtering", DAFx 2010.

The soft and hard masks, the margin and the residual that it leaves are those of Driedger, Müller
and Disch, "Extending harmonic-percussive separation of audio signals", ISMIR 2014.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.base import Magnitude, Method, Stage
from ticktone.options import LONGEST, check_options, setting
from ticktone.parts import PARTS
from ticktone.stft import STFT, scaled_length


def median_along(values: NDArray[Any], length: int, axis: int) -> NDArray[Any]:
    """Filter by the running median of `length` values along one axis, mirrored at its ends.

    Equal to `scipy.ndimage.median_filter` with that size along the axis and mode "reflect", and
    about ten times as fast: SciPy has an O(log length) algorithm for one-dimensional input only.

    Parameters
    ----------
    values : ndarray [shape=(...)]
        Real and finite.
    length : int
        An even length takes the upper of the two middle values of a window that reaches one
        further to the left, as SciPy does.
    axis : int

    Returns
    -------
    ndarray [shape=(...)]
        Same shape, dtype and, for speed, memory order along `axis`.
    """
    from scipy.ndimage import median_filter  # slow to import, and `--help` does not need it

    if length == 1 or values.size == 0:
        return values.copy()
    rows = np.moveaxis(values, axis, -1)
    half = length // 2
    # SciPy's "reflect" is NumPy's "symmetric". The padding also keeps rows apart when they are
    # laid end to end, so that one call filters them all.
    padded = np.pad(rows, [(0, 0)] * (rows.ndim - 1) + [(half, half)], mode="symmetric")
    filtered = median_filter(padded.ravel(), size=length).reshape(padded.shape)
    return np.moveaxis(filtered[..., half:-half], -1, axis)


def medians(magnitude: NDArray[Any], frames: int, bins: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Filter along time, where percussive sounds vanish, and along frequency, where harmonic do.

    Parameters
    ----------
    magnitude : ndarray [shape=(..., bins, frames)]
    frames, bins : int
        Kernel lengths.

    Returns
    -------
    harmonic, percussive : ndarray [shape=(..., bins, frames)]
    """
    return median_along(magnitude, frames, -1), median_along(magnitude, bins, -2)


def soft_mask(
    part: NDArray[Any], other: NDArray[Any], power: float, undecided: float
) -> NDArray[Any]:
    """Compare two non-negative arrays: `part**power / (part**power + other**power)`.

    Parameters
    ----------
    part, other : ndarray [shape=(...)]
    power : float
        Greater than 0; infinity gives the hard mask `part > other`.
    undecided : float
        The mask where both are zero.

    Returns
    -------
    ndarray [shape=(...)]
        In [0, 1].
    """
    if np.isinf(power):
        return (part > other).astype(part.dtype)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = other / part
        if power == 2:
            ratio *= ratio
        elif power != 1:
            ratio **= power
        ratio += 1
        mask: NDArray[Any] = np.reciprocal(ratio, out=ratio)
    tiny = np.finfo(part.dtype).tiny
    nothing = np.maximum(part, other) < tiny
    if nothing.any():
        mask[nothing] = undecided
    return mask


def odd(length: float) -> int:
    """Return the smallest odd integer, at least 1, that is not less than `length`."""
    whole = max(1, math.ceil(length - 1e-6))  # 31 bins in hertz and back may be 31.000000001
    return whole + 1 - whole % 2


@dataclass(frozen=True)
class MedianStage(Stage):
    """Divide by comparing a median over time with one over frequency.

    Parameters
    ----------
    stft : STFT
    frames, bins : int
        Kernel lengths: of the harmonic median over time, of the percussive one over frequency.
    power : float
        Of the soft masks; infinity for hard ones.
    margin : float
        How many times as strong as the other median the one of a part must be.
    """

    stft: STFT
    frames: int
    bins: int
    power: float
    margin: float

    @property
    def context(self) -> int:
        """Half a kernel, in frames."""
        return self.frames // 2

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`."""
        harmonic, percussive = medians(magnitude, self.frames, self.bins)
        for_harmonic, for_percussive = masks(
            harmonic[..., wanted],
            percussive[..., wanted],
            self.power,
            (self.margin, self.margin),
        )
        for_harmonic *= magnitude[..., wanted]
        for_percussive *= magnitude[..., wanted]
        return for_harmonic, for_percussive

    def divide_batch(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`; all at once, for channels do not meet."""
        return self.divide(magnitude, wanted)


def masks(
    harmonic: NDArray[Any], percussive: NDArray[Any], power: float, margins: tuple[float, float]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Compute the two masks from the two medians (Driedger et al. 2014, equations 4 to 7).

    Where both medians are zero each mask is one half, or zero where there is a residual.
    """
    undecided = 0.5 if max(margins) == 1 else 0.0
    for_harmonic = soft_mask(harmonic, percussive * margins[0], power, undecided)
    if max(margins) == 1 and not np.isinf(power):
        return for_harmonic, 1 - for_harmonic
    return for_harmonic, soft_mask(percussive, harmonic * margins[1], power, undecided)


@dataclass(frozen=True, kw_only=True)
class Median(Method):
    """Median filtering (FitzGerald 2010), with masks and residual after Driedger et al. 2014.

    The defaults are librosa's at 44.1 kHz, and last as long at every other rate.

    Parameters
    ----------
    power : float
        Of the soft masks; 2 is Wiener filtering, infinity gives hard masks.
    margin : float
        At least 1. Above 1, a bin that is not `margin` times as strong in one median as in the
        other goes to the residual (separation factor beta of Driedger et al. 2014).
    window_length : int, optional
        Samples. Default: the power of two nearest to 46 ms (2048 at 44.1 kHz).
    hop_length : int, optional
        Samples. Default: a quarter of the window.
    harmonic_seconds, percussive_hertz : float
        Kernel lengths: of the median over time, of the median over frequency.
    harmonic_frames, percussive_bins : int, optional
        The same in frames and bins; these win where they are given.

    Raises
    ------
    ValueError
        If an option is out of its range.
    """

    name: ClassVar[str] = "median"
    paper: ClassVar[str] = "FitzGerald 2010; Driedger, Müller, Disch 2014"

    power: float = setting(2.0, above=0, most=math.inf)
    margin: float = setting(1.0, least=1, most=LONGEST)
    window_length: int | None = setting(None, least=1, most=LONGEST)
    hop_length: int | None = setting(None, least=1, most=LONGEST)
    harmonic_seconds: float = setting(31 * 512 / 44_100, above=0, most=LONGEST)
    percussive_hertz: float = setting(31 * 44_100 / 2048, above=0, most=LONGEST)
    harmonic_frames: int | None = setting(None, least=1, most=LONGEST)
    percussive_bins: int | None = setting(None, least=1, most=LONGEST)

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def parts(self) -> tuple[str, ...]:
        """See `ticktone.methods.base.Method`."""
        return PARTS if self.margin > 1 else PARTS[:2]

    def stages(self, sample_rate: int) -> tuple[MedianStage]:
        """See `ticktone.methods.base.Method`."""
        window = self.window_length or scaled_length(2048, sample_rate)
        stft = STFT(window, self.hop_length or window // 4)
        frames = self.harmonic_frames or odd(self.harmonic_seconds * sample_rate / stft.hop_length)
        bins = self.percussive_bins or odd(self.percussive_hertz * stft.size / sample_rate)
        return (MedianStage(stft, frames, bins, self.power, self.margin),)
