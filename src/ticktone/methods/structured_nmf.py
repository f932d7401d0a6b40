"""Structured NMF: Laroche, Kowalski, Papadopoulos and Richard, EUSIPCO 2015.

"A structured nonnegative matrix factorization for source separation". The harmonic part is what the
spectrogram leaves when it is projected on a few spectra (projective NMF; Yuan and Oja 2005), whose
spectra become nearly orthogonal, and so sparse, of themselves; the percussive part is ordinary NMF.
No constraint, no training.

The rule below follows from the model and the beta divergence alone, as its gradient's negative over
its positive part. What was not to be had from a public text, and so is ours: the numbers of
components, the iterations, and the root of the projective part's factor, which keeps it from
overshooting, as the model is quadratic in these spectra.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from ticktone.methods.base import Magnitude, check_range
from ticktone.methods.factorisation import FactorisationStage, factorisation_stage
from ticktone.stft import STFT, scaled_length

_TINY = np.float32(1e-12)  # of spectrograms whose mean is about 1


def factorise_structured(
    spectrogram: Magnitude,
    components: tuple[int, int],
    iterations: int,
    beta: float,
) -> tuple[Magnitude, Magnitude]:
    """Explain a spectrogram V as ``W W^T V + P G``: a projection and an ordinary factorisation.

    Parameters
    ----------
    spectrogram : ndarray [shape=(bins, frames)]
        Non-negative, its mean about 1.
    components : tuple of int
        Harmonic (columns of W), percussive (of P).
    iterations : int
    beta : float
        Of the beta divergence.

    Returns
    -------
    harmonic, percussive : ndarray [shape=(bins, frames)]
    """
    tonal, spectra, gains = _factors(spectrogram, components, iterations, beta)
    return tonal @ (tonal.T @ spectrogram), spectra @ gains


def _factors(
    V: Magnitude, components: tuple[int, int], iterations: int, beta: float
) -> tuple[Magnitude, Magnitude, Magnitude]:
    """Find W, P and G."""
    rng = np.random.default_rng(0)
    (bins, frames), (harmonic, percussive) = V.shape, components
    W, P, G = (
        (1 - rng.random(shape)).astype(V.dtype)
        for shape in ((bins, harmonic), (bins, percussive), (percussive, frames))
    )
    # Each part begins with half of the spectrogram.
    total = V.sum(dtype=np.float64)
    W *= np.sqrt(total / 2 / max((W @ (W.T @ V)).sum(dtype=np.float64), 1e-30)).astype(V.dtype)
    G *= (total / 2 / (P @ G).sum(dtype=np.float64)).astype(V.dtype)
    for _ in range(iterations):
        minus, plus = _slopes(V, W, P, G, beta)
        projected = W.T @ V
        up = minus @ projected.T + V @ (minus.T @ W)
        down = plus @ projected.T + V @ (plus.T @ W)
        W *= np.sqrt(up / np.maximum(down, _TINY))
        minus, plus = _slopes(V, W, P, G, beta)
        P *= (minus @ G.T) / np.maximum(plus @ G.T, _TINY)
        minus, plus = _slopes(V, W, P, G, beta)
        G *= (P.T @ minus) / np.maximum(P.T @ plus, _TINY)
    return W, P, G


def _slopes(
    V: Magnitude, W: Magnitude, P: Magnitude, G: Magnitude, beta: float
) -> tuple[Magnitude, Magnitude]:
    """Compute ``A ** (beta - 2) * V`` and ``A ** (beta - 1)`` of what is explained, A."""
    explained = W @ (W.T @ V)
    explained += P @ G
    np.maximum(explained, _TINY, out=explained)
    if beta == 1:
        return V / explained, np.ones_like(explained)
    if beta == 2:
        return V, explained
    power = explained ** np.asarray(beta - 1, V.dtype)
    return power * V / explained, power


@dataclass(frozen=True, kw_only=True)
class StructuredNMF:
    """Projective NMF for what is harmonic, NMF for what is percussive (Laroche et al. 2015).

    Segment after segment, channel by channel, as `ticktone.methods.nmf.NMF`.

    Parameters
    ----------
    harmonic_components, percussive_components : int
        At least 1.
    iterations : int
        At least 1.
    beta : float
        In [0, 2], of the beta divergence: 0 is that of Itakura and Saito, 1 that of Kullback and
        Leibler, 2 the squared distance.
    segment_seconds : float
        Of a segment, at least 1; 2 s on either side are seen too.
    window_length : int, optional
        Samples. Default: the power of two nearest to 46 ms (2048 at 44.1 kHz); the hop is a
        quarter of it.
    threads : int
        Of matrix products, at least 1.

    Raises
    ------
    ValueError
        If an option is out of its range.
    """

    name: ClassVar[str] = "structured-nmf"
    paper: ClassVar[str] = "Laroche, Kowalski, Papadopoulos, Richard 2015"

    harmonic_components: int = 100
    percussive_components: int = 30
    iterations: int = 50
    beta: float = 1.0
    segment_seconds: float = 30.0
    window_length: int | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        for name in ("harmonic_components", "percussive_components", "iterations", "threads"):
            check_range(name, getattr(self, name), 1)
        check_range("beta", self.beta, most=2)
        check_range("segment_seconds", self.segment_seconds, 1, most=3600)
        check_range("window_length", self.window_length, 4)

    @property
    def has_residual(self) -> bool:
        """See `ticktone.methods.base.Method`."""
        return False

    def stages(self, sample_rate: int) -> tuple[FactorisationStage]:
        """See `ticktone.methods.base.Method`."""
        window = self.window_length or scaled_length(2048, sample_rate)
        rule = partial(
            factorise_structured,
            components=(self.harmonic_components, self.percussive_components),
            iterations=self.iterations,
            beta=self.beta,
        )
        stft, seconds = STFT(window, window // 4), self.segment_seconds
        return (factorisation_stage(stft, sample_rate, seconds, rule, 1.0, self.threads),)
