"""Which material helps: train the same network on each row of it, and score it by kind of music.

    python benchmarks/corpus_rows.py CORPUS --songs FOLDER --songs FOLDER [--row ROW] [--seed N]
        [--set SECTION.KEY=VALUE] [--runs FOLDER]

CORPUS holds the folders that docs/training.md makes; a row takes those of ROWS. By
`recipes/corpus-rows.toml` all rows have the same network and as many steps. The last weights (no
validation song has a say) then separate the songs of `--songs`, unrefined and with the low end
refined as by default: their mean SDR, and the 95 % interval of Student over songs, by folder and by
kind. A row whose run is finished is only scored again. Write --set schedule.epochs=1 and the like
to rehearse. The songs' SDRs are kept in RUNS/ROW-N/scores.json: benchmarks/trained_differences.py
compares them, song by song.

--set network.name=3w-unet with a --runs of its own compares networks on one row in the same way.
"""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from ticktone import Separator
from ticktone.datasets import open_dataset
from ticktone.evaluation.intervals import margin_of_mean
from ticktone.evaluation.measures import sdr

ROWS = {
    "old": {"rendered": 0.6, "songs": 0.25, "loops": 0.15},
    "modules": {"rendered": 0.4, "songs": 0.2, "loops": 0.1, "modules": 0.3},
    "lmms": {"rendered": 0.5, "songs": 0.2, "loops": 0.15, "lmms": 0.15},
    "synthesised": {"rendered": 0.4, "songs": 0.2, "loops": 0.1, "synthesised": 0.3},
    "all": {"midi": 0.6, "songs": 0.25, "loops": 0.15},  # all scores in place of the old share
    "everything": {
        **{"midi": 0.35, "songs": 0.15, "loops": 0.1},
        **{"modules": 0.12, "lmms": 0.05, "synthesised": 0.23},
    },
}
EXTRA = {  # only if asked for: records without stems, as the default separates them
    "pseudo": {"rendered": 0.45, "songs": 0.2, "loops": 0.1, "pseudo": 0.25},
}
# By the names of the songs that we measure by; others are "other"
KINDS = {
    "rock": ("mdb_80srock", "mdb_britpop", "mdb_country1", "mdb_grunge", "mdb_beatles",
             "mdb_speedmetal"),
    "electronic": ("eif_lithium", "crossadaptive_drums_synth", "davetorre_nov2", "lmms_222",
                   "lmms_mauiwowi"),
}  # fmt: skip
RECIPE = Path(__file__).parents[1] / "recipes" / "corpus-rows.toml"


def kind_of(song: str) -> str:
    return next((kind for kind, songs in KINDS.items() if song in songs), "other")


def train(options: argparse.Namespace, row: str, run: Path) -> None:
    shares = {**ROWS, **EXTRA}[row]
    folders = [str(options.corpus / name) for name in shares]
    settings = {
        "data.path": json.dumps(folders),
        "data.weights": json.dumps(list(shares.values())),
        "data.voices": json.dumps([str(options.corpus / "voices")]),
        "validation.path": json.dumps([str(folder) for folder in options.songs]),
        "machine.seed": str(options.seed),
    }
    given = [*(f"{key}={value}" for key, value in settings.items()), *options.set]
    command = [sys.executable, "-m", "ticktone", "train", str(RECIPE), "--run", str(run)]
    resumed = ["--resume"] if (run / "last.pt").exists() else []
    subprocess.run(
        [*command, *resumed, *(word for one in given for word in ("--set", one))], check=True
    )
    exporting = ["export", str(run / "last.pt"), "-o", str(run / "last.onnx")]
    subprocess.run([sys.executable, "-m", "ticktone", *exporting], check=True)


def score(options: argparse.Namespace, run: Path) -> dict[str, list[list[float]]]:
    """Return SDRs of each song by folder and by kind: of both parts, and of both refined."""
    network = str(run / "last.onnx")
    separators = [Separator(network, complement=False, refine=refined) for refined in (False, True)]
    found = defaultdict(list)
    songs = []
    for folder in options.songs:
        for song in open_dataset(folder):
            sources = [song.read(part).mean(axis=0) for part in ("percussive", "harmonic")]
            ratios = []
            for separator in separators:
                parts = separator.separate(sources[0] + sources[1], song.sample_rate)
                ratios += sdr(sources[0], parts.percussive), sdr(sources[1], parts.harmonic)
            print(f"  {song.name:28}" + "".join(f"{ratio:8.2f}" for ratio in ratios), flush=True)
            groups = (folder.name, kind_of(song.name))
            songs.append({"song": song.name, "groups": groups, "sdr": ratios})
            for group in groups:
                found[group].append(ratios)
    (run / "scores.json").write_text(json.dumps(songs, indent=1))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--songs", type=Path, action="append", required=True)
    parser.add_argument("--row", action="append", choices=[*ROWS, *EXTRA])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--runs", type=Path, default=Path("runs/corpus-rows"))
    options = parser.parse_args()
    for row in options.row or ROWS:
        run = options.runs / f"{row}-{options.seed}"
        if not (run / "last.onnx").exists():
            train(options, row, run)
        print(f"{row}, seed {options.seed} (SDR in dB: percussive, harmonic, both refined)")
        for group, ratios in score(options, run).items():
            values = np.array(ratios)
            told = [
                f"{column.mean():6.2f} ± {margin_of_mean(column):.2f}"
                if len(column) > 1
                else f"{column.mean():6.2f}"
                for column in values.T
            ]
            print(f"{row:12}  {group:12} {len(ratios):3} songs  {'  '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
