"""An STFT that sees the low end in a longer window, and is no later for it.

The longer window ends where the short one does: it rises slowly over what has been and falls as
fast as the short one; and what comes of it is laid down under the short one's length. (Mauler,
Martin, "A low delay, variable resolution, perfect reconstruction spectral analysis-synthesis system
for speech enhancement", EUSIPCO 2007.)
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ticktone.stft import STFT


@dataclass(frozen=True)
class TwoWindows(STFT):
    """A short-time Fourier transform whose low bins come a second time, from a longer window.

    They follow the short window's bins, in one spectrogram. Its sound is that of the longer
    window's bins below a crossover and of the short window's above.

    Parameters
    ----------
    window_length, hop_length, fft_length, window
        Of the short window; see `ticktone.stft.STFT`.
    long_length : int
        Samples of the longer window.
    low_bins : int
        How many of its bins there are.
    fade : int
        Over how many of them, the highest, the sound passes from the one window to the other.
    """

    long_length: int = 4096
    low_bins: int = 47
    fade: int = 8

    @property
    def before(self) -> int:
        """Samples before a frame that the longer window reaches."""
        return self.long_length - self.size

    @cached_property
    def short(self) -> STFT:
        """The transform of the short window alone."""
        return STFT(self.window_length, self.hop_length, self.fft_length, self.window)

    @property
    def bins(self) -> int:
        """Frequency bins of both windows."""
        return self.short.bins + self.low_bins

    @cached_property
    def long_taper(self) -> NDArray[np.float64]:
        """The longer window. [shape=(long_length,)]."""
        rising = self.long_length - self.hop_length
        rise = np.sin(np.pi / 2 * (np.arange(rising) + 0.5) / rising)
        return np.concatenate([rise, np.sqrt(self.taper[-self.hop_length :])])

    @cached_property
    def long_synthesis(self) -> NDArray[np.float64]:
        """What its frames are laid down under: with the window itself, as the short one's twice.

        [shape=(size,)].
        """
        return self.taper**2 / np.maximum(self.long_taper[-self.size :], 1e-9)

    @cached_property
    def shares(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How much of the sound is each bin's.

        Returns
        -------
        short : ndarray [shape=(short.bins,)]
        long : ndarray [shape=(low_bins,)]
        """
        places = np.arange(self.short.bins) * self.long_length / self.size, np.arange(self.low_bins)
        short, long = (np.clip((self.low_bins - place) / self.fade, 0, 1) for place in places)
        return (1 - short).astype(np.float32), long.astype(np.float32)

    def transform(
        self, padded: NDArray[np.floating], threads: int | None = None
    ) -> NDArray[np.complexfloating]:
        """Transform every whole frame; see `ticktone.stft.STFT.transform`.

        Parameters
        ----------
        padded : ndarray [shape=(channels, samples)]
            From `before` samples before the first frame.

        Returns
        -------
        ndarray [shape=(channels, bins, frames)]
        """
        short = self._of_frames(padded[..., self.before :], self.taper, threads)
        long = self._of_frames(padded, self.long_taper, threads)
        return np.concatenate([short, long[..., : self.low_bins, :]], axis=-2)

    def overlap_add(
        self,
        spectrogram: NDArray[np.complexfloating],
        tail: NDArray[np.floating],
        threads: int | None = None,
    ) -> NDArray[np.floating]:
        """Overlap-add frames to what earlier frames left; see `ticktone.stft.STFT.overlap_add`."""
        short, low = np.split(np.swapaxes(spectrogram, -1, -2), [self.short.bins], axis=-1)
        of_short, of_long = self.shares
        frames = scipy.fft.irfft(short * of_short, self.size, axis=-1, workers=threads)
        frames *= self.taper.astype(frames.dtype)
        longer = scipy.fft.irfft(low * of_long, self.long_length, axis=-1, workers=threads)
        frames += longer[..., -self.size :] * self.long_synthesis.astype(frames.dtype)
        return self._lay_down(frames, tail)
