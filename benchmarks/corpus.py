"""Listen to songs in stems with instruments: levels, spectra and onsets, folder beside folder.

    python benchmarks/corpus.py FOLDER [FOLDER ...]

Each folder holds `SONG/percussive.*` and `SONG/harmonic.*`, or other stems as `open_dataset` takes
them. Rendered songs should look like recorded ones. For each part: level (gated, dB of full scale),
crest (peak to level, dB), share of the energy under 200 Hz, from 200 to 2000, from 2000 to 8000 and
above (dB), spectral flatness (dB), and onsets a second; for both, the balance (percussive to
harmonic, dB). Median over songs, and the range in which the middle 80 % lie.
"""

import sys
import warnings
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np

from ticktone.corpus.effects import level_db
from ticktone.datasets import open_dataset

BANDS = (0, 200, 2000, 8000, 1e9)
LONGEST = 30  # seconds that are listened to, from the middle of each song


def measure(sound: np.ndarray, sample_rate: int) -> dict[str, float]:
    """Describe a part. [shape=(samples,)]."""
    import librosa

    level = level_db(np.stack([sound, sound]), sample_rate)
    if not np.isfinite(level):
        return {}
    power = np.abs(librosa.stft(sound, n_fft=2048)) ** 2
    frequencies = librosa.fft_frequencies(sr=sample_rate, n_fft=2048)
    total = power.sum()
    found = {"level": level, "crest": 20 * np.log10(abs(sound).max()) - level}
    for low, high in pairwise(BANDS):
        share = power[(frequencies >= low) & (frequencies < high)].sum() / total
        name = f"{low:.0f}-{high:.0f} Hz" if high < 1e9 else f"{low:.0f} Hz-"
        found[name] = 10 * np.log10(share + 1e-9)
    loud = power[:, power.sum(axis=0) > 1e-4 * power.sum(axis=0).max()] + 1e-12
    flatness = np.exp(np.log(loud).mean(axis=0)) / loud.mean(axis=0)
    found["flatness"] = 10 * np.log10(np.median(flatness))
    onsets = librosa.onset.onset_detect(y=sound, sr=sample_rate)
    found["onsets / s"] = len(onsets) / (len(sound) / sample_rate)
    return found


def main(*folders: str) -> None:
    warnings.simplefilter("ignore")
    tables = {}
    for folder in folders:
        table = defaultdict(list)
        for song in open_dataset(folder, one_part=True):
            frames = min(song.frames, LONGEST * song.sample_rate)
            start = (song.frames - frames) // 2
            levels = {}
            for part in ("percussive", "harmonic"):
                if song.has(part):
                    found = measure(song.mono(part, start, frames), song.sample_rate)
                    levels[part] = found.get("level")
                    for name, value in found.items():
                        table[f"{part} {name}"].append(value)
            if levels.get("percussive") is not None and levels.get("harmonic") is not None:
                table["balance"].append(levels["percussive"] - levels["harmonic"])
        tables[folder] = table
    names = dict.fromkeys(name for table in tables.values() for name in table)
    print(" " * 26 + "".join(f"{Path(folder).name[-27:]:>28}" for folder in folders))
    for name in names:
        print(f"{name:26}", end="")
        for table in tables.values():
            if values := table.get(name):
                low, middle, high = np.percentile(values, (10, 50, 90))
                print(f"{middle:10.1f} [{low:6.1f}, {high:6.1f}]", end="")
            else:
                print(" " * 28, end="")
        print()


if __name__ == "__main__":
    main(*sys.argv[1:])
