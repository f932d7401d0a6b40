"""What one training gained over another, song by song, by what benchmarks/corpus_rows.py keeps.

    python benchmarks/trained_differences.py RUN [RUN ...] --over RUN [RUN ...]

Each RUN is a folder with scores.json; those of one side are seeds of one training, and their mean
counts. Prints the mean percussive SDR in dB of either side and the difference with its 95 %
interval of Student over songs, of all songs and by folder and kind, and the difference by seed
where both sides have equally many.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from ticktone.evaluation.intervals import margin_of_mean

MEASURES = {"not refined": 0, "refined": 2}  # columns of the percussive part


def read(runs: list[Path], names: list[str]) -> np.ndarray:
    """Return SDRs [shape=(seeds, songs, 4)]."""
    found = [{one["song"]: one["sdr"] for one in load(run)} for run in runs]
    return np.array([[songs[name] for name in names] for songs in found])


def load(run: Path) -> list[dict]:
    """Return each song's name ("song"), folder and kind ("groups") and four SDRs in dB ("sdr")."""
    return json.loads((run / "scores.json").read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--over", type=Path, nargs="+", required=True, metavar="RUN")
    options = parser.parse_args()
    songs = load(options.over[0])
    names = [one["song"] for one in songs]
    new, old = read(options.runs, names), read(options.over, names)
    groups = {"all": list(range(len(songs)))}
    for place, one in enumerate(songs):
        for group in one["groups"]:
            groups.setdefault(group, []).append(place)
    for measure, column in MEASURES.items():
        for group, places in groups.items():
            before, after = (side[:, places, column] for side in (old, new))
            gain = after.mean(axis=0) - before.mean(axis=0)
            told = f"{before.mean():6.2f} -> {after.mean():6.2f}  {gain.mean():+6.2f}"
            if len(places) > 1:
                margin = margin_of_mean(gain)
                told += f" [{gain.mean() - margin:+.2f}, {gain.mean() + margin:+.2f}]"
            if len(new) == len(old):
                seeds = (after - before).mean(axis=1)
                told += "  by seed " + ", ".join(f"{seed:+.2f}" for seed in seeds)
            print(f"{measure:12} {group:12} {len(places):3} songs  {told}")


if __name__ == "__main__":
    main()
