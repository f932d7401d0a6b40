"""Non-negative matrix factorisation: Cañadas-Quesada, Vera-Candeas, Ruiz-Reyes et al. 2014.

"Percussive/harmonic sound separation by non-negative matrix factorization with
smoothness/sparseness constraints", EURASIP Journal on Audio, Speech, and Music Processing 2014:26.
A spectrogram is explained by two sets of spectra and their gains: percussive ones, whose spectra
are smooth and whose gains are sparse, and harmonic ones, whose spectra are sparse and whose gains
are smooth. It was made for music without singing.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, NamedTuple

import numpy as np

from ticktone.methods.base import Magnitude, Method
from ticktone.methods.factorisation import FactorisationStage, factorisation_stage
from ticktone.options import LONGEST, check_options, setting
from ticktone.stft import STFT, scaled_length

_TINY = np.float32(1e-12)  # of spectrograms and rows whose mean is about 1


class Constraints(NamedTuple):
    """The weights of the four constraints, against the divergence."""

    percussive_spectra_smooth: float
    percussive_gains_sparse: float
    harmonic_spectra_sparse: float
    harmonic_gains_smooth: float


class Gradient(NamedTuple):
    """A gradient as a difference of two non-negative terms, as multiplicative updates need it."""

    plus: Magnitude
    minus: Magnitude


def smoothness_gradient(rows: Magnitude) -> Gradient:
    """Return the gradient of the rows' squared steps, over their mean squares.

    Parameters
    ----------
    rows : ndarray [shape=(components, length)]
        Non-negative.

    Returns
    -------
    Gradient of ndarray [shape=(components, length)]
    """
    length, energy = rows.shape[-1], np.square(rows).sum(-1, keepdims=True) + _TINY
    steps = np.square(np.diff(rows)).sum(-1, keepdims=True)
    padded = np.pad(rows, ((0, 0), (1, 1)), mode="edge")
    neighbours = padded[:, :-2] + padded[:, 2:]
    return Gradient(
        4 * length * rows / energy,
        2 * length * (neighbours / energy + rows * (steps / energy / energy)),
    )


def sparseness_gradient(rows: Magnitude) -> Gradient:
    """Return the gradient of the rows' sums, over their root mean squares.

    Parameters
    ----------
    rows : ndarray [shape=(components, length)]
        Non-negative.

    Returns
    -------
    Gradient of ndarray [shape=(components, length)]
    """
    root, energy = np.sqrt(rows.shape[-1]), np.square(rows).sum(-1, keepdims=True) + _TINY
    sums = rows.sum(-1, keepdims=True)
    plus = np.broadcast_to(root / np.sqrt(energy), rows.shape)
    return Gradient(plus, root * rows * (sums / energy**1.5))


def factorise(
    spectrogram: Magnitude,
    components: tuple[int, int],
    iterations: int,
    beta: float,
    constraints: Constraints,
    extrapolate: bool = False,
) -> tuple[Magnitude, Magnitude]:
    """Explain a spectrogram as the sum of a harmonic and a percussive one.

    Spectra and gains are updated by turns, from random ones that are always the same.

    Parameters
    ----------
    spectrogram : ndarray [shape=(bins, frames)]
        Non-negative, its mean about 1.
    components : tuple of int
        Harmonic, percussive.
    iterations : int
    beta : float
        Of the beta divergence: 1 is the generalised Kullback-Leibler divergence, 2 the squared
        distance.
    constraints : Constraints
    extrapolate : bool
        Whether each update starts further on in the direction of the one before, by Nesterov's
        weights, where that is upwards (Hien, Leplat and Gillis, "Block majorization minimization
        with extrapolation and application to beta-NMF", 2023). About half the iterations do then.

    Returns
    -------
    harmonic, percussive : ndarray [shape=(bins, frames)]
    """
    rng = np.random.default_rng(0)
    spectra, gains = (
        (1 - rng.random((sum(components), length))).astype(np.float32)
        for length in spectrogram.shape
    )
    harmonic, percussive = slice(components[0]), slice(components[0], None)
    of_spectra = (
        (harmonic, sparseness_gradient, constraints.harmonic_spectra_sparse),
        (percussive, smoothness_gradient, constraints.percussive_spectra_smooth),
    )
    of_gains = (
        (harmonic, smoothness_gradient, constraints.harmonic_gains_smooth),
        (percussive, sparseness_gradient, constraints.percussive_gains_sparse),
    )
    before = [spectra, gains]
    momentum = 1.0
    for _ in range(iterations):
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = np.float32((momentum - 1) / following if extrapolate else 0)
        momentum = following
        for turn, penalties in enumerate((of_spectra, of_gains)):
            rows = gains if turn else spectra
            start = rows + ahead * np.maximum(rows - before[turn], 0)
            before[turn] = rows
            if turn:
                gradient = divergence_gradient(start, spectra, spectrogram.T, beta)
                gains = start
            else:
                gradient = divergence_gradient(start, gains, spectrogram, beta)
                spectra = start
            for part, penalty, weight in penalties:
                terms = penalty(start[part])
                gradient.plus[part] += np.float32(weight) * terms.plus
                gradient.minus[part] += np.float32(weight) * terms.minus
            start *= gradient.minus / np.maximum(gradient.plus, _TINY)
    return spectra[harmonic].T @ gains[harmonic], spectra[percussive].T @ gains[percussive]


def divergence_gradient(
    rows: Magnitude, others: Magnitude, spectrogram: Magnitude, beta: float
) -> Gradient:
    """Compute the gradient of the beta divergence of a spectrogram from ``rows.T @ others``.

    Parameters
    ----------
    rows, others : ndarray [shape=(components, bins)], [shape=(components, frames)]
    spectrogram : ndarray [shape=(bins, frames)]
    beta : float

    Returns
    -------
    Gradient of ndarray [shape=(components, bins)]
        With respect to `rows`.

    Notes
    -----
    Three matrix products, which take most of the time, and little else: a general power costs as
    much as a product, and 1.5, the default, needs a square root only.
    """
    explained = rows.T @ others
    np.maximum(explained, _TINY, out=explained)
    if beta == 1.5:
        power = np.sqrt(explained, out=explained)  # explained ** (beta - 1)
        slope = spectrogram / power  # spectrogram * explained ** (beta - 2)
    else:
        power = explained ** np.float32(beta - 1)
        slope = spectrogram * power / explained
    return Gradient(others @ power.T, others @ slope.T)


@dataclass(frozen=True, kw_only=True)
class NMF(Method):
    """Non-negative matrix factorisation with constraints (Cañadas-Quesada et al. 2014).

    The paper factorises a whole excerpt at once; here each segment is factorised by itself, so
    that memory does not grow with the recording. Channels are separated each by itself. Slow:
    the work grows with both numbers of components, and with the iterations.

    Parameters
    ----------
    harmonic_components, percussive_components : int
        Spectra of either part, at least 1.
    iterations : int
        At least 1. 50 come about as far as the paper's 100 without extrapolation.
    extrapolate : bool
        Whether updates start ahead; see `factorise`. The paper's do not.
    beta : float
        In [1, 2], of the beta divergence.
    percussive_spectra_smooth, percussive_gains_sparse : float
        Weights, from 0, of what makes a component percussive.
    harmonic_spectra_sparse, harmonic_gains_smooth : float
        Weights, from 0, of what makes a component harmonic.
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

    name: ClassVar[str] = "nmf"
    paper: ClassVar[str] = "Cañadas-Quesada et al. 2014"

    harmonic_components: int = setting(150, least=1, most=LONGEST)
    percussive_components: int = setting(150, least=1, most=LONGEST)
    iterations: int = setting(50, least=1, most=LONGEST)
    extrapolate: bool = True
    beta: float = setting(1.5, least=1, most=2)
    percussive_spectra_smooth: float = setting(0.1, least=0, most=LONGEST)
    percussive_gains_sparse: float = setting(0.1, least=0, most=LONGEST)
    harmonic_spectra_sparse: float = setting(0.1, least=0, most=LONGEST)
    harmonic_gains_smooth: float = setting(0.1, least=0, most=LONGEST)
    segment_seconds: float = setting(30.0, least=1, most=3600)
    window_length: int | None = setting(None, least=4, most=LONGEST)
    threads: int = setting(1, least=1, most=LONGEST)

    def __post_init__(self) -> None:
        check_options(self)

    def stages(self, sample_rate: int) -> tuple[FactorisationStage]:
        """See `ticktone.methods.base.Method`."""
        window = self.window_length or scaled_length(2048, sample_rate)
        rule = partial(
            factorise,
            components=(self.harmonic_components, self.percussive_components),
            iterations=self.iterations,
            beta=self.beta,
            constraints=Constraints(*(getattr(self, name) for name in Constraints._fields)),
            extrapolate=self.extrapolate,
        )
        stft, seconds = STFT(window, window // 4), self.segment_seconds
        return (factorisation_stage(stft, sample_rate, seconds, rule, self.beta, self.threads),)
