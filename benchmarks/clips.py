"""Many short recordings: one after another, and as a batch.

    python benchmarks/clips.py [CLIPS [SECONDS [METHOD ...]]]

White noise, mono, 44.1 kHz, one thread; milliseconds of processor time to a clip, the best of
three. "Beside the networks" is the same with networks that answer at once.
"""

import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

import ticktone
from ticktone.methods import DEFAULT
from ticktone.methods.network import Network

RATE = 44_100
refinement: Any = import_module("ticktone.methods.refinement")


def milliseconds(work: Callable[[], object]) -> float:
    """Return the processor time of a piece of work; other programs' load matters less to it."""
    work()  # what is loaded once is not counted
    times = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return 1000 * min(times)


def halves(self: Network, magnitude: np.ndarray) -> np.ndarray:
    edge = self.card.least_margin
    batch, _, bins, frames = magnitude.shape
    return np.full((batch, 2, bins, frames - 2 * edge), 0.5, np.float32)


def main(clips: str = "24", seconds: str = "1", *methods: str) -> None:
    count = int(clips)
    shape = (count, 1, int(float(seconds) * RATE))
    noise = np.random.default_rng(0).standard_normal(shape).astype(np.float32) / 8

    def measure(name: str, method: str, **options: bool) -> None:
        separator = ticktone.Separator(method, **options)
        each = milliseconds(lambda: [separator.separate(clip, RATE) for clip in noise]) / count
        batch = milliseconds(lambda: separator.separate(noise, RATE)) / count
        print(f"{name:40} {each:6.1f} ms each, {batch:6.1f} in a batch ({each / batch:.2f} times)")

    for method in methods or (DEFAULT, "folded-3w-unet-small", "median"):
        measure(method, method)
    Network._masks = halves  # type: ignore[method-assign,assignment]
    refinement._run = lambda parts: np.full((len(parts), 1, *parts.shape[2:]), 0.5, np.float32)
    measure(f"{DEFAULT}, beside the networks", DEFAULT)
    measure(f"{DEFAULT}:refine=false, likewise", DEFAULT, refine=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
