"""Spectrograms by octaves, for the page: as sharp in pitch below 200 Hz as in time above 1 kHz."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.spectrogram import RANGE, Columns, Spectrograms, relative_levels
from ticktone.stft import STFT, scaled_length

ROWS = 240
LOWEST = 40.0  # Hz, where the lowest row begins; the highest ends at half the sample rate
# Windows, in samples at 44.1 kHz, and hops; each is used above a frequency in Hz.
_WINDOWS = ((2048, 1024, 1000.0), (8192, 2048, 250.0), (16_384, 4096, 0.0))
_OVERLAP = 0.5  # octaves over which one goes over into the next


class OctavePictures:
    """The spectrograms of a recording and its parts, while they come.

    Parameters
    ----------
    names : sequence of str
        Of the parts.
    sample_rate : int
        Hz.
    """

    def __init__(self, names: Sequence[str], sample_rate: int) -> None:
        self._rate = sample_rate
        stfts = (
            STFT(scaled_length(window, sample_rate), scaled_length(hop, sample_rate))
            for window, hop, _ in _WINDOWS
        )
        self._by_window = [Spectrograms(names, sample_rate, stft) for stft in stfts]

    def put(self, parts: Sequence[NDArray[Any]]) -> None:
        """Append samples of every part. [shape=(channels, samples)]."""
        for spectrograms in self._by_window:
            spectrograms.put(parts)

    @property
    def seconds(self) -> float:
        """How long the columns are together."""
        return self._by_window[0].seconds

    def finish(self) -> dict[str, NDArray[np.uint8]]:
        """Return them by name, the mixture's first, all on one scale.

        Returns
        -------
        dict of str to ndarray [shape=(rows, columns)]
            The lowest row first; 255 is the mixture's loudest, 0 is `RANGE` dB below it or less.
        """
        powers = {
            name: self._rows([spectrograms.columns[name] for spectrograms in self._by_window])
            for name in self._by_window[0].columns
        }
        loudest = float(powers["mixture"].max())
        return {name: _shades(power, loudest) for name, power in powers.items()}

    def _rows(self, pictures: Sequence[Columns]) -> NDArray[np.float32]:
        edges = np.geomspace(LOWEST, self._rate / 2, ROWS + 1)
        centres = np.sqrt(edges[1:] * edges[:-1])
        columns = pictures[0].finish().shape[1]
        rows = np.zeros((ROWS, columns), np.float32)
        rest = np.ones(ROWS)  # what the windows so far have left of each row
        for picture, (_, _, least) in zip(pictures, _WINDOWS, strict=True):
            octaves = np.log2(centres / least) if least else np.full(ROWS, np.inf)
            share = rest * np.clip(0.5 + octaves / _OVERLAP, 0, 1)
            rest -= share
            wanted = np.flatnonzero(share > 0)
            power = picture.finish() / np.float32(picture.stft.size**2)  # a tone's is the same
            seen = _at_times_of(pictures[0], picture, columns)
            for row in wanted:
                rows[row] += share[row] * self._row(power, edges[row : row + 2])[seen]
        return rows

    def _row(self, power: NDArray[np.float32], edges: NDArray[Any]) -> NDArray[Any]:
        """Return the loudest bin between two frequencies, or what lies between two bins."""
        first, last = edges / (self._rate / 2) * (len(power) - 1)
        inside = power[int(np.ceil(first)) : int(np.floor(last)) + 1]
        if len(inside):
            return np.asarray(inside.max(axis=0))
        below = int(first)
        above = min(below + 1, len(power) - 1)
        weight = (first + last) / 2 - below
        return np.asarray((1 - weight) * power[below] + weight * power[above])


def _at_times_of(wanted: Columns, picture: Columns, columns: int) -> NDArray[np.intp]:
    """Return which of a picture's columns is heard with each of another's."""

    def centre(of: Columns, index: NDArray[Any]) -> NDArray[Any]:
        hop = of.stft.hop_length
        return (index * of.frames + (of.frames - 1) / 2) * hop + of.stft.size / 2

    start = centre(picture, np.zeros(1))
    step = picture.frames * picture.stft.hop_length
    index = np.rint((centre(wanted, np.arange(columns)) - start) / step).astype(np.intp)
    return np.asarray(np.clip(index, 0, picture.finish().shape[1] - 1))


def _shades(power: NDArray[np.float32], loudest: float) -> NDArray[np.uint8]:
    level = relative_levels(power, loudest)
    return np.asarray(np.rint(np.clip(1 + level / RANGE, 0, 1) * 255), np.uint8)
