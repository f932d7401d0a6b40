"""Complementary diffusion: Ono, Miyamoto, Le Roux, Kameoka and Sagayama, EUSIPCO 2008.

"Separation of a monaural audio signal into harmonic/percussive components by complementary
diffusion on spectrogram". The variant with two windows is this rule twice: the later papers of the
same group run their own rules with two windows (`ticktone.methods.anisotropic` has one of them),
and what is neither long nor short (a voice), which counts as percussive in a long window and as
harmonic in a short one, is so kept from the drums.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ticktone.methods.base import Magnitude, Method, Stage, check_range
from ticktone.stft import STFT, scaled_length


def diffuse(compressed: Magnitude, alpha: float, iterations: int) -> Magnitude:
    """Find the harmonic part of a range-compressed spectrogram (Ono et al. 2008, section 3).

    Minimises the squared steps of the harmonic part along time and of the percussive part along
    frequency, their sum and signs kept; edges are mirrored.

    Parameters
    ----------
    compressed : ndarray [shape=(channels, bins, frames)]
    alpha : float
        In (0, 1): the weight of the harmonic part's smoothness against the percussive part's.
    iterations : int

    Returns
    -------
    ndarray [shape=(channels, bins, frames)]
        Between 0 and `compressed`; the rest is percussive.
    """
    harmonic: Magnitude = compressed / np.float32(2)
    step = np.empty_like(harmonic)
    for _ in range(iterations):
        # d = (alpha/4) D_t H - ((1-alpha)/4) D_f P, D the second difference along time, frequency
        along_time = np.diff(harmonic, axis=-1) * (alpha / 4)
        along_frequency = np.diff(compressed - harmonic, axis=-2) * ((alpha - 1) / 4)
        step.fill(0)
        step[..., :-1] += along_time
        step[..., 1:] -= along_time
        step[..., :-1, :] += along_frequency
        step[..., 1:, :] -= along_frequency
        harmonic += step
        np.clip(harmonic, 0, compressed, out=harmonic)
    return harmonic


@dataclass(frozen=True)
class DiffusionStage(Stage):
    """Divide by complementary diffusion; see `Diffusion` for the parameters."""

    stft: STFT
    alpha: float
    gamma: float
    iterations: int

    @property
    def context(self) -> int:
        """Each iteration looks one frame further."""
        return self.iterations

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`."""
        compressed = magnitude ** np.float32(2 * self.gamma)
        harmonic = diffuse(compressed, self.alpha, self.iterations)
        is_harmonic = (harmonic > compressed - harmonic)[..., wanted]
        magnitude = magnitude[..., wanted]
        return np.where(is_harmonic, magnitude, 0), np.where(is_harmonic, 0, magnitude)


@dataclass(frozen=True, kw_only=True)
class Diffusion(Method):
    """Complementary diffusion on the spectrogram (Ono et al. 2008), with binary masks.

    Parameters
    ----------
    alpha : float
        In (0, 1): the weight of smoothness along time against smoothness along frequency.
    gamma : float
        Range compression: the diffusion sees ``|X| ** (2 * gamma)``.
    iterations : int
        At least 1.
    window_length : int, optional
        Samples. Default: the power of two nearest to 46 ms (2048 at 44.1 kHz); the hop is a
        half of it.
    two_windows : bool
        Whether a first pass with a window twice as long takes the harmonic part out first. No
        paper has this combination: it is ours.

    Raises
    ------
    ValueError
        If an option is out of its range.
    """

    name: ClassVar[str] = "diffusion"
    paper: ClassVar[str] = "Ono et al. 2008"

    alpha: float = 0.3
    gamma: float = 0.3
    iterations: int = 50
    window_length: int | None = None
    two_windows: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha must be between 0 and 1, not {self.alpha}")
        check_range("gamma", self.gamma, above=True, most=1)  # at 1 nothing is compressed
        check_range("iterations", self.iterations, 1)
        check_range("window_length", self.window_length, 4)

    def stages(self, sample_rate: int) -> tuple[DiffusionStage, ...]:
        """See `ticktone.methods.base.Method`."""
        window = self.window_length or scaled_length(2048, sample_rate)
        windows = (2 * window, window) if self.two_windows else (window,)
        return tuple(
            DiffusionStage(STFT(length, length // 2), self.alpha, self.gamma, self.iterations)
            for length in windows
        )
