"""Where short frames are taken from: attacks as they are, and what is between as it goes on."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from ticktone.stretch.attacks import BEFORE, find_attacks
from ticktone.stretch.excerpts import Excerpt

CELLS = 4  # cells of the search for attacks, to a hop
APART = 4  # hops between attacks, at least
PINNED = 2  # hops on both sides of an attack that keep its pace
DRIFT = 7  # hops that a frame may be off the place that the speed wants (20 ms)
COMPARED = 2  # hops on both sides that are compared where the sound is cut


class FrameCentres:
    """Chooses the centres of successive frames.

    An attack lies in the output where the speed wants it, and the frames that hear it are taken
    at the recording's own pace, so that it sounds once and as it was. Other frames go on where
    the one before ended, until they are too far from where the speed wants them; then they go
    on where the sound is most like what would have followed, as in WSOLA (W. Verhelst, M.
    Roelands, ICASSP 1993), but never over an attack. So drums keep their pitch, which frames
    shorter than its period would change with the speed.

    Parameters
    ----------
    speed : float
    hop : int
        Samples.
    """

    def __init__(self, speed: float, hop: int) -> None:
        self.speed, self.hop = speed, hop
        self._last: int | None = None  # the centre of the frame before

    @property
    def reach(self) -> int:
        """Samples beyond a plain frame's, on both sides, on which a centre may depend."""
        hop = self.hop
        seen = max((DRIFT + COMPARED + 1) * hop, ceil((PINNED + 1) * hop * max(self.speed, 1)))
        return seen + (APART + 1) * hop + (BEFORE + 4) * self._cell

    @property
    def _cell(self) -> int:
        return max(1, self.hop // CELLS)

    def choose(self, excerpt: Excerpt) -> NDArray[np.int64]:
        """Return the centres of an excerpt's frames, in samples of the recording."""
        hop = self.hop
        attacks = find_attacks(excerpt.sound, excerpt.start, self._cell, APART * hop)
        sounding = np.rint(attacks / self.speed).astype(np.int64)
        chosen = np.empty_like(excerpt.centres)
        for number, wanted in enumerate(excerpt.centres.tolist()):
            output = (excerpt.first + number) * hop
            following = int(np.searchsorted(sounding, output))
            around = range(max(0, following - 1), min(len(sounding), following + 1))
            away, nearest = min(
                ((abs(output - int(sounding[at])), at) for at in around), default=(hop * 10, 0)
            )
            if away <= PINNED * hop:
                centre = int(attacks[nearest]) + output - int(sounding[nearest])
            else:
                low, high = wanted - DRIFT * hop, wanted + DRIFT * hop
                if following > 0:
                    low = max(low, int(attacks[following - 1]) + hop)
                if following < len(attacks):
                    high = min(high, int(attacks[following]) - hop)
                centre = self._goes_on(excerpt, wanted, low, high)
            chosen[number] = self._last = centre
        return chosen

    def _goes_on(self, excerpt: Excerpt, wanted: int, low: int, high: int) -> int:
        """Choose the centre of a frame that hears no attack, from `low` to `high`."""
        if self._last is None or low > high:
            return wanted
        natural = self._last + self.hop
        if low <= natural <= high:
            return natural
        if natural > high:
            high = max(low, min(wanted, high))
        else:
            low = min(high, max(wanted, low))
        return low + self._most_similar(excerpt, natural, low, high)

    def _most_similar(self, excerpt: Excerpt, natural: int, low: int, high: int) -> int:
        """Return how far above `low` the sound is most like that around `natural`."""
        half = COMPARED * self.hop
        sound, start = excerpt.sound, excerpt.start
        begin = max(0, natural - half - start)
        template = sound[:, begin : natural + half - start]
        if template.shape[-1] < 2 * half:
            return 0
        places = sound[:, low - half - start : high + half - start]
        likeness = np.zeros(high - low + 1)
        energy = np.zeros(places.shape[-1] + 1)
        for channel, pattern in zip(places, template, strict=True):
            likeness += np.correlate(channel, pattern, "valid")
            energy[1:] += np.cumsum(channel.astype(np.float64) ** 2)
        energy = energy[2 * half :] - energy[: -2 * half]
        return int(np.argmax(likeness / np.sqrt(np.maximum(energy, 1e-30))))
