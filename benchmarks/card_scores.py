"""Write into the cards of the models that ship what they reach on songs that are measured by.

    python -m benchmarks.card_scores VALIDATION DEVELOPMENT [-o FOLDER]

Each model as it separates when nothing is asked, in mono: SDR in dB of whole songs, mean over a
folder's songs. Results are kept in `-o`, which `benchmarks.family` can share.
"""

import argparse
import tomllib
from pathlib import Path

import tomli_w

from benchmarks.family import scores_of
from ticktone.cli.tables import parse_methods
from ticktone.evaluation.estimators import choose
from ticktone.evaluation.figures import figure
from ticktone.evaluation.protocols import find_protocol
from ticktone.models import models
from ticktone.parts import SOURCES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, default=Path("evaluation/family"))
    options = parser.parse_args()
    options.protocol = "sdr"
    options.output = options.output / options.protocol
    options.estimators = choose(parse_methods(",".join(models())))
    protocol = find_protocol(options.protocol)
    found = {folder.name: scores_of(folder, options) for folder in options.folders}
    for name, path in models().items():
        card = path.with_suffix(".toml")
        content = tomllib.loads(card.read_text(encoding="utf-8"))
        for folder, by_method in found.items():
            for part in SOURCES:
                mean = figure(by_method[name], part, "SDR", protocol.statistic, protocol.pooled)
                content["scores"][f"{folder}_{part}"] = round(mean, 2)
        card.write_text(tomli_w.dumps(content), encoding="utf-8")


if __name__ == "__main__":
    main()
