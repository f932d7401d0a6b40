"""Where a percussive sound strikes."""

import numpy as np
from numpy.typing import NDArray

BEFORE = 8  # cells before an attack that it must surpass
RISE = 4.0  # how many times the energy before it an attack has (6 dB)


def find_attacks(
    sound: NDArray[np.floating], start: int, cell: int, apart: int
) -> NDArray[np.int64]:
    """Find where the energy of a sound's differences rises at once by `RISE`.

    Parameters
    ----------
    sound : ndarray [shape=(channels, samples)]
    start : int
        Its first sample's number. Cells lie at multiples of their length, counted from sample 0,
        so that all excerpts of a recording find the same attacks.
    cell : int
        Samples.
    apart : int
        Samples. Of attacks nearer to each other only the one that rises most is found.

    Returns
    -------
    ndarray [shape=(attacks,)]
        Numbers of samples, ascending. None so near to the ends of `sound` that what lies beyond
        could matter.
    """
    skipped = -start % cell
    power = np.zeros(sound.shape[-1] - skipped)
    for channel in sound:
        difference = np.diff(channel, prepend=channel[:1])[skipped:].astype(np.float64)
        power += difference * difference
    count = len(power) // cell
    near = -(-apart // cell)
    if count < 2 * near + BEFORE + 2:
        return np.zeros(0, np.int64)
    power = power[: count * cell].reshape(count, cell)
    energy = power.sum(axis=-1)
    total = np.concatenate([[0.0], np.cumsum(energy)])
    now = total[BEFORE + 2 :] - total[BEFORE:-2]  # two cells, of which the first is `index`
    index = np.arange(BEFORE, count - 1)
    past = (total[BEFORE:-2] - total[: -BEFORE - 2]) * (2 / BEFORE)
    rise = np.log(np.maximum(now, 1e-30)) - np.log(np.maximum(past, 1e-30))
    windows = np.lib.stride_tricks.sliding_window_view(rise, 2 * near + 1)
    middle = slice(near, len(rise) - near)
    is_attack = (rise[middle] > np.log(RISE)) & (windows.argmax(axis=-1) == near)
    cells = index[middle][is_attack]
    pairs = np.concatenate([power[cells], power[cells + 1]], axis=-1)
    attacks: NDArray[np.int64] = start + skipped + cells * cell + pairs.argmax(axis=-1)
    return attacks
