"""Times real time of every method, and `median` against librosa with the same settings, in one run.

    python benchmarks/speed.py [SECONDS [METHOD ...]]

White noise in stereo at 44.1 kHz, one thread, arrays in memory; the best of three.
"""

import sys
import time
from collections.abc import Callable

import librosa
import numpy as np

import ticktone

RATE = 44_100


def seconds(work: Callable[[], object]) -> float:
    work()  # what is loaded or compiled once is not counted
    times = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def main(duration: str = "30", *methods: str) -> None:
    length = float(duration)
    audio = np.random.default_rng(0).standard_normal((2, int(length * RATE))).astype(np.float32) / 8
    peer = seconds(lambda: librosa.effects.hpss(audio))
    print(f"{'librosa.effects.hpss':24} {length / peer:6.1f} x real time")
    for name in methods or (*ticktone.methods(), "ticktone.hpss"):
        if name == "ticktone.hpss":
            taken = seconds(lambda: ticktone.hpss(audio))
        else:
            taken = seconds(lambda name=name: ticktone.separate(audio, RATE, name))
        print(f"{name:24} {length / taken:6.1f} x real time", end="")
        same = name in ("median", "ticktone.hpss")
        print(f", {peer / taken:.1f} times as fast as librosa" if same else "", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
