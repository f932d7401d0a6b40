"""Stretching of what is harmonic: a phase vocoder whose bins are locked to their peaks."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ticktone.stft import STFT
from ticktone.stretch.excerpts import clipped, excerpts


def phase_vocoder(
    blocks: Iterable[NDArray[Any]], speed: float, stft: STFT, threads: int | None = None
) -> Iterator[NDArray[np.float32]]:
    """Play a stream at another speed without changing its pitch.

    Parameters
    ----------
    blocks : iterable of ndarray [shape=(channels, samples)]
        The recording, in blocks of any lengths.
    speed : float
        1 leaves it, 2 halves its length.
    stft : STFT
        Its hop is the output's.
    threads : int, optional
        Of the Fourier transforms. Default: one.

    Yields
    ------
    ndarray [shape=(channels, samples)]
        Together `round(samples / speed)` samples.

    Notes
    -----
    After J. Laroche, M. Dolson, "Improved phase vocoder time-scale modification of audio", IEEE
    Trans. Speech and Audio Processing 7(3), 1999: a peak's phase goes on as its frequency wants
    it, and the bins around it are turned by the same angle ("identity phase locking"). The phase
    that a peak gains over the output's hop is not extrapolated from an unwrapped frequency but
    measured, over just that hop, between the frame and another that lies one output hop earlier
    in the recording (M. Puckette, "Phase-locked vocoder", WASPAA 1995), which is exact for
    stationary sinusoids at every speed and leaves the sound alone at speed 1.

    All channels are turned by the same angles, found from the sum over the channels, so that the
    phases between them, and with these the stereo image, stay what they were.

    Examples
    --------
    >>> tone = np.sin(np.arange(8000) * 0.1)[np.newaxis]
    >>> slow = list(phase_vocoder([tone], 0.8, STFT(1024, 256)))
    >>> sum(block.shape[-1] for block in slow)
    10000
    """
    hop, half = stft.hop_length, stft.size // 2
    taper = stft.taper.astype(np.float32)
    previous: NDArray[Any] | None = None  # spectrum of the frame before. [shape=(channels, bins)]
    rotation = np.ones(stft.bins, np.complex128)
    tail: NDArray[Any] = np.zeros((1, stft.tail_length), np.float32)
    weight_tail: NDArray[Any] = np.zeros(stft.tail_length)
    position, length = -half, None

    for excerpt in excerpts(blocks, speed, hop, half + hop, half):
        count, length = len(excerpt.centres), excerpt.length
        windows = np.lib.stride_tricks.sliding_window_view(excerpt.sound, stft.size, axis=-1)
        first = excerpt.centres - half - excerpt.start
        here, behind = (
            scipy.fft.rfft(windows[:, at] * taper, axis=-1, workers=threads)
            for at in (first, first - hop)
        )  # [shape=(channels, frames, bins)]
        earlier = behind[:, :1] if previous is None else previous[:, np.newaxis]
        earlier = np.concatenate([earlier, here[:, :-1]], axis=1)
        previous = here[:, -1].copy()  # for `here` is turned in place below
        gained = _unit((earlier * behind.conj()).sum(axis=0))
        regions = nearest_peaks((here.real**2 + here.imag**2).sum(axis=0))
        rotations = np.empty(gained.shape, np.complex64)
        for frame in range(count):
            rotation = (rotation * gained[frame])[regions[frame]]
            rotations[frame] = rotation
        here *= rotations
        if len(tail) != len(here):
            tail = np.zeros((len(here), stft.tail_length), np.float32)
        laid = stft.overlap_add(np.swapaxes(here, -1, -2), tail, threads)
        weight = stft.weight(count, weight_tail)
        whole = count * hop
        tail, weight_tail = laid[:, whole:], weight[whole:]
        block = clipped(laid[:, :whole] / _safe(weight[:whole]), position, length)
        position += whole
        if block.shape[-1]:
            yield block
    block = clipped(tail / _safe(weight_tail), position, length)
    if length is not None and block.shape[-1]:
        yield block


def nearest_peaks(power: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return, for each bin, that of the nearest peak: one larger than both its neighbours.

    (Laroche and Dolson ask for four smaller neighbours, which takes bass notes for one that lie
    less than three bins apart.)

    Parameters
    ----------
    power : ndarray [shape=(frames, bins)]

    Returns
    -------
    ndarray [shape=(frames, bins)]
        Where a frame has no peak, each bin's own.
    """
    bins = power.shape[-1]
    padded = np.pad(power, ((0, 0), (1, 1)), constant_values=-1)
    peaks = (power > padded[:, :-2]) & (power > padded[:, 2:])
    index = np.arange(bins)
    far = 2 * bins
    below = np.maximum.accumulate(np.where(peaks, index, -far), axis=-1)
    above = np.minimum.accumulate(np.where(peaks, index, far)[:, ::-1], axis=-1)[:, ::-1]
    nearest = np.where(index - below <= above - index, below, above)
    return np.where(peaks.any(axis=-1, keepdims=True), nearest, index)


def _unit(values: NDArray[np.complexfloating]) -> NDArray[np.complex128]:
    """Return the directions of complex numbers; of zero, 1."""
    wide = values.astype(np.complex128)
    size = np.abs(wide)
    silent = size == 0
    wide[silent], size[silent] = 1, 1
    return wide / size


def _safe(weight: NDArray[Any]) -> NDArray[np.float32]:
    """Avoid dividing by zero before the output begins, which no window may reach."""
    return np.where(weight > 1e-10, weight, 1).astype(np.float32)
