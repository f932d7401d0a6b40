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
from ticktone.networks.mask_network import MaskNetwork
from ticktone.stft import STFT
from ticktone.training.inference import patches_of
from ticktone.training.normalisation import Normalisation, Scaling
from ticktone.training.onnx_export import export_network

RATE = 44_100


def speed(path: Path, channels: int, threads: int, seconds: float, **options: object) -> float:
    rng = np.random.default_rng(0)
    audio = rng.standard_normal((channels, int(seconds * RATE))).astype(np.float32) / 8
    separator = ticktone.Separator(str(path), threads=threads, **options)
    separator.separate(audio[:, :RATE], RATE)
    began = time.perf_counter()
    separator.separate(audio, RATE)
    return seconds / (time.perf_counter() - began)


def work(network: MaskNetwork, hop: int) -> float:
    """Count multiplications per second of audio, in milliards."""
    patch, _ = patches_of(network)
    return multiply_adds(network, patch + 2 * network.edge) * RATE / (patch * hop) / 1e9


def main(duration: str = "20") -> None:
    seconds, threads = float(duration), len(os.sched_getaffinity(0))
    print(f"{threads} threads, x real time")
    print("network          parameters   context  G multiply-adds/s    mono  stereo  a mask each")
    with tempfile.TemporaryDirectory() as folder:
        for name in networks():
            torch.manual_seed(0)
            network = make_network(name).eval()
            path = Path(folder, f"{name}.onnx")
            stft, normalisation = STFT(1024, 512), Normalisation(0.0, 6.0)
            if network.linear:
                stft, normalisation = STFT(2049, 384, 4096, "symmetric hamming"), Scaling(1 / 64)
            card = export_network(network, normalisation, path, name=name, stft=stft)
            print(
                f"{name:16} {card.parameters:10,} {card.context:9} "
                f"{work(network, stft.hop_length):18.2f}  "
                f"{speed(path, 1, threads, seconds):6.1f}"
                f"  {speed(path, 2, threads, seconds):6.1f}"
                f"  {speed(path, 2, threads, seconds, one_mask=False):11.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
