"""Power spectrograms of bounded width, for pictures: a longer recording has coarser columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.stft import STFT, scaled_length
from ticktone.streaming.buffer import SampleBuffer

RANGE = 80.0  # dB below the mixture's loudest bin
COLUMNS = 1600  # at most; a longer recording has several frames to a column
_PIECE = 2**20  # samples at a time


def relative_levels(power: NDArray[np.float32], loudest: float) -> NDArray[np.float32]:
    """Convert powers to dB below the loudest; silence is far below it, not at it."""
    return np.asarray(10 * np.log10(np.maximum(power, 1e-20) / max(loudest, 1e-10)), np.float32)


def spectrogram(signal: NDArray[np.float32], sample_rate: int) -> tuple[NDArray[np.float32], float]:
    """Return the power spectrogram of a whole signal [shape=(channels, samples)].

    Returns
    -------
    power : ndarray [shape=(bins, columns)]
        Means over channels and a column's frames.
    seconds : float
        Duration of all columns, in seconds.
    """
    columns = Columns(_picture_stft(sample_rate))
    for start in range(0, signal.shape[-1], _PIECE):  # a whole song's frames are large
        columns.put(signal[:, start : start + _PIECE])
    return columns.finish(), columns.seconds(sample_rate)


class Spectrograms:
    """The power spectrograms of a recording and its parts, while they come.

    Parameters
    ----------
    names : sequence of str
        Of the parts.
    sample_rate : int
        Hz.
    stft : STFT, optional
        Default: windows of 46 ms that overlap by half.

    Attributes
    ----------
    columns : dict of str to Columns
        By name, the mixture's first.
    """

    def __init__(self, names: Sequence[str], sample_rate: int, stft: STFT | None = None) -> None:
        stft = stft or _picture_stft(sample_rate)
        self._sample_rate = sample_rate
        self.columns = {name: Columns(stft) for name in ("mixture", *names)}

    def put(self, parts: Sequence[NDArray[Any]]) -> None:
        """Append samples of every part. [shape=(channels, samples)]."""
        signals = (sum(parts), *parts)
        for picture, signal in zip(self.columns.values(), signals, strict=True):
            picture.put(np.asarray(signal, np.float32))

    def finish(self) -> dict[str, NDArray[np.float32]]:
        """Return them by name, the mixture's first. [shape=(bins, columns)]."""
        return {name: picture.finish() for name, picture in self.columns.items()}

    @property
    def seconds(self) -> float:
        """Duration of all columns, in seconds."""
        return self.columns["mixture"].seconds(self._sample_rate)


def _picture_stft(sample_rate: int) -> STFT:
    window = scaled_length(2048, sample_rate)
    return STFT(window, window // 2)


class Columns:
    """A power spectrogram that grows coarser in time as it grows longer."""

    def __init__(self, stft: STFT) -> None:
        self.stft = stft
        self.sound = SampleBuffer()
        self.frames = 1  # to a column
        self.columns = np.zeros((stft.bins, 0), np.float32)
        self.rest = np.zeros((stft.bins, 0), np.float32)  # frames that do not fill a column yet

    def put(self, signal: NDArray[np.float32]) -> None:
        """Append samples. [shape=(channels, samples)]."""
        self.sound.put(signal)
        count = (self.sound.length - self.stft.size) // self.stft.hop_length + 1
        if count < 1:
            return
        seen = self.stft.transform(self.sound.peek(self.sound.length))
        self.sound.drop(count * self.stft.hop_length)
        self.rest = np.concatenate([self.rest, np.mean(np.abs(seen) ** 2, axis=0)], axis=1)
        self._fill()

    def _fill(self) -> None:
        whole = self.rest.shape[1] // self.frames * self.frames
        self.columns = np.concatenate(
            [self.columns, _pooled(self.rest[:, :whole], self.frames)], axis=1
        )
        self.rest = self.rest[:, whole:]
        while self.columns.shape[1] > COLUMNS:
            if self.columns.shape[1] % 2:  # the odd one out waits for its neighbour
                last = np.repeat(self.columns[:, -1:], self.frames, axis=1)
                self.rest = np.concatenate([last, self.rest], axis=1)
            self.columns = _pooled(self.columns[:, : self.columns.shape[1] // 2 * 2], 2)
            self.frames *= 2

    def seconds(self, sample_rate: int) -> float:
        """Return how long the columns are together."""
        return self.columns.shape[1] * self.frames * self.stft.hop_length / sample_rate

    def finish(self) -> NDArray[np.float32]:
        """Return the columns; a recording shorter than a frame still has one."""
        if self.columns.shape[1] == 0:
            missing = self.stft.size - self.sound.length
            self.put(np.zeros((self.sound.peek(1).shape[0], missing), np.float32))
        return self.columns


def _pooled(power: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Average so many frames at a time."""
    pooled: NDArray[np.float32] = power.reshape(len(power), -1, frames).mean(axis=-1)
    return pooled
