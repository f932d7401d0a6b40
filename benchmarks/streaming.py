"""How much a method holds back of a stream, and what it costs there.

    python benchmarks/streaming.py METHOD [BLOCK_FRAMES [SAMPLE_RATE]]

Mono noise that arrives 64 samples at a time, as from a sound card; one thread. Real time on one
core is less than one second of processor time to a second of sound.
"""

import sys
import time
from collections.abc import Iterator

import numpy as np

import ticktone

FEED = 64


def main(
    method: str, block_frames: str = "0", sample_rate: str = "44100", seconds: int = 20
) -> None:
    rate = int(sample_rate)
    noise = np.random.default_rng(0).standard_normal(seconds * rate // FEED * FEED) / 8
    taken = given_back = held = 0

    def arriving() -> Iterator[np.ndarray]:
        nonlocal taken, held
        for block in noise.astype(np.float32).reshape(-1, FEED):
            taken += FEED
            yield block
            held = max(held, taken - given_back)

    separator = ticktone.Separator(method, block_frames=int(block_frames) or None)
    separator.separate(noise[:4096].astype(np.float32), rate)  # loads the network
    began = time.process_time()
    for parts in separator.stream(arriving(), rate):
        given_back += parts.percussive.shape[-1]
    cost = (time.process_time() - began) / seconds
    print(
        f"{method}: holds back {1000 * held / rate:.0f} ms "
        f"(promised: {1000 * separator.latency(rate, 1):.0f}), "
        f"{cost:.2f} s of processor time to a second of sound"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
