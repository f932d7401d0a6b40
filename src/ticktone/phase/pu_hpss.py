"""PU-HPSS: Drossos, Magron, Mimilakis and Virtanen, IWAENC 2018, section 3.

"Harmonic-percussive source separation with deep neural networks and phase recovery". The harmonic
part is taken for sinusoids, whose phase is unwrapped from frame to frame by their frequencies; the
percussive part begins with the mixture's phase; then both are brought to sum to the mixture as well
as their magnitudes let them.

The sinusoidal model is that of Magron, Badeau and David, "Model-based STFT phase recovery for audio
source separation", TASLP 2018.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.options import check_options, setting
from ticktone.phase.recovery import Magnitude, Phase, Recovery, Spectrogram
from ticktone.stft import STFT

FAINTEST = 0.01  # of a frame's maximum (-40 dB): peaks below are not taken for sinusoids
_TINY = np.float32(1e-30)  # what is less counts as nothing


def frequencies(magnitude: NDArray[np.floating]) -> NDArray[np.float64]:
    """Estimate the frequency of the sinusoid to which each bin belongs.

    A peak's frequency is where the parabola through the logarithms of its bin and of the two
    beside it is highest (QIFFT; Abe and Smith 2004). Every bin belongs to one peak: between two of
    them, the last bin of the lower one's region of influence is the mean of their two bins, each
    weighted by the other's magnitude, so that the louder one's region is the larger.

    Parameters
    ----------
    magnitude : ndarray [shape=(..., bins)]
        Of any number of frames, each looked at alone.

    Returns
    -------
    ndarray [shape=(..., bins)]
        In bins. A frame without peaks has each bin's own.
    """
    frames = magnitude.reshape(-1, magnitude.shape[-1])
    bins = frames.shape[-1]
    inner = frames[:, 1:-1]
    is_peak = (inner > frames[:, :-2]) & (inner >= frames[:, 2:])
    is_peak &= inner > FAINTEST * frames.max(axis=-1, keepdims=True)
    own = np.arange(bins, dtype=np.float64)
    if not is_peak.any():
        return np.broadcast_to(own, magnitude.shape)
    frame, peak = np.nonzero(is_peak)
    peak += 1
    height = frames[frame, peak].astype(np.float64)
    below, above = (
        np.log(np.maximum(frames[frame, peak + side] / height, np.finfo(np.float64).eps))
        for side in (-1, 1)
    )
    frequency = peak + (below - above) / (2 * (below + above))
    # All frames are laid end to end, and each peak's frequency repeated over its region.
    border = (height[1:] * peak[:-1] + height[:-1] * peak[1:]) / (height[1:] + height[:-1])
    last = frame[1:] * bins + np.where(frame[1:] == frame[:-1], border.astype(np.intp), -1)
    regions = np.diff(last, prepend=-1, append=frames.size - 1)
    spread = np.repeat(frequency, regions).reshape(frames.shape)
    return np.where(is_peak.any(axis=-1, keepdims=True), spread, own).reshape(magnitude.shape)


def minimise_mixing_error(
    harmonic: NDArray[np.floating],
    percussive: NDArray[np.floating],
    start: NDArray[np.complexfloating],
    iterations: int,
) -> NDArray[np.complexfloating]:
    """Turn two sources of fixed magnitudes towards summing to the mixture (Algorithm 1, 6 to 9).

    In each iteration the mixing error is shared out by the gains of equation 5, and the sources'
    magnitudes are restored. Everything is relative to the mixture, which is 1 in every bin.

    Parameters
    ----------
    harmonic, percussive : ndarray [shape=(...)]
        Magnitudes.
    start : ndarray [shape=(...)]
        The harmonic source's phase at the start, as a complex number of modulus 1. The percussive
        source has the mixture's.
    iterations : int

    Returns
    -------
    ndarray [shape=(2, ...)]
        The harmonic and the percussive source, complex.

    Notes
    -----
    Where the magnitudes sum to 1 there is no mixing error but by the mixture's phase for both,
    which is approached slowly (as one over the square root of the iterations, in the end): the
    fewer they are, the more is left of the start.
    """
    magnitudes = np.stack([harmonic, percussive])
    power = magnitudes**2
    gains = power / np.maximum(power.sum(axis=0), _TINY)
    sources = np.stack([harmonic * start, percussive.astype(start.dtype)])
    for _ in range(iterations):
        sources += gains * (1 - sources[0] - sources[1])
        sources *= magnitudes / np.maximum(np.abs(sources), _TINY)
    return sources


@dataclass(frozen=True, kw_only=True)
class PUHPSS(Phase):
    """Phase unwrapping for the harmonic part, consistent with the mixture (Drossos et al. 2018).

    Magnitudes are taken as they are given. A negative one, as where a network's percussive mask
    exceeds 1, counts as its absolute value, as in the code of the paper's authors. Where binary
    masks have made them, this is the mixture's phase, for one source is all of the mixture there.

    A source that did not ring in the frame before begins with the mixture's phase, or its
    opposite where its magnitude is negative: in the first frame, both are as they are without
    recovery. All thresholds are relative, so that the level does not matter; those of the code
    are absolute, and far below anything audible.

    Parameters
    ----------
    iterations : int
        At least 1. The more, the nearer the result is to the mixture's phase.

    Raises
    ------
    OptionError
        If an option is of another type or out of its range.
    """

    iterations: int = setting(50, least=1)

    def __post_init__(self) -> None:
        check_options(self)

    def start(self, stft: STFT) -> Recovery:
        """See `ticktone.phase.recovery.Phase`."""
        return _Unwrapping(2 * np.pi * stft.hop_length / stft.size, self.iterations)


class _Unwrapping:
    """The harmonic part's phase between frames.

    Parameters
    ----------
    advance : float
        Of the phase from frame to frame, in radians to a bin of frequency.
    iterations : int
    """

    def __init__(self, advance: float, iterations: int) -> None:
        self.advance, self.iterations = advance, iterations
        # The last frame's phase, of modulus 1; 0 where there is none to go on from.
        self.last: Any = np.complex64(0)

    def __call__(
        self,
        mixture: Spectrogram,
        magnitude: Magnitude,
        parts: tuple[Magnitude, Magnitude],
        wanted: Sequence[int],
    ) -> list[Spectrogram]:
        channels, bins, frames = mixture.shape
        found = np.empty((len(parts), channels, frames, bins), mixture.dtype)
        for frame in range(frames):
            harmonic, percussive = (part[..., frame] for part in parts)
            found[:, :, frame] = self._frame(
                mixture[..., frame], magnitude[..., frame], harmonic, percussive
            )
        return [np.swapaxes(found[part], -1, -2) for part in wanted]

    def _frame(
        self,
        mixture: Spectrogram,
        magnitude: Magnitude,
        harmonic: Magnitude,
        percussive: Magnitude,
    ) -> Spectrogram:
        """Compute one frame. [shape=(channels, bins), of the answer (2, channels, bins)]."""
        heard, sign = np.maximum(magnitude, _TINY), np.where(harmonic < 0, -1, 1)
        harmonic, percussive = np.abs(harmonic), np.abs(percussive)
        unwrapped = self.last * np.exp(1j * self.advance * frequencies(harmonic))
        # As the first frame, a bin that nothing rang in begins as it is without recovery.
        start = np.where(self.last == 0, sign, unwrapped * np.conj(mixture / heard))
        sources: Spectrogram = mixture * minimise_mixing_error(
            harmonic / heard, percussive / heard, start.astype(mixture.dtype), self.iterations
        )
        self.last = sources[0] / np.maximum(np.abs(sources[0]), _TINY)
        return sources
