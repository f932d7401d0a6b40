"""The places of a recording at which a network is shown it."""

from dataclasses import dataclass

import numpy as np

from ticktone.methods.base import Magnitude


@dataclass(frozen=True)
class PatchView:
    """What a network is shown for a patch, in frames.

    Parameters
    ----------
    start : int
        The first of the recording; before it begins if negative.
    before : int
        How many come before the patch.
    length : int
        How many there are altogether.
    """

    start: int
    before: int
    length: int

    @property
    def shape(self) -> tuple[int, int]:
        """Patches that agree in this can be shown to a network together."""
        return self.before, self.length

    def cut(self, magnitude: Magnitude) -> Magnitude:
        """Return these frames of a recording [shape=(..., frames)], 0 where it has none."""
        begin, end = max(0, self.start), min(magnitude.shape[-1], self.start + self.length)
        shown = np.zeros((*magnitude.shape[:-1], self.length), np.float32)
        shown[..., begin - self.start : end - self.start] = magnitude[..., begin:end]
        return shown


@dataclass(frozen=True)
class Patches:
    """Patches of one length, at fixed places, each with a margin that is shown and thrown away.

    So the answer does not depend on how a recording is divided into blocks.

    Parameters
    ----------
    length, before, after : int
        Frames of a patch, and of its margin before and after it.
    multiple : int
        Nothing is shown from beyond a recording's ends, but for what makes a multiple of so many
        frames (as the other lengths are): so were the examples that networks learn from, and
        silence is something else. 0: all views have one length, and are filled up with silence.
    """

    length: int
    before: int
    after: int
    multiple: int = 0

    def within(self, start: int, stop: int) -> range:
        """Return the numbers of the patches that hold frames `start` to `stop`."""
        return range(start // self.length, -(-stop // self.length))

    def view(self, index: int, frames: int) -> PatchView:
        """Return what is shown for a patch of a recording of so many frames."""
        first = index * self.length
        start, end = first - self.before, first + self.length + self.after
        if self.multiple:
            start, end = max(0, start), min(frames, end)
            end += (start - end) % self.multiple
        return PatchView(start, first - start, end - start)
