"""How much a method holds back of a stream, and its speed there.

    python benchmarks/streaming.py MODEL [BLOCK_FRAMES]

Mono noise that arrives 64 samples at a time; times real time on all cores.
"""

import os
import sys
import time
from collections.abc import Iterator

import numpy as np

import ticktone

RATE = 44_100
THREADS = len(os.sched_getaffinity(0))


def main(method: str, block_frames: str = "4", seconds: int = 20) -> None:
    noise = np.random.default_rng(0).standard_normal(seconds * RATE // 64 * 64).astype(np.float32)
    taken = given_back = held = 0

    def arriving() -> Iterator[np.ndarray]:
        nonlocal taken, held
        for block in noise.reshape(-1, 64):
            taken += len(block)
            yield block / 8
            held = max(held, taken - given_back)

    separator = ticktone.Separator(method, threads=THREADS, block_frames=int(block_frames))
    began = time.perf_counter()
    for parts in separator.stream(arriving(), RATE):
        given_back += parts.percussive.shape[-1]
    speed = seconds / (time.perf_counter() - began)
    print(f"{method}: holds back {1000 * held / RATE:.0f} ms, {speed:.1f} x real time")


if __name__ == "__main__":
    main(*sys.argv[1:])
