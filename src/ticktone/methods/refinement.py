"""A second look at the low end, where a network's window is too short to part kick from bass.

In a window eight times as long a bass note stays in its bins and a kick in its frames. So the
medians that FitzGerald (DAFx 2010) takes of the mixture are taken here of what the network has
found: of its harmonic part over time, of its percussive part over frequency. A small network of its
own (`ticktone.networks.low_end`), which ships with ticktone, sees both parts and these medians, and
gives the mask. `docs/our-network.md` tells what that gives, and how it was trained.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.alike import alike
from ticktone.methods.base import Magnitude, Refinement
from ticktone.methods.median import median_along
from ticktone.methods.onnx_session import open_session
from ticktone.methods.patch_views import Patches
from ticktone.models.refiner import PATH, read_low_end
from ticktone.stft import REFERENCE_RATE, STFT

DECIMATION = 32  # at 44.1 kHz: to 1378 Hz, where it costs little
TRANSFORM = STFT(256, 64)  # at the lower rate: of 186 ms
FRAMES, BINS = 5, 7  # of the medians over time and over frequency
LOW = 93  # bins that are divided anew, up to 500 Hz; above, the parts stay as they are
PATCHES = Patches(128, 40, 40, 1)  # the network and the medians look 33 and 2 to either side


@dataclass(frozen=True)
class LowEndRefinement(Refinement):
    """Divide the low end anew by what a small network says of the parts found so far.

    Parameters
    ----------
    network : callable
        Magnitudes of the harmonic part, the percussive part, and their medians
        [shape=(batch, 4, LOW, frames)] to the percussive mask [shape=(batch, 1, LOW, frames)].
    decimation : int
        How many times lower the sample rate is at which it works.
    one_mask : bool, optional
        Whether all channels share one mask, made from their mean magnitude. None: in those patches
        in which they are `ticktone.methods.alike.alike`.
    """

    network: Callable[[Magnitude], Magnitude]
    decimation: int
    one_mask: bool | None
    stft: STFT = TRANSFORM

    @property
    def context(self) -> int:
        """The margin before and after a patch."""
        return PATCHES.before

    @property
    def grid(self) -> int:
        """Patches begin at multiples of their length."""
        return PATCHES.length

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`; the harmonic part's channels come first."""
        harmonic, percussive = self.divide_batch(magnitude[np.newaxis], wanted)
        return harmonic[0], percussive[0]

    def divide_batch(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`; all at once."""
        batch, channels, bins, frames = magnitude.shape
        start, stop, _ = wanted.indices(frames)
        parts = magnitude.reshape(batch, 2, channels // 2, bins, frames)
        mask = self._masks(parts, start, stop)
        percussive = parts[..., start:stop] * np.array([0, 1], np.float32).reshape(2, 1, 1, 1)
        percussive[..., :LOW, :] = parts[..., :LOW, start:stop] * mask[:, np.newaxis]
        percussive = percussive.reshape(batch, channels, bins, -1)
        return magnitude[..., start:stop] - percussive, percussive

    def _masks(self, parts: Magnitude, start: int, stop: int) -> Magnitude:
        """Return the masks of frames `start` to `stop`.

        [shape=(batch, 2, channels, bins, frames)] to [shape=(batch, channels, LOW, stop - start)].
        """
        frames = parts.shape[-1]
        places = PATCHES.within(start, stop)
        views = [PATCHES.view(place, frames) for place in places]
        joined = np.concatenate([self._patch(view.cut(parts), view.before) for view in views], -1)
        begin = start - places.start * PATCHES.length
        return joined[..., begin : begin + stop - start]

    def _patch(self, parts: Magnitude, before: int) -> Magnitude:
        """Return the masks of one patch. To [shape=(batch, channels, LOW, frames)]."""
        batch, _, channels, _, frames = parts.shape
        masks: Magnitude = np.empty((batch, channels, LOW, frames), np.float32)
        for recording, shared in enumerate(self._shared(parts)):
            if shared:
                masks[recording] = self._mask(parts[recording].mean(axis=1))
            else:
                masks[recording] = [self._mask(parts[recording, :, at]) for at in range(channels)]
        return masks[..., before : before + PATCHES.length]

    def _shared(self, parts: Magnitude) -> NDArray[np.bool_]:
        """Return in which recordings the channels share their mask. [shape=(batch,)]."""
        if self.one_mask is None and parts.shape[2] > 1:
            return alike(parts[..., :LOW, :].sum(axis=1)[:, np.newaxis])[:, 0]
        return np.full(len(parts), bool(self.one_mask))

    def _mask(self, parts: Magnitude) -> Magnitude:
        """Of one patch alone, for in a batch its last digits depend on how many they are."""
        masks: Magnitude = self.network(_with_medians(parts[np.newaxis]))[0, 0]
        return masks


def _with_medians(parts: Magnitude) -> Magnitude:
    """Return what the network is shown. [shape=(n, 2, bins, frames)] to (n, 4, LOW, frames)."""
    harmonic = median_along(parts[:, :1, :LOW], FRAMES, -1)
    percussive = median_along(parts[:, 1:], BINS, -2)[:, :, :LOW]
    return np.concatenate([parts[:, :, :LOW], harmonic, percussive], axis=1)


def make_refinement(sample_rate: int, one_mask: bool | None) -> LowEndRefinement:
    """Make the stage for parts at a sample rate (Hz).

    Raises
    ------
    TicktoneError
        If its network cannot be read.
    """
    decimation = max(1, round(DECIMATION * sample_rate / REFERENCE_RATE))
    return LowEndRefinement(_run, decimation, one_mask)


def _run(magnitude: Magnitude) -> Magnitude:
    masks: Magnitude = _session().run(None, {"magnitude": magnitude})[0]
    return masks


@cache
def _session() -> Any:
    _, content = read_low_end()
    return open_session(PATH, content)
