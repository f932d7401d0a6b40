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
from ticktone.models.refiner import PATH, read_low_end
from ticktone.stft import REFERENCE_RATE, STFT

DECIMATION = 32  # at 44.1 kHz: to 1378 Hz, where it costs little
TRANSFORM = STFT(256, 64)  # at the lower rate: of 186 ms
FRAMES, BINS = 5, 7  # of the medians over time and over frequency
LOW = 93  # bins that are divided anew, up to 500 Hz; above, the parts stay as they are
PATCH, MARGIN = 128, 40  # frames; the network and the medians look 33 and 2 to either side


@dataclass(frozen=True)
class LowEndRefinement(Refinement):
    """Divide the low end anew by what a small network says of the parts found so far.

    Patches lie at fixed places, as those of `ticktone.methods.network.NetworkStage` do.

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
        return MARGIN

    @property
    def grid(self) -> int:
        """Patches begin at multiples of their length."""
        return PATCH

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
        batch, _, channels, _, frames = parts.shape
        first, last = start // PATCH, -(-stop // PATCH)  # patches
        # A recording shorter than a patch is a shorter one: the network sees no further.
        patch = PATCH if last > 1 else min(PATCH, frames)
        length = MARGIN + patch + MARGIN
        known = min(frames, last * PATCH + MARGIN)
        padded = np.zeros((*parts.shape[:-1], (last - 1) * PATCH + length), np.float32)
        padded[..., MARGIN : MARGIN + known] = parts[..., :known]
        windows = np.lib.stride_tricks.sliding_window_view(padded, length, axis=-1)
        patches = windows[..., first * PATCH :: PATCH, :].transpose(0, 4, 2, 1, 3, 5)
        masks = np.empty((batch, last - first, channels, LOW, patch), np.float32)
        shared = self._shared(patches)
        for place in np.ndindex(shared.shape):
            if shared[place]:
                masks[place] = self._mask(patches[place].mean(axis=0))
            else:
                masks[place] = [self._mask(channel) for channel in patches[place]]
        joined = masks.transpose(0, 2, 3, 1, 4).reshape(batch, channels, LOW, -1)
        return joined[..., start - first * PATCH : stop - first * PATCH]

    def _shared(self, patches: Magnitude) -> NDArray[np.bool_]:
        """Return in which patches the channels share their mask.

        [shape=(batch, patches, channels, 2, bins, frames)] to [shape=(batch, patches)].
        """
        if self.one_mask is None and patches.shape[2] > 1:
            return alike(patches[..., :LOW, :].sum(axis=3))
        return np.full(patches.shape[:2], bool(self.one_mask))

    def _mask(self, parts: Magnitude) -> Magnitude:
        """Of one patch alone, for in a batch its last digits depend on how many they are."""
        masks = self.network(_with_medians(parts[np.newaxis]))
        return masks[0, 0, :, MARGIN:-MARGIN]


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
