"""Recordings of single sounds."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from ticktone.audio.reader import Reader
from ticktone.errors import TicktoneError

Audio = NDArray[np.float32]
EXTENSIONS = {".wav", ".flac", ".aiff", ".aif", ".ogg"}


@dataclass(frozen=True)
class Sample:
    """A sound file of one hit or note.

    Parameters
    ----------
    path : Path
    gain : float
        What its samples are multiplied by.
    """

    path: Path
    gain: float = 1.0

    def load(self, sample_rate: int, semitones: float = 0.0) -> Audio:
        """Read the sound, or take it from memory where it has been read lately.

        Parameters
        ----------
        sample_rate : int
            Hz.
        semitones : float
            How much higher it is to sound; it becomes shorter by as much, as on a faster tape.

        Returns
        -------
        ndarray [shape=(2, samples)]
            Not to be written to. A mono file is on both channels; of more than two, the first two.

        Raises
        ------
        TicktoneError
            If the file cannot be read.
        """
        audio, rate = _read(self.path)
        faster = rate * 2 ** (semitones / 12)
        if faster != sample_rate:
            in_order = audio.T.copy()  # with older NumPy soxr takes a single frame so alone
            audio = soxr.resample(in_order, faster, sample_rate).T
        if self.gain != 1:
            audio = audio * np.float32(self.gain)
        return np.broadcast_to(audio, (2, audio.shape[1]))


@lru_cache(maxsize=400)
def _read(path: Path) -> tuple[Audio, int]:
    """Read a file. [shape=(1 or 2, samples)] and Hz."""
    with Reader(path) as reader:
        audio = np.concatenate([block[:2] for block in reader.blocks()], axis=1, dtype=np.float32)
    if not np.isfinite(audio).all():
        raise TicktoneError("has samples that are not finite; replace it", path)
    return audio, reader.sample_rate
