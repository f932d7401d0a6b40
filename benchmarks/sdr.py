"""Whole-song SDR of both sources, for every song of a folder and every method.

    python benchmarks/sdr.py [--stereo] FOLDER [METHOD[:OPTION=VALUE,...] ...]

The mixture is mixed down to mono, or with --stereo kept as it is, and scored over all channels.
FOLDER holds `SONG/percussive.*` and `SONG/harmonic.*`. SDR = 10 log10(|s|^2 / |s - estimate|^2).
A method's residual counts as harmonic. `gain` is the best constant gain, `oracle` the ideal ratio
mask on magnitudes (2048/512): the floor and, nearly, the ceiling of any mask.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

import ticktone
from ticktone.cli.common import parse_options
from ticktone.stft import STFT

Estimator = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


def sdr(reference: np.ndarray, estimate: np.ndarray) -> float:
    """Give the signal-to-distortion ratio in dB."""
    return 10 * np.log10(np.sum(reference**2) / np.sum((reference - estimate) ** 2))


def read_song(song: Path, stereo: bool = False) -> tuple[np.ndarray, np.ndarray, int]:
    """Give both parts [shape=(samples,) or (channels, samples)] and the sample rate."""
    stems = []
    for stem in ("percussive", "harmonic"):
        audio, rate = soundfile.read(next(song.glob(f"{stem}.*")), always_2d=True)
        stems.append(audio.T if stereo else audio.mean(axis=1))
    return *stems, rate


def gain(percussive: np.ndarray, mixture: np.ndarray, _: int) -> np.ndarray:
    return mixture * (np.vdot(mixture, percussive) / np.vdot(mixture, mixture))


def oracle(percussive: np.ndarray, mixture: np.ndarray, _: int) -> np.ndarray:
    stft = STFT(2048, 512)
    p, h = (abs(stft.forward(part)) for part in (percussive, mixture - percussive))
    return stft.inverse(stft.forward(mixture) * p / (p + h + 1e-12), mixture.shape[-1])


def method(specification: str) -> Estimator:
    name, _, options = specification.partition(":")
    parsed = parse_options(options.split(",") if options else [])

    def estimate(_: np.ndarray, mixture: np.ndarray, sample_rate: int) -> np.ndarray:
        return ticktone.separate(mixture, sample_rate, name, **parsed).percussive

    return estimate


def main(*arguments: str) -> None:
    stereo = "--stereo" in arguments
    folder, *specifications = (word for word in arguments if word != "--stereo")
    songs = sorted(path.parent for path in Path(folder).glob("*/percussive.*"))
    estimators = {"gain": gain, "oracle": oracle}
    means = {}
    for name in ["gain", "oracle", *(specifications or ticktone.methods())]:
        scores = []
        for song in songs:
            percussive, harmonic, rate = read_song(song, stereo)
            mixture = percussive + harmonic
            estimate = estimators.get(name) or method(name)
            found = estimate(percussive, mixture, rate)
            scores.append((sdr(percussive, found), sdr(harmonic, mixture - found)))
            print(f"{name:24} {song.name:16} {scores[-1][0]:6.2f} {scores[-1][1]:6.2f}", flush=True)
        means[name] = np.mean(scores, axis=0)
    floor, ceiling = means["gain"], means["oracle"]
    print("\nMean over songs, and the share of the way from the gain to the oracle")
    for name, mean in means.items():
        share = 100 * (mean - floor) / (ceiling - floor)
        print(f"{name:24} {mean[0]:6.2f} {mean[1]:6.2f} {share[0]:5.0f} % {share[1]:4.0f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
