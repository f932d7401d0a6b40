"""Each network's size, work and speed in ONNX Runtime, with random weights (which cost the same).

    python benchmarks/networks.py [SECONDS]

Noise at 44.1 kHz; mono, stereo (each channel its own masks) and stereo with shared masks.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

import ticktone
from ticktone.networks import make_network, networks
from ticktone.networks.cost import multiply_adds
from ticktone.training.export import export_network
from ticktone.training.normalisation import Normalisation

RATE, HOP = 44_100, 512


def speed(path: Path, channels: int, threads: int, seconds: float, **options: object) -> float:
    rng = np.random.default_rng(0)
    audio = rng.standard_normal((channels, int(seconds * RATE))).astype(np.float32) / 8
    separator = ticktone.Separator(str(path), threads=threads, **options)
    separator.separate(audio[:, :RATE], RATE)
    began = time.perf_counter()
    separator.separate(audio, RATE)
    return seconds / (time.perf_counter() - began)


def main(duration: str = "20") -> None:
    seconds, threads = float(duration), len(os.sched_getaffinity(0))
    print(f"{threads} threads, x real time")
    print("network          parameters   context  G multiply-adds/s    mono  stereo  a mask each")
    with tempfile.TemporaryDirectory() as folder:
        for name in networks():
            torch.manual_seed(0)
            network = make_network(name).eval()
            path = Path(folder, f"{name}.onnx")
            export_network(network, Normalisation(0.0, 6.0), path, name=name)
            work = multiply_adds(network, 128) * RATE / (128 * HOP) / 1e9
            count = sum(p.numel() for p in network.parameters())
            print(
                f"{name:16} {count:10,} {network.context:9} {work:18.2f}  "
                f"{speed(path, 1, threads, seconds):6.1f}"
                f"  {speed(path, 2, threads, seconds):6.1f}"
                f"  {speed(path, 2, threads, seconds, one_mask=False):11.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
