"""Pictures: the spectrograms of a recording and its parts, one below the other on one scale."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.audio.reader import Reader
from ticktone.errors import TicktoneError
from ticktone.files import naming, refuse_loss
from ticktone.queue import Queue
from ticktone.replace import write_whole
from ticktone.separator import Separator
from ticktone.stft import STFT, scaled_length

RANGE = 80.0  # dB below the mixture's loudest bin
COLUMNS = 1600  # at most; a longer recording has several frames to a column
_PIECE = 2**20  # samples at a time


def plot_file(separator: Separator, path: Path, picture: Path, *, overwrite: bool = False) -> None:
    """Draw a sound file's spectrogram and those of its parts, as PNG.

    Parameters
    ----------
    separator : Separator
    path, picture : Path
    overwrite : bool
        Whether a picture that is there already is replaced.

    Raises
    ------
    TicktoneError
        If the file cannot be read or the picture not be written, or matplotlib is missing.
    """
    Figure = figure_class()
    refuse_loss(path, picture, "overwrite" if overwrite else "refuse")
    with naming(path), Reader(path) as reader:
        powers, seconds = spectrograms(separator, reader)
    names = ["mixture", *separator.parts]
    loudest = powers["mixture"].max()
    figure = Figure(figsize=(12, 3 * len(names)), layout="constrained")
    axes = figure.subplots(len(names), sharex=True, sharey=True)
    top = reader.sample_rate / 2000
    for axis, name in zip(axes, names, strict=True):
        image = draw(axis, powers[name], loudest, (seconds, top))
        axis.set_title(name, loc="left")
        axis.set_ylabel("frequency (kHz)")
    axes[-1].set_xlabel("time (s)")
    figure.suptitle(f"{path.name}, method {separator.method.name}", parse_math=False)
    figure.colorbar(image, ax=axes, label="level (dB below the loudest)", pad=0.01)
    save(figure, picture)


def figure_class() -> Any:
    """Give matplotlib's `Figure`.

    Raises
    ------
    TicktoneError
        If matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise TicktoneError(
            "plotting needs matplotlib; install it by: pip install 'ticktone[plot]'"
        ) from None
    return Figure


def draw(axis: Any, power: NDArray[np.float32], loudest: float, extent: tuple[float, float]) -> Any:
    """Draw a power spectrogram [shape=(bins, columns)] on an axis of matplotlib's.

    Parameters
    ----------
    loudest : float
        The power that is the top of the scale.
    extent : (float, float)
        Seconds and kHz that it reaches to.

    Returns
    -------
    object
        The image, for a colour bar.
    """
    return axis.imshow(
        relative_levels(power, loudest),
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=-RANGE,
        vmax=0,
        extent=(0, extent[0], 0, extent[1]),
    )


def relative_levels(power: NDArray[np.float32], loudest: float) -> NDArray[np.float32]:
    """Convert powers to dB below the loudest; silence is far below it, not at it."""
    return np.asarray(10 * np.log10(np.maximum(power, 1e-20) / max(loudest, 1e-10)), np.float32)


def spectrogram(signal: NDArray[np.float32], sample_rate: int) -> tuple[NDArray[np.float32], float]:
    """Give the power spectrogram of a whole signal [shape=(channels, samples)].

    Returns
    -------
    power : ndarray [shape=(bins, columns)]
        Means over channels and a column's frames.
    seconds : float
        How long the columns are together.
    """
    columns = _Columns(_picture_stft(sample_rate))
    for start in range(0, signal.shape[-1], _PIECE):  # a whole song's frames are large
        columns.put(signal[:, start : start + _PIECE])
    return columns.finish(), columns.seconds(sample_rate)


def spectrograms(
    separator: Separator, reader: Reader
) -> tuple[dict[str, NDArray[np.float32]], float]:
    """Give the power spectrograms of a recording and its parts, in bounded memory.

    Returns
    -------
    powers : dict of ndarray [shape=(bins, columns)]
        Of the mixture and of each part by name: means over channels and a column's frames.
    seconds : float
        How long the columns are together.
    """
    pictures = Spectrograms(separator.parts, reader.sample_rate)
    for parts in separator.stream(reader.blocks(), reader.sample_rate):
        pictures.put(parts)
    return pictures.finish(), pictures.seconds


class Spectrograms:
    """The power spectrograms of a recording and its parts, while they come.

    Parameters
    ----------
    names : sequence of str
        Of the parts.
    sample_rate : int
        Hz.
    """

    def __init__(self, names: Sequence[str], sample_rate: int) -> None:
        stft = _picture_stft(sample_rate)
        self._sample_rate = sample_rate
        self._pictures = {name: _Columns(stft) for name in ("mixture", *names)}

    def put(self, parts: Sequence[NDArray[Any]]) -> None:
        """Append samples of every part. [shape=(channels, samples)]."""
        signals = (sum(parts), *parts)
        for picture, signal in zip(self._pictures.values(), signals, strict=True):
            picture.put(np.asarray(signal, np.float32))

    def finish(self) -> dict[str, NDArray[np.float32]]:
        """Give them by name, the mixture's first. [shape=(bins, columns)]."""
        return {name: picture.finish() for name, picture in self._pictures.items()}

    @property
    def seconds(self) -> float:
        """How long the columns are together."""
        return self._pictures["mixture"].seconds(self._sample_rate)


def _picture_stft(sample_rate: int) -> STFT:
    window = scaled_length(2048, sample_rate)
    return STFT(window, window // 2)


class _Columns:
    """A power spectrogram that grows coarser in time as it grows longer."""

    def __init__(self, stft: STFT) -> None:
        self.stft = stft
        self.sound = Queue()
        self.frames = 1  # to a column
        self.columns = np.zeros((stft.bins, 0), np.float32)
        self.rest = np.zeros((stft.bins, 0), np.float32)  # frames that do not fill a column yet

    def put(self, signal: NDArray[np.float32]) -> None:
        """Append samples. [shape=(channels, samples)]."""
        self.sound.put(signal)
        count = (self.sound.length - self.stft.size) // self.stft.hop_length + 1
        if count < 1:
            return
        seen = self.stft.transform(self.sound.front(self.sound.length))
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
        """Say how long the columns are together."""
        return self.columns.shape[1] * self.frames * self.stft.hop_length / sample_rate

    def finish(self) -> NDArray[np.float32]:
        """Give the columns; a recording shorter than a frame still has one."""
        if self.columns.shape[1] == 0:
            missing = self.stft.size - self.sound.length
            self.put(np.zeros((self.sound.front(1).shape[0], missing), np.float32))
        return self.columns


def _pooled(power: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Average so many frames at a time."""
    pooled: NDArray[np.float32] = power.reshape(len(power), -1, frames).mean(axis=-1)
    return pooled


def save(figure: Any, picture: Path) -> None:
    """Write a figure of matplotlib's as PNG or, by the file's name, as PDF or SVG."""
    format = picture.suffix[1:].lower()
    if format not in ("pdf", "svg"):
        format = "png"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a name in another script
        write_whole(picture, lambda file: figure.savefig(file, format=format, dpi=100))
