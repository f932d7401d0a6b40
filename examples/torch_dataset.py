"""Parts as examples of a PyTorch `Dataset`.

For a network that is to learn from what rings alone (or from drums alone): each example is an
excerpt of a recording and its two parts. A `Separator` can be pickled, so each of the loader's
workers has its own. What is separated anew in every epoch is better separated once, to files
(`ticktone separate FOLDER -o PARTS --format flac`), if it fits on the disk. Needs PyTorch and
Matplotlib.
"""

import sys
from pathlib import Path

import numpy as np
import soundfile
import torch
from matplotlib.figure import Figure
from torch.utils.data import DataLoader, Dataset

import ticktone

DEMO = Path(__file__).parent / "demo"


class Excerpts(Dataset):
    """Excerpts of recordings, each with its parts. [shape=(3, channels, samples)].

    The separation is told of a second to either side, so that an excerpt's ends are as good as
    its middle.
    """

    def __init__(self, paths: list[Path], seconds: float, method: str = "median") -> None:
        self.separator = ticktone.Separator(method)
        self.places: list[tuple[Path, int, int]] = []
        for path in paths:
            info = soundfile.info(path)
            length = round(seconds * info.samplerate)
            starts = range(0, info.frames - length + 1, length)
            self.places += [(path, start, length) for start in starts]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> torch.Tensor:
        path, start, length = self.places[index]
        with soundfile.SoundFile(path) as file:
            before = min(start, file.samplerate)
            file.seek(start - before)
            audio = file.read(before + length + file.samplerate, dtype="float32", always_2d=True).T
            parts = self.separator.separate(audio, file.samplerate)
        excerpt = slice(before, before + length)
        three = np.stack([audio, parts.harmonic, parts.percussive])
        return torch.from_numpy(three[..., excerpt].copy())


def main(folder: Path) -> torch.Tensor:
    excerpts = Excerpts([DEMO / "demo.ogg"], seconds=2.0)
    loader = DataLoader(excerpts, batch_size=4, shuffle=True, generator=torch.manual_seed(0))
    batch = next(iter(loader))
    print(f"{len(excerpts)} excerpts; a batch: {tuple(batch.shape)}")

    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots(3, len(batch), sharex=True, sharey=True)
    for row, name in enumerate(("mixture", "harmonic", "percussive")):
        axes[row, 0].set_ylabel(name)
        for axis, example in zip(axes[row], batch, strict=True):
            axis.plot(example[row, 0], linewidth=0.3)
            axis.set(xticks=[], yticks=[])
    figure.savefig(folder / "torch_dataset.png", dpi=100)
    return batch


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
