"""Where a percussive sound strikes, and frames moved so that each stroke sounds once."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from ticktone.stretch.excerpts import Excerpt

CELLS = 4  # to a hop: the energy is looked at in cells of so many samples (0.7 ms)
BEFORE = 8  # cells before an attack that it must surpass
RISE = 4.0  # how many times the energy before it an attack has (6 dB)


def locked_radius(hop: int, speed: float) -> int:
    """Return how far from an attack, in the output, frames keep the recording's own pace.

    So far that no frame beyond hears the attack a second time; and a hop more.
    """
    return ceil(hop * max(1.0, 1 / speed)) + hop


def reach(hop: int, speed: float) -> int:
    """Return how much more of the recording, on both sides, a frame needs than without."""
    radius = locked_radius(hop, speed)
    seen = ceil(radius * max(speed, abs(1 - speed)))
    return seen + _apart(hop, speed) + (BEFORE + 4) * _cell(hop)


def lock_to_attacks(excerpt: Excerpt, speed: float, hop: int) -> NDArray[np.int64]:
    """Move the frames around each attack to where they are at the recording's own pace.

    The attack then lies in the output where the speed wants it, once and as it was; what the
    frames around it gain or lose in time, they make up for at once where it is over.

    Parameters
    ----------
    excerpt : Excerpt
    speed : float
    hop : int
        Samples.

    Returns
    -------
    ndarray [shape=(frames,)]
        Centres, in samples of the recording.
    """
    struck = find_attacks(excerpt.sound, excerpt.start, _cell(hop), _apart(hop, speed))
    if not len(struck):
        return excerpt.centres
    outputs = (excerpt.first + np.arange(len(excerpt.centres))) * hop
    sounding = np.rint(struck / speed).astype(np.int64)
    after = np.searchsorted(sounding, outputs).clip(1, max(1, len(struck) - 1))
    before = after - 1
    after = np.minimum(after, len(struck) - 1)
    is_later = abs(sounding[after] - outputs) < abs(sounding[before] - outputs)
    nearest = np.where(is_later, after, before)
    away = outputs - sounding[nearest]
    return np.where(abs(away) <= locked_radius(hop, speed), struck[nearest] + away, excerpt.centres)


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
    return start + skipped + cells * cell + pairs.argmax(axis=-1)


def _cell(hop: int) -> int:
    return max(1, hop // CELLS)


def _apart(hop: int, speed: float) -> int:
    return locked_radius(hop, speed) + hop
