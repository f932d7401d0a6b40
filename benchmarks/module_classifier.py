"""Compare the classifier of tracker modules' instruments with labels given by hand.

    python benchmarks/module_classifier.py FOLDER

The labels are those of `module_labels.toml` beside this file: twelve modules of Debian's packages
biniax2-data, criticalmass-data, gltron, heroes-sound-tracks, monsterz-data, njam-data, pingus-data
and tecnoballz-data. FOLDER holds them at any depth; they are found by their content. Printed are,
for those that the rules were made with and for the others: the table of labels and verdicts, and
the precision and recall of each part. Recall counts an instrument that is left to a person
("unknown") as not found; labels that say "either" count in the table only.
"""

import sys
import tomllib
from collections import Counter
from pathlib import Path

from ticktone.corpus.classification import classify
from ticktone.corpus.modules import EXTENSIONS
from ticktone.corpus.modules.module_song import ModuleSong
from ticktone.corpus.song_writer import digest

PARTS = ("percussive", "harmonic")
VERDICTS = (*PARTS, "unknown")


def show(title: str, table: Counter[tuple[str, str]]) -> None:
    print(f"\n{title}\n{'label':12}", *(f"{verdict:>10}" for verdict in VERDICTS))
    for label in (*PARTS, "either"):
        print(f"{label:12}", *(f"{table[label, verdict]:10}" for verdict in VERDICTS))
    for part in PARTS:
        right = table[part, part]
        told = sum(table[label, part] for label in PARTS)
        there = sum(table[part, verdict] for verdict in VERDICTS)
        print(f"{part}: precision {right / max(1, told):.3f}, recall {right / max(1, there):.3f}")


def main(folder: str) -> None:
    labels = tomllib.loads(Path(__file__).with_name("module_labels.toml").read_text())["module"]
    paths = [path for path in Path(folder).rglob("*") if path.suffix[1:].lower() in EXTENSIONS]
    found = {digest(path): path for path in paths}
    tables = {True: Counter(), False: Counter()}
    for module in labels:
        path = found.get(module["sha256"])
        if path is None:
            print(f"{module['file']} is not in {folder}")
            continue
        label_of = {number: label for label in (*PARTS, "either") for number in module[label]}
        with ModuleSong(path) as song:
            for player in song.players:
                label = label_of.get(player.number)
                if label is None:  # it is never heard
                    continue
                verdict = classify(player.evidence)
                tables[module["made_with"]][label, verdict.part] += 1
                if verdict.part != label:
                    what = f"{player.number} {player.evidence.name!r}"
                    print(f"{path.name}: {what} is {label}, told {verdict.part} {verdict.reason}")
    show("modules that the rules were made with", tables[True])
    show("the others", tables[False])


if __name__ == "__main__":
    main(*sys.argv[1:])
