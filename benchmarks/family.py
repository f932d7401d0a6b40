"""Every method and every model, on several folders of songs: SDR with intervals, and speed.

    python -m benchmarks.family FOLDER [FOLDER ...] [-o FOLDER] [-m NAME,NAME...] [--protocol NAME]

Songs are mixed to mono. For each folder the figures of the percussive and the harmonic part, mean
over its songs (`--protocol drossos2018`: the median over windows); for all songs together also the
95 % interval of the percussive figure, and of its difference from the first method's. Speed: times
real time, by one thread's processor time, of ten seconds of a song. Results are kept in `-o`, so
that a run goes on where it was stopped; a model that changed is scored again.
"""

import argparse
import time
from pathlib import Path

from ticktone.cli.tables import parse_methods
from ticktone.datasets import open_dataset
from ticktone.evaluation.estimators import EstimatorSpec, choose
from ticktone.evaluation.figures import differences, figure, interval
from ticktone.evaluation.protocols import find_protocol
from ticktone.evaluation.run import Evaluation, evaluate, read_sources
from ticktone.evaluation.scores import Scores
from ticktone.methods import methods
from ticktone.parts import SOURCES

TUNED = "constraint=quadratic:reach=1:window_length=4096:power=2"  # docs/methods.md
VARIANTS = (
    *("diffusion:two_windows=true", "anisotropic:two_windows=true", f"anisotropic:{TUNED}"),
    *("median:phase=pu-hpss", "median:phase=misi", "median:phase=consistent"),
)
SECONDS = 10  # of a song, to measure the speed by


def scores_of(folder: Path, options: argparse.Namespace) -> dict[str, dict[str, Scores]]:
    """Score a folder's songs, by method and song."""
    evaluation = Evaluation(
        options.protocol, tuple(options.estimators), options.output / folder.name
    )
    found: dict[str, dict[str, Scores]] = {e.label: {} for e in options.estimators}
    for result in evaluate(list(open_dataset(folder)), evaluation):
        if result.error:
            raise SystemExit(result.error)
        if result.scores is not None:
            found[result.label][result.song] = result.scores
        if not result.kept:
            print(f"{folder.name}: {result.song}: {result.label}", flush=True)
    return found


def speed(estimator: EstimatorSpec, folder: Path, complement: bool) -> float:
    song = max(open_dataset(folder), key=lambda song: song.frames)
    sources = read_sources(song)[..., : SECONDS * song.sample_rate]
    opened = estimator.open(complement)
    opened.estimate(sources[..., : song.sample_rate], song.sample_rate)
    began = time.process_time()
    opened.estimate(sources, song.sample_rate)
    return sources.shape[-1] / song.sample_rate / (time.process_time() - began)


def table(options: argparse.Namespace) -> list[str]:
    protocol = find_protocol(options.protocol)
    how = (protocol, protocol.statistic, 0)
    found = {folder.name: scores_of(folder, options) for folder in options.folders}
    labels = [estimator.label for estimator in options.estimators]
    joined = {
        label: {
            f"{folder}/{song}": scores
            for folder, by_method in found.items()
            for song, scores in by_method[label].items()
        }
        for label in labels
    }
    first = next(e.label for e in options.estimators if not e.is_bound)
    against = {
        difference.method: difference
        for difference in differences(joined, first, *how)
        if difference.column == "percussive"
    }
    folders = [f"{name}, {len(found[name][first])} songs" for name in found]
    heads = ["", *folders, f"all {len(joined[first])}", f"above {first}", "x real time"]
    lines = [" | ".join(heads), " | ".join("---" for _ in heads)]
    for estimator in options.estimators:
        label = estimator.label
        words = [f"`{label}`"]
        for scores in (*(by_method[label] for by_method in found.values()), joined[label]):
            figures = [
                figure(scores, part, "SDR", protocol.statistic, protocol.pooled)
                for part in SOURCES[::-1]
            ]
            words.append(" / ".join(f"{value:.2f}" for value in figures))
        sure = interval(joined[label], *how).get("percussive")
        words[-1] += f" [{sure.low:.2f}, {sure.high:.2f}]" if sure else ""
        gain = against.get(label)
        words.append(
            f"{gain.difference:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]"
            if gain and not estimator.is_bound
            else ""
        )
        rates = [] if estimator.is_bound else [speed(estimator, options.folders[0], True)]
        words += [f"{rate:.{0 if rate > 10 else 1}f}" for rate in rates] or [""]
        lines.append(" | ".join(words))
    return [f"| {line} |" for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, default=Path("evaluation/family"))
    parser.add_argument("-m", "--methods", default=",".join((*methods(), *VARIANTS)))
    parser.add_argument("--protocol", default="sdr")
    options = parser.parse_args()
    options.output = options.output / options.protocol
    options.estimators = choose(parse_methods(options.methods))
    print("\n".join(table(options)))


if __name__ == "__main__":
    main()
