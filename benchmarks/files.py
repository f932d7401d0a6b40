"""A file in, two files out: methods on all cores, and librosa the same way, in one run.

    python benchmarks/files.py [SECONDS [METHOD ...]]

White noise, stereo, 44.1 kHz, 16 bits, WAV; from the call to the closed files; the best of three.
"""

import os
import sys
import tempfile
from pathlib import Path

import librosa
import numpy as np
import soundfile
from speed import seconds

import ticktone
from ticktone.methods import DEFAULT

RATE = 44_100
THREADS = len(os.sched_getaffinity(0))


def librosas(song: Path) -> None:
    audio, rate = soundfile.read(song, dtype="float32")
    for name, part in zip(("harmonic", "percussive"), librosa.effects.hpss(audio.T), strict=True):
        soundfile.write(song.with_suffix(f".{name}.wav"), part.T, rate, "PCM_16")


def main(duration: str = "60", *methods: str) -> None:
    length = float(duration)
    with tempfile.TemporaryDirectory() as folder:
        song = Path(folder, "song.wav")
        noise = np.random.default_rng(0).standard_normal((int(length * RATE), 2)) / 8
        soundfile.write(song, noise, RATE, "PCM_16")
        peer = seconds(lambda: librosas(song))
        print(f"{'librosa.effects.hpss':24} {length / peer:6.1f} x real time")
        for method in methods or (DEFAULT, "median"):
            separator = ticktone.Separator(method, threads=THREADS)
            taken = seconds(
                lambda s=separator: ticktone.separate_file(song, separator=s, existing="overwrite")
            )
            print(f"{method:24} {length / taken:6.1f}, {peer / taken:.1f} times as fast as librosa")


if __name__ == "__main__":
    main(*sys.argv[1:])
