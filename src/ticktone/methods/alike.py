"""Whether channels are so much alike that one mask will do for all of them."""

import numpy as np
from numpy.typing import NDArray

from ticktone.methods.base import Magnitude

ALIKE = 0.9  # correlation of channels' magnitudes with their mean; 0.93 and more in seven songs
SILENT = 1e-6  # of the loudest channel's energy


def alike(patches: Magnitude) -> NDArray[np.bool_]:
    """Return in which patches the channels are so much alike that they may share their masks.

    Every channel's magnitude must correlate with the mean of all by at least `ALIKE`, but for
    those that are silent beside the loudest.

    Parameters
    ----------
    patches : ndarray [shape=(batch, patches, channels, bins, frames)]

    Returns
    -------
    ndarray [shape=(batch, patches)]
    """
    mean = patches.mean(axis=2, keepdims=True)
    energy, mean_energy = (np.square(x).sum(axis=(-2, -1)) for x in (patches, mean))
    product = (patches * mean).sum(axis=(-2, -1))
    silent = energy <= SILENT * energy.max(axis=-1, keepdims=True)
    similar = product >= ALIKE * np.sqrt(energy * mean_energy)
    found: NDArray[np.bool_] = np.logical_and.reduce(silent | similar, axis=-1)
    return found
