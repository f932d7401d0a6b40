"""The course of a training, as a table and as a picture."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from ticktone.storage.atomic import write_whole

TABLE, PICTURE = "curves.csv", "curves.png"


@dataclass(frozen=True)
class EpochRecord:
    """One epoch.

    Parameters
    ----------
    epoch : int
        From 1.
    step : int
        Since the beginning of training.
    seconds : float
        Since then, not counting pauses.
    learning_rate, training_loss : float
    validation_loss, sdr_percussive, sdr_harmonic : float, optional
        SDR in dB, the mean over whole songs. None where the epoch was not validated.
    sdr_by_folder : dict of str to (float, float)
        The mean harmonic and percussive SDR of each folder of validation songs, where there are
        several.
    """

    epoch: int
    step: int
    seconds: float
    learning_rate: float
    training_loss: float
    validation_loss: float | None = None
    sdr_percussive: float | None = None
    sdr_harmonic: float | None = None
    sdr_by_folder: dict[str, tuple[float, float]] = field(default_factory=dict)


def write_curves(history: Sequence[EpochRecord], folder: Path) -> None:
    """Write ``curves.csv`` and, where matplotlib is installed, ``curves.png`` to a folder.

    Raises
    ------
    TicktoneError
        If they cannot be written.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    names = [entry.name for entry in fields(EpochRecord) if entry.name != "sdr_by_folder"]
    folders = list(dict.fromkeys(name for row in history for name in row.sdr_by_folder))
    parts = ("sdr_percussive", "sdr_harmonic")
    table.writerow([*names, *(f"{part} {name}" for name in folders for part in parts)])
    for row in history:
        values = [getattr(row, name) for name in names]
        for name in folders:
            harmonic, percussive = row.sdr_by_folder.get(name, (None, None))
            values += [percussive, harmonic]
        table.writerow(["" if value is None else f"{value:.7g}" for value in values])
    write_whole(folder / TABLE, lambda file: file.write(text.getvalue().encode()))
    _draw(history, folder / PICTURE)


def _draw(history: Sequence[EpochRecord], path: Path) -> None:
    try:
        from matplotlib.figure import Figure  # the table says the same
    except ImportError:
        return
    figure = Figure(figsize=(8, 6), layout="constrained")
    losses, ratios = figure.subplots(2, 1, sharex=True)
    for axes, name, label in (
        (losses, "training_loss", "training"),
        (losses, "validation_loss", "validation"),
        (ratios, "sdr_percussive", "percussive"),
        (ratios, "sdr_harmonic", "harmonic"),
    ):
        known = [(r.epoch, value) for r in history if (value := getattr(r, name)) is not None]
        if known:
            axes.plot(*zip(*known, strict=True), marker=".", label=label)
            axes.legend()
    if all(row.training_loss > 0 for row in history):
        losses.set_yscale("log")
    losses.set_ylabel("loss")
    ratios.set_ylabel("SDR on validation songs (dB)")
    ratios.set_xlabel("epoch")
    for axes in (losses, ratios):
        axes.grid(alpha=0.3)
    write_whole(path, lambda file: figure.savefig(file, format="png", dpi=100))
