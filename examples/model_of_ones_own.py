"""A model of one's own.

From songs in stems to a file that separates without PyTorch. The songs here are synthesised by
ticktone, and there are four of them; the training takes seconds and gives nothing to be proud of.
Put your own folder in place of them and raise `schedule.epochs`, and it gets better. On the command
line: `ticktone train`, `ticktone export`, `ticktone separate --method mine.onnx`. Needs
`pip install 'ticktone[corpus,train]'`.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from matplotlib.figure import Figure

import ticktone
from ticktone.corpus.synthesis.synthesise import Synthesis, synthesise
from ticktone.training import load, read_recipe, train
from ticktone.training.onnx_export import export

HERE = Path(__file__).parent
SETTINGS = ("schedule.epochs=3", "schedule.steps=8", "examples.frames=64", "examples.batch=4")


def sdr(truth: np.ndarray, estimate: np.ndarray) -> float:
    return float(10 * np.log10(np.sum(truth**2) / np.sum((truth - estimate) ** 2)))


def main(folder: Path) -> list[float]:
    with tempfile.TemporaryDirectory() as place:
        songs, run, model = Path(place, "songs"), Path(place, "run"), folder / "mine.onnx"
        for result in synthesise(4, songs, Synthesis(minutes=0.15, channels=1)):
            print(result.score.name, result.error or "synthesised")
        recipe = read_recipe(HERE.parent / "recipes/quick.toml", [f"data.path={songs}", *SETTINGS])
        trained = train(recipe, run, device="cpu")
        print(f"trained for {trained.step} steps")
        card = export(load(run / "last.pt"), model, licence="MIT", data="synthesised songs")
    print(f"{model.name}: {card.parameters:,} parameters")

    audio, rate = soundfile.read(HERE / "demo" / "demo.ogg", dtype="float32")
    truth = soundfile.read(HERE / "demo" / "percussive.ogg", dtype="float32")[0].T
    parts = ticktone.separate(audio.T, rate, str(model))
    print(f"the demo song: percussive SDR {sdr(truth, parts.percussive):.1f} dB")

    losses = [epoch.training_loss for epoch in trained.history]
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    axis = figure.subplots()
    axis.plot(range(1, len(losses) + 1), losses, "o-")
    axis.set(xlabel="epoch", ylabel="loss", xticks=range(1, len(losses) + 1))
    figure.savefig(folder / "model_of_ones_own.png", dpi=100)
    return losses


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
