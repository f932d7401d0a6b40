"""A second look at the low end for networks that must answer at once.

`ticktone.methods.refinement` looks far ahead. Here the mixture's low bins, in a longer window that
ends with the network's own (`ticktone.two_windows`), are divided by a small causal network
(`ticktone.networks.low_end.CausalLowEnd`), which ships with ticktone: what the other network says
stays above 500 Hz, and the answer is no later. `docs/our-network.md` tells what that gives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.base import Magnitude
from ticktone.methods.onnx_session import open_session
from ticktone.models.refiner import LIVE_PATH, read_low_end
from ticktone.stft import STFT
from ticktone.two_windows import TwoWindows

TRANSFORM = TwoWindows(1024, 512)
REFINABLE = "that asks of a causal network half-overlapping windows of 1024 samples at 44100 Hz"
CONTEXT = 68  # frames before a patch that the small network is shown; it looks 66 back


def can_refine(sample_rate: int, stft: STFT) -> bool:
    """Tell whether frames of this kind come as often as those that the small network learnt on."""
    frames = (TRANSFORM.window_length, TRANSFORM.hop_length, TRANSFORM.size)
    return (sample_rate, stft.window_length, stft.hop_length, stft.size) == (44_100, *frames)


@dataclass(frozen=True)
class LiveMasks:
    """The masks of a causal network, and beside them those of the low end.

    Parameters
    ----------
    masks : callable
        The network's: magnitude [shape=(batch, 1, bins, frames)] to masks [shape=(batch, 2, bins,
        frames)], harmonic and percussive.
    margin : int
        Frames before a patch that it is shown.
    """

    masks: Callable[[Magnitude], NDArray[np.float32]]
    margin: int

    @property
    def context(self) -> int:
        """Frames before a patch on which the answer depends."""
        return max(CONTEXT, self.margin)

    def __call__(self, magnitude: Magnitude) -> NDArray[np.float32]:
        """Return the masks of all bins of `TRANSFORM`.

        Parameters
        ----------
        magnitude : ndarray [shape=(batch, 1, bins, frames)]
            `context` frames, and a patch.

        Returns
        -------
        ndarray [shape=(batch, 2, bins, frames)]
            Of no meaning before the patch.
        """
        short, low = np.split(magnitude, [TRANSFORM.short.bins], axis=2)
        first = self.context - self.margin
        masks = np.zeros((len(magnitude), 2, *magnitude.shape[2:]), np.float32)
        masks[:, :, : TRANSFORM.short.bins, first:] = self.masks(short[..., first:])
        percussive = _session().run(None, {"magnitude": low[..., self.context - CONTEXT :]})[0]
        masks[:, :, TRANSFORM.short.bins :, self.context - CONTEXT :] = np.concatenate(
            [1 - percussive, percussive], axis=1
        )
        return masks


@cache
def _session() -> Any:
    _, content = read_low_end(LIVE_PATH)
    return open_session(LIVE_PATH, content)
