"""How good methods are, on songs whose stems you have.

A folder of `SONG/harmonic.*` and `SONG/percussive.*` (or MUSDB18, or DSD100) is all it takes; the
demo song, cut in three, stands for one here. On the command line: `ticktone evaluate STEMS
--methods folded-3w-unet,median,hpr --plot box.png`. "gain" is the best constant gain, which
separates nothing, and "oracle" an ideal mask: a method's score means little without these two.
Needs Matplotlib.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from matplotlib.figure import Figure

from ticktone.datasets import open_dataset
from ticktone.evaluation.estimators import choose
from ticktone.evaluation.run import Evaluation, evaluate

DEMO = Path(__file__).parent / "demo"
METHODS = ("folded-3w-unet", "median", "hpr")


def write_stems(folder: Path) -> None:
    """Write the demo song's stems as three songs."""
    for part in ("harmonic", "percussive"):
        audio, rate = soundfile.read(DEMO / f"{part}.ogg", dtype="float32")
        for number, piece in enumerate(np.array_split(audio, 3)):
            song = folder / f"song {number + 1}"
            song.mkdir(exist_ok=True)
            soundfile.write(song / f"{part}.flac", piece, rate)


def main(folder: Path) -> dict[str, list[float]]:
    scores: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as place:
        stems, results = Path(place, "stems"), Path(place, "results")
        stems.mkdir()
        write_stems(stems)
        estimators = tuple(choose([(name, {}) for name in METHODS]))
        for result in evaluate(open_dataset(stems).songs, Evaluation("sdr", estimators, results)):
            if result.scores is None:
                raise SystemExit(result.error)
            value = float(result.scores.values["percussive"]["SDR"][0])
            scores.setdefault(result.label, []).append(value)
    for name, values in scores.items():
        print(f"{name:15} percussive SDR {np.mean(values):6.2f} dB")

    figure = Figure(figsize=(9, 4), layout="constrained")
    axis = figure.subplots()
    axis.barh(list(scores), [np.mean(values) for values in scores.values()], color="lightsteelblue")
    for row, values in enumerate(scores.values()):
        axis.plot(values, [row] * len(values), "k.")
    axis.invert_yaxis()
    axis.set_xlabel("percussive SDR in dB; dots: songs")
    figure.savefig(folder / "evaluate_methods.png", dpi=100)
    return scores


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
