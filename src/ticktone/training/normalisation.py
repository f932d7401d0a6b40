"""Normalisation: the scale of the magnitudes that a network is shown.

Lordelo et al. 2019, section 4: "a min-max normalisation procedure is performed over the log1p
[...] using the global minimum and maximum value over all the possible spectrograms in the training
set". The STFT is not scaled (a full-scale sine has a magnitude near a quarter of the window).

Networks that see linear magnitudes have them divided by the root of the FFT's length, as the
authors of Drossos et al. 2018 do in their code. Bringing either to one level before is ours.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ticktone.datasets import Song
from ticktone.errors import TicktoneError
from ticktone.parts import SOURCES
from ticktone.training.example_settings import ExampleSettings
from ticktone.training.excerpt import excerpt, length_at_rate, resampling_step

TINY = 1e-30
FAINTEST = 1e-6  # of a level, relative to the loudest bin: -120 dB
BLOCK_FRAMES = 2048  # STFT frames measured at a time: 24 s at 44.1 kHz


@dataclass(frozen=True)
class Normalisation:
    """The range of log1p magnitudes that becomes [0, 1]; magnitudes outside it are not clipped."""

    kind: ClassVar[str] = "log1p, then [minimum, maximum] to [0, 1]"

    minimum: float
    maximum: float

    def __call__(self, magnitude: Tensor) -> Tensor:
        """Normalise linear magnitudes of any shape."""
        return (magnitude.log1p() - self.minimum) / (self.maximum - self.minimum)


@dataclass(frozen=True)
class LevelNormalisation:
    """As `Normalisation`, of magnitudes brought to one level: gain then changes no mask.

    The level of an example is that of its loud frames, whatever silence is around them: the mean
    of the frames' energies, each weighted by itself.

    Parameters
    ----------
    minimum, maximum : float
        Of log1p magnitudes, which become 0 and 1.
    level : float
        That all are brought to: root mean square of the bins of a loud frame.
    causal : bool
        Whether a frame's level depends on no frame after it.
    """

    kind: ClassVar[str] = "to one level, then log1p, then [minimum, maximum] to [0, 1]"

    minimum: float
    maximum: float
    level: float
    causal: bool = False

    def __call__(self, magnitude: Tensor) -> Tensor:
        """Normalise linear magnitudes [shape=(batch, 1, bins, frames)]."""
        levelled = _to_level(magnitude, self.level, self.causal)
        return (levelled.log1p() - self.minimum) / (self.maximum - self.minimum)


@dataclass(frozen=True)
class Scaling:
    """A factor by which linear magnitudes are multiplied."""

    kind: ClassVar[str] = "times factor"

    factor: float

    def __call__(self, magnitude: Tensor) -> Tensor:
        """Normalise linear magnitudes of any shape."""
        return magnitude * self.factor


@dataclass(frozen=True)
class LevelScaling:
    """As `Scaling`, of magnitudes brought to one level before, as by `LevelNormalisation`.

    Parameters
    ----------
    factor : float
        By which magnitudes at that level are multiplied.
    level : float
        As of `LevelNormalisation`.
    """

    kind: ClassVar[str] = "to one level, then times factor"

    factor: float
    level: float

    def __call__(self, magnitude: Tensor) -> Tensor:
        """Normalise linear magnitudes [shape=(batch, 1, bins, frames)]."""
        return _to_level(magnitude, self.level) * self.factor


AnyNormalisation = Normalisation | LevelNormalisation | Scaling | LevelScaling


def normalisation_from(table: dict[str, Any]) -> AnyNormalisation:
    """Return the normalisation that a table describes, such as a checkpoint holds."""
    if "factor" in table:
        return LevelScaling(**table) if "level" in table else Scaling(**table)
    return LevelNormalisation(**table) if "level" in table else Normalisation(**table)


def magnitude_range(
    songs: Iterable[Song],
    settings: ExampleSettings,
    pause: Callable[[], None] = lambda: None,
    note: Callable[[str], None] = lambda _: None,
) -> tuple[float, float]:
    """Compute the lowest and highest log1p magnitude of the mixtures, read in blocks.

    Parameters
    ----------
    songs : iterable of Song
    settings : ExampleSettings
        The STFT, whose Nyquist bin does not count, and the sample rate.
    pause : callable, optional
        Called before each song; may raise.
    note : callable, optional
        Called with a line about each source that is silent throughout a song.

    Returns
    -------
    minimum, maximum : float
        Infinite and minus infinite if there is no song.

    Raises
    ------
    TicktoneError
        If a song has samples that are not finite.
    """
    lowest, highest = math.inf, -math.inf
    for song in songs:
        pause()
        peaks = np.zeros(2)
        for low, high, block_peaks in _ranges(song, settings):
            if not math.isfinite(low + high):
                raise TicktoneError("holds samples that are not finite; leave it out", song.name)
            lowest, highest = min(lowest, low), max(highest, high)
            peaks = np.maximum(peaks, block_peaks)
        for source, peak in zip(SOURCES, peaks, strict=True):
            if peak == 0:
                note(f"{song.name}: its {source} source is silent")
    return math.log1p(lowest), (math.log1p(highest) if highest >= 0 else highest)


def min_max_normalisation(minimum: float, maximum: float) -> Normalisation:
    """Return the normalisation of a measured range.

    Raises
    ------
    TicktoneError
        If there is no range: the songs are silent or their samples not finite.
    """
    if not (math.isfinite(minimum) and math.isfinite(maximum) and minimum < maximum):
        raise TicktoneError("the training songs are silent or hold samples that are not finite")
    return Normalisation(minimum, maximum)


def _to_level(magnitude: Tensor, level: float, causal: bool = False) -> Tensor:
    """Bring magnitudes to a level. [shape=(batch, 1, bins, frames)]."""
    peak = magnitude.amax((-3, -2, -1), keepdim=True).clamp(min=TINY)
    relative = magnitude / peak  # whose squares can be neither too large nor too small
    energies = relative.square().mean((-3, -2), keepdim=True)
    squares = energies.square()
    if causal:
        energies, squares = energies.cumsum(-1), squares.cumsum(-1)
    else:
        energies, squares = (x.sum(-1, keepdim=True) for x in (energies, squares))
    own = (squares / energies.clamp(min=TINY)).sqrt().clamp(min=FAINTEST)
    return level / own * relative


def _ranges(
    song: Song, settings: ExampleSettings
) -> Iterable[tuple[float, float, NDArray[np.float32]]]:
    """Compute the range of magnitudes in each block, and both sources' peaks.

    Frames are centred as in `STFT.forward`.
    """
    stft, step = settings.stft, resampling_step(song, settings.sample_rate)
    frames = stft.frames(length_at_rate(song, settings.sample_rate))
    for first in range(0, frames, BLOCK_FRAMES):
        count = min(BLOCK_FRAMES, frames - first)
        start = first * stft.hop_length - stft.size // 2
        samples = (count - 1) * stft.hop_length + stft.size
        sources = np.stack(
            [excerpt(song, source, round(start * step), samples, step) for source in SOURCES]
        )
        mixture = sources.sum(axis=0, keepdims=True)
        magnitude = np.abs(stft.transform(mixture))[:, :-1]
        yield float(magnitude.min()), float(magnitude.max()), np.abs(sources).max(axis=1)
