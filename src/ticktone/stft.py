"""Time <-> time-frequency: the short-time Fourier transform and its least-squares inverse."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

REFERENCE_RATE = 44_100  # Hz; the rate at which the papers' window lengths are given
WINDOWS = ("hann", "symmetric hamming")  # those that networks learn with


def scaled_length(length: int, sample_rate: float) -> int:
    """Return the power of two that lasts about as long as `length` samples do at 44.1 kHz.

    >>> scaled_length(2048, 44_100), scaled_length(2048, 48_000), scaled_length(2048, 96_000)
    (2048, 2048, 4096)
    """
    return max(16, int(2 ** round(np.log2(length * sample_rate / REFERENCE_RATE))))


@dataclass(frozen=True)
class STFT:
    """A short-time Fourier transform whose frames are centred, as librosa's and torch's are.

    Frame `t` is centred on sample `t * hop_length`; the signal is taken as zero outside itself.

    Parameters
    ----------
    window_length, hop_length : int
        Samples. The hop may be at most half the window, or samples would be lost.
    fft_length : int, optional
        Samples; the window is centred in it and the rest is zero. Default: `window_length`.
    window : str, tuple or ndarray [shape=(window_length,)]
        ``"hann"`` (periodic), ``"symmetric hamming"`` (its ends are equal), or anything that
        `scipy.signal.get_window` takes, or samples.

    Raises
    ------
    ValueError
        If a length is not positive, the hop is too long or the FFT shorter than the window.
    """

    window_length: int
    hop_length: int
    fft_length: int | None = None
    window: Any = "hann"

    def __post_init__(self) -> None:
        if self.window_length < 2 or self.hop_length < 1:
            raise ValueError(
                f"the window ({self.window_length}) must have at least 2 samples, "
                f"the hop ({self.hop_length}) at least 1"
            )
        if self.hop_length > self.window_length // 2:
            raise ValueError(
                f"a hop of {self.hop_length} samples loses sound: "
                f"it may be at most half the window ({self.window_length} samples)"
            )
        if self.size < self.window_length:
            raise ValueError(
                f"fft_length ({self.size}) is shorter than window_length ({self.window_length})"
            )

    @property
    def size(self) -> int:
        """Samples in one frame."""
        return self.fft_length or self.window_length

    @property
    def before(self) -> int:
        """Samples before a frame that its transform takes in, too; see `ticktone.two_windows`."""
        return 0

    @property
    def bins(self) -> int:
        """Frequency bins, DC and Nyquist included."""
        return self.size // 2 + 1

    def frames(self, samples: int) -> int:
        """Return the number of frames of a signal of so many samples.

        As many as librosa's and torch's, `1 + samples // hop_length`; and one more where the hop
        is longer than a quarter of the window, lest only a window's vanishing end hear the last
        samples.
        """
        if 4 * self.hop_length > self.window_length:
            samples += self.hop_length - 1
        return 1 + samples // self.hop_length

    @cached_property
    def taper(self) -> NDArray[np.float64]:
        """The window, centred in the frame. [shape=(size,)]."""
        if isinstance(self.window, str) and self.window == "hann":
            phase = 2 * np.pi * np.arange(self.window_length) / self.window_length
            taper = 0.5 - 0.5 * np.cos(phase)
        elif isinstance(self.window, str) and self.window == "symmetric hamming":
            taper = np.hamming(self.window_length)
        elif isinstance(self.window, np.ndarray):
            taper = self.window.astype(np.float64)
        else:
            from scipy.signal import get_window  # slow to import, seldom needed

            taper = get_window(self.window, self.window_length)
        if taper.shape != (self.window_length,):
            raise ValueError(
                f"the window has shape {taper.shape}, expected ({self.window_length},)"
            )
        before = (self.size - self.window_length) // 2
        return np.pad(taper, (before, self.size - self.window_length - before))

    def transform(
        self, padded: NDArray[np.floating], threads: int | None = None
    ) -> NDArray[np.complexfloating]:
        """Transform every whole frame that starts on a multiple of the hop.

        Parameters
        ----------
        padded : ndarray [shape=(channels, samples)]
            Sound, already padded as the caller sees fit.

        Returns
        -------
        ndarray [shape=(channels, bins, frames)]
            complex64 for float32 sound, else complex128.
        """
        return self._of_frames(padded, self.taper, threads)

    def _of_frames(
        self, padded: NDArray[np.floating], taper: NDArray[np.float64], threads: int | None
    ) -> NDArray[np.complexfloating]:
        frames = np.lib.stride_tricks.sliding_window_view(padded, len(taper), axis=-1)
        tapered = frames[..., :: self.hop_length, :] * taper.astype(padded.dtype)
        spectrogram = scipy.fft.rfft(tapered, axis=-1, workers=threads, overwrite_x=True)
        return np.swapaxes(spectrogram, -1, -2)

    def overlap_add(
        self,
        spectrogram: NDArray[np.complexfloating],
        tail: NDArray[np.floating],
        threads: int | None = None,
    ) -> NDArray[np.floating]:
        """Overlap-add frames to what earlier frames left, not yet normalised.

        Parameters
        ----------
        spectrogram : ndarray [shape=(channels, bins, frames)]
        tail : ndarray [shape=(channels, tail_length)]
            What earlier frames left in the first samples of these; zeros at the start.

        Returns
        -------
        ndarray [shape=(channels, frames * hop_length + tail_length)]
            All but the last `tail_length` samples are complete. Frames are always added oldest
            first, so the sum does not depend on how they were divided into calls, to the bit.
        """
        frames = scipy.fft.irfft(
            np.swapaxes(spectrogram, -1, -2), self.size, axis=-1, workers=threads
        )
        frames *= self.taper.astype(frames.dtype)
        return self._lay_down(frames, tail)

    @property
    def tail_length(self) -> int:
        """Samples that a frame shares with later ones."""
        return self._segments * self.hop_length - self.hop_length

    @property
    def _segments(self) -> int:
        return -(-self.size // self.hop_length)

    def _lay_down(
        self, frames: NDArray[np.floating], tail: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        *channels, count, size = frames.shape
        hop = self.hop_length
        laid = np.zeros((*channels, count + self._segments - 1, hop), frames.dtype)
        flat = laid.reshape(*channels, laid.shape[-2] * hop)
        flat[..., : self.tail_length] = tail
        for segment in reversed(range(self._segments)):  # the oldest frame's share comes first
            piece = frames[..., segment * hop : min(size, (segment + 1) * hop)]
            laid[..., segment : segment + count, : piece.shape[-1]] += piece
        return flat

    def weight(self, count: int, tail: NDArray[np.floating]) -> NDArray[np.floating]:
        """Overlap-add the squared window of `count` frames, to normalise `overlap_add` by.

        Returns
        -------
        ndarray [shape=(count * hop_length + tail_length,)]
        """
        few = min(count, self._segments)
        laid = self._lay_down(np.tile(self.taper**2, (few, 1)), tail)
        # From here on every hop is under as many windows as the next.
        steady = laid[(few - 1) * self.hop_length : few * self.hop_length]
        rest = laid[few * self.hop_length :]
        return np.concatenate([laid[: len(laid) - len(rest)], np.tile(steady, count - few), rest])

    def forward(self, audio: NDArray[np.floating]) -> NDArray[np.complexfloating]:
        """Transform a whole signal.

        Parameters
        ----------
        audio : ndarray [shape=(..., samples)]

        Returns
        -------
        ndarray [shape=(..., bins, frames)]
        """
        before, samples = self.before + self.size // 2, audio.shape[-1]
        length = self.before + (self.frames(samples) - 1) * self.hop_length + self.size
        padded = np.zeros((*audio.shape[:-1], max(length, before + samples)), audio.dtype)
        padded[..., before : before + samples] = audio
        return self.transform(padded[..., :length])

    def inverse(
        self, spectrogram: NDArray[np.complexfloating], samples: int, before: int | None = None
    ) -> NDArray[np.floating]:
        """Return the signal whose transform is nearest to `spectrogram` (Griffin and Lim 1984).

        Parameters
        ----------
        spectrogram : ndarray [shape=(..., bins, frames)]
        samples : int
            Length of the signal; what no frame reaches is zero.
        before : int, optional
            Samples of the first frame that lie before the signal. Default: half.

        Returns
        -------
        ndarray [shape=(..., samples)]
        """
        channels, frames = spectrogram.shape[:-2], spectrogram.shape[-1]
        dtype = np.finfo(spectrogram.dtype).dtype
        laid = self.overlap_add(spectrogram, np.zeros((*channels, self.tail_length), dtype))
        weight = self.weight(frames, np.zeros(self.tail_length))
        before = self.size // 2 if before is None else before
        laid, weight = laid[..., before : before + samples], weight[before : before + samples]
        signal = np.zeros((*channels, samples), dtype)
        np.divide(laid, weight, out=signal[..., : laid.shape[-1]], where=weight > 1e-10)
        return signal
