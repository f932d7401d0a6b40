"""Anisotropic smoothness: Tachibana, Ono, Kameoka and Sagayama, TASLP 22(12), 2014.

"Harmonic/percussive sound separation based on anisotropic smoothness of spectrograms". Two
non-negative spectrograms explain a range-compressed one: the harmonic one is smooth along time, the
percussive one along frequency. With two windows, after Tachibana, Ono and Sagayama, "Singing voice
enhancement in monaural music signals based on two-stage harmonic/percussive sound separation on
multiple resolution spectrograms", TASLP 22(1), 2014: a voice fluctuates too much to be harmonic in
a long window, and too little to be percussive in a short one, and so is kept from the drums.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from ticktone.methods.base import Magnitude, Method, Stage, check_range
from ticktone.methods.median import soft_mask
from ticktone.stft import STFT, scaled_length

LONG = 8  # times the short window: what the first of two passes has
_TINY = np.float32(1e-30)  # of compressed magnitudes: far below anything audible

CONSTRAINTS = ("divergence", "quadratic", "linear")


def neighbourhood_mean(values: Magnitude, reach: int, axis: int) -> Magnitude:
    """Compute the mean of the `reach` neighbours to either side, without the value itself.

    What lies outside counts as zero, as in the authors' code. The order of the additions depends
    on nothing but `reach`, so that a mean depends on its neighbourhood alone, to the bit.

    Parameters
    ----------
    values : ndarray [shape=(...)]
    reach : int
        At least 1.
    axis : int

    Returns
    -------
    ndarray [shape=(...)]

    Examples
    --------
    >>> neighbourhood_mean(np.array([0, 1, 0, 4], np.float32), 1, -1).tolist()
    [0.5, 0.0, 2.5, 0.0]
    """
    along = np.moveaxis(values, axis, -1)
    length = along.shape[-1]
    doubled = np.pad(along, [(0, 0)] * (along.ndim - 1) + [(reach, reach)])
    count = length + reach + 1  # of the sums over `reach` values that are needed
    sums = np.zeros((*along.shape[:-1], count), values.dtype)
    size, offset = 1, 0  # doubled[i] is the sum of `size` values from i on
    while size <= reach:
        if reach & size:
            sums += doubled[..., offset : offset + count]
            offset += size
        doubled = doubled[..., :-size] + doubled[..., size:]
        size *= 2
    total = sums[..., :length] + sums[..., reach + 1 :]
    mean = (total / np.float32(2 * reach)).astype(values.dtype)
    return np.moveaxis(mean, -1, axis)


def update_divergence(
    mean_harmonic: Magnitude,
    mean_percussive: Magnitude,
    *,
    power: Magnitude,
    share: Magnitude,
    weight: float,
    fidelity: float,
) -> tuple[Magnitude, Magnitude]:
    """Update both parts for the I-divergence of ``H**2 + P**2`` from the power.

    Parameters
    ----------
    mean_harmonic, mean_percussive : ndarray [shape=(...)]
        Of the harmonic part's neighbours in time, of the percussive part's in frequency.
    power : ndarray [shape=(...)]
        The square of the compressed magnitude.
    share : ndarray [shape=(...)]
        The harmonic part's share of the power, as the parts before the update have it.
    weight : float
        Of smoothness along frequency against smoothness along time.
    fidelity : float
        Of the divergence against smoothness.

    Returns
    -------
    harmonic, percussive : ndarray [shape=(...)]
    """
    along_time, along_frequency = np.float32(fidelity), np.float32(fidelity / weight)
    return (
        _root(mean_harmonic, along_time, share * power),
        _root(mean_percussive, along_frequency, (1 - share) * power),
    )


def _root(mean: Magnitude, fidelity: np.float32, power: Magnitude) -> Magnitude:
    """Solve ``(2 + c) x**2 - 2 mean x - c power = 0`` for the positive x."""
    two = np.float32(2) + fidelity
    return (mean + np.sqrt(mean * mean + (two * fidelity) * power)) / two


def update_quadratic(
    mean_harmonic: Magnitude, mean_percussive: Magnitude, *, compressed: Magnitude
) -> tuple[Magnitude, Magnitude]:
    """Update both parts under the constraint that their squares sum to the square."""
    length = np.sqrt(mean_harmonic * mean_harmonic + mean_percussive * mean_percussive)
    scale = (compressed / np.maximum(length, _TINY)).astype(compressed.dtype)
    return mean_harmonic * scale, mean_percussive * scale


def update_linear(
    mean_harmonic: Magnitude, mean_percussive: Magnitude, *, compressed: Magnitude, weight: float
) -> tuple[Magnitude, Magnitude]:
    """Update both parts under the constraint that they sum to the compressed magnitude.

    The smoothness along frequency is weighted by `weight`. (In the authors' code the weight stands
    at the other mean, and so is that of smoothness along time.)
    """
    w = np.float32(weight)
    harmonic = (mean_harmonic + w * (compressed - mean_percussive)) / (1 + w)
    limited = np.clip(harmonic, 0, compressed).astype(compressed.dtype)
    return limited, compressed - limited


def smooth(
    compressed: Magnitude,
    constraint: str,
    iterations: int,
    reach: int,
    weight: float = 1.0,
    fidelity: float = 0.01,
) -> tuple[Magnitude, Magnitude]:
    """Find the two smooth parts of a range-compressed spectrogram.

    All bins are updated at once, from the parts before the iteration. (The authors' code updates
    one bin after another; what either ends in is the same.)

    Parameters
    ----------
    compressed : ndarray [shape=(channels, bins, frames)]
        Non-negative.
    constraint : {"divergence", "quadratic", "linear"}
        How the parts are held to the spectrogram: softly, by the I-divergence of the sum of their
        squares from its square; or by that sum, or by their own, exactly.
    iterations, reach : int
        `reach` neighbours to either side are to be alike.
    weight, fidelity : float
        See `update_divergence`.

    Returns
    -------
    harmonic, percussive : ndarray [shape=(channels, bins, frames)]
    """
    harmonic = percussive = compressed / np.float32(2)
    power = np.square(compressed)
    for _ in range(iterations):
        means = neighbourhood_mean(harmonic, reach, -1), neighbourhood_mean(percussive, reach, -2)
        if constraint == "quadratic":
            harmonic, percussive = update_quadratic(*means, compressed=compressed)
        elif constraint == "linear":
            harmonic, percussive = update_linear(*means, compressed=compressed, weight=weight)
        else:
            share = soft_mask(harmonic, percussive, power=2, undecided=0.5)
            harmonic, percussive = update_divergence(
                *means, power=power, share=share, weight=weight, fidelity=fidelity
            )
    return harmonic, percussive


@dataclass(frozen=True)
class AnisotropicStage(Stage):
    """Divide by anisotropic smoothness; see `Anisotropic` for the parameters."""

    stft: STFT
    smooth: Callable[[Magnitude], tuple[Magnitude, Magnitude]]
    gamma: float
    power: float
    frames: int  # each iteration looks `reach` frames further

    @property
    def context(self) -> int:
        """Frames that all iterations together look to either side."""
        return self.frames

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`."""
        harmonic, percussive = self.smooth(magnitude ** np.float32(self.gamma))
        seen = magnitude[..., wanted]
        # The parts are powers of magnitudes, so that masks of magnitudes have another exponent.
        mask = soft_mask(
            harmonic[..., wanted], percussive[..., wanted], self.power / self.gamma, undecided=0.5
        )
        harmonic = mask * seen
        return harmonic, seen - harmonic


@dataclass(frozen=True, kw_only=True)
class Anisotropic(Method):
    """Anisotropic smoothness of spectrograms (Tachibana et al. 2014).

    The defaults are those of the authors' code, whose frames of 512 samples at 16 kHz last 32 ms.
    They hardly separate drums from singing and bass: ``constraint="quadratic", reach=1, power=2,
    window_length=4096`` does better on most songs (`docs/methods.md`).

    Parameters
    ----------
    constraint : {"divergence", "quadratic", "linear"}
        How the parts are held to the mixture; see `smooth`.
    weight : float
        Greater than 0: of smoothness along frequency against smoothness along time.
        ("quadratic" knows of none.)
    fidelity : float
        Greater than 0: of "divergence", against smoothness.
    gamma : float
        Range compression: the parts explain ``|X| ** gamma``.
    reach : int
        Frames, and bins, to either side that are to be alike; at least 1.
    iterations : int
        At least 1.
    power : float
        Of the masks on magnitudes: infinity for binary ones, 2 for Wiener filtering.
    window_length : int, optional
        Samples. Default: the power of two nearest to 32 ms (1024 at 44.1 kHz); the hop is a half
        of it.
    two_windows : bool
        Whether a first pass with a long window takes out what is harmonic in it.
    long_window : int, optional
        Samples in that window. Default: eight times the other.

    Raises
    ------
    ValueError
        If an option is out of its range.
    """

    name: ClassVar[str] = "anisotropic"
    paper: ClassVar[str] = "Tachibana, Ono, Kameoka, Sagayama 2014"

    constraint: str = "divergence"
    weight: float = 1.0
    fidelity: float = 0.01
    gamma: float = 0.5
    reach: int = 10
    iterations: int = 30
    power: float = math.inf
    window_length: int | None = None
    two_windows: bool = False
    long_window: int | None = None

    def __post_init__(self) -> None:
        if self.constraint not in CONSTRAINTS:
            raise ValueError(
                f"constraint must be one of {', '.join(CONSTRAINTS)}, not {self.constraint!r}"
            )
        for name in ("weight", "fidelity"):
            check_range(name, getattr(self, name), above=True)
        check_range("gamma", self.gamma, above=True, most=2)
        check_range("reach", self.reach, 1, most=1000)
        check_range("iterations", self.iterations, 1)
        check_range("power", self.power, above=True, most=math.inf)
        for name in ("window_length", "long_window"):
            check_range(name, getattr(self, name), 4)

    def stages(self, sample_rate: int) -> tuple[AnisotropicStage, ...]:
        """See `ticktone.methods.base.Method`."""
        short = self.window_length or scaled_length(1411, sample_rate)
        long = self.long_window or LONG * short
        windows = (long, short) if self.two_windows else (short,)
        return tuple(self._stage(window) for window in windows)

    def _stage(self, window: int) -> AnisotropicStage:
        sine = np.sin(np.pi * (np.arange(window) + 0.5) / window)
        rule = partial(
            smooth,
            constraint=self.constraint,
            iterations=self.iterations,
            reach=self.reach,
            weight=self.weight,
            fidelity=self.fidelity,
        )
        stft = STFT(window, window // 2, window=sine)
        return AnisotropicStage(stft, rule, self.gamma, self.power, self.iterations * self.reach)
