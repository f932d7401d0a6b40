"""Examples for the network of the low end: what another network finds in low ends like real ones.

Drawn at random, a low end is mostly an easy one: far more of the one part than of the other, or
drums that hum as long as a bass does. Learning from all of them gained nothing on real songs, from
one in seven chosen by `is_like_records` it gained a decibel (docs/our-network.md).
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from ticktone.errors import TicktoneError
from ticktone.methods.refinement import DECIMATION
from ticktone.separator import Separator
from ticktone.stft import REFERENCE_RATE, STFT
from ticktone.storage.atomic import write_whole
from ticktone.training.examples import Examples
from ticktone.training.recipe import Recipe
from ticktone.training.song_selection import SongSelection

RATE = REFERENCE_RATE / DECIMATION  # Hz
_HOW = "drawn.json"
DRAWN_AT_ONCE = 256  # examples that are drawn for one file

_SHORT = STFT(128, 16)  # at RATE: 93 ms, a frame each 11.6 ms
_BINS = slice(1, 12)  # up to 120 Hz
_LATER = 10  # frames, 116 ms
# Set by eye from the statistics of real songs: docs/our-network.md has them.
RATIO = (-8.0, 10.0)  # dB, percussive to harmonic
_PERCUSSIVE_LASTS, _HARMONIC_LASTS = 0.25, 0.15  # correlation of the level with itself, later
_PERCUSSIVE_PEAKS = 0.6  # of the energy, in the loudest fifth of the frames

Signal = NDArray[np.float32]


def is_like_records(harmonic: Signal, percussive: Signal) -> bool:
    """Tell whether two parts share their low end as those of real songs do.

    Both are there, the percussive part comes in strokes that do not hum, the harmonic one lasts.

    Parameters
    ----------
    harmonic, percussive : ndarray [shape=(samples,)]
        At `RATE`.
    """
    parts = (harmonic, percussive)
    levels = [np.square(np.abs(_SHORT.forward(part)[_BINS])).sum(axis=0) for part in parts]
    energies = [level.sum() for level in levels]
    if min(energies) < 1e-6:
        return False
    ratio = 10 * np.log10(energies[1] / energies[0])
    loudest = np.sort(levels[1])[::-1][: len(levels[1]) // 5].sum()
    return bool(
        RATIO[0] < ratio < RATIO[1]
        and _lasting(levels[1]) < _PERCUSSIVE_LASTS
        and _lasting(levels[0]) > _HARMONIC_LASTS
        and loudest > _PERCUSSIVE_PEAKS * energies[1]
    )


def _lasting(energy: NDArray[np.floating]) -> float:
    """Return how much the level resembles itself a moment later."""
    level = np.sqrt(energy) - np.sqrt(energy).mean()
    return float((level[_LATER:] * level[:-_LATER]).sum() / np.square(level).sum())


def draw(
    recipe: Recipe,
    songs: SongSelection,
    model: str | None,
    count: int,
    folder: Path,
    told: Callable[[int], None] = lambda drawn: None,
) -> list[Path]:
    """Draw examples that are like records; goes on if stopped.

    Parameters
    ----------
    recipe : Recipe
        What is drawn: its sections `examples`, `augmentation`, `data` and `machine`.
    songs : SongSelection
    model : str, optional
        The network whose parts are to be refined.
    count : int
        Examples to keep, at least.
    folder : Path
        One .npy file for so many that are drawn: harmonic, percussive, and, if there is a model,
        the percussive part that it finds [shape=(examples, 2 or 3, samples)], at `RATE`.
    told : callable
        Is given the number that is there by now, after each file.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    TicktoneError
        If a file is damaged, no example is like records, or those in the folder were drawn
        otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _note_how(recipe, model, folder)
    separator = None if model is None else Separator(model, refine=False)
    files: list[Path] = []
    kept = 0
    while kept < count:
        path = folder / f"{len(files):05d}.npy"
        if not path.exists():
            found = list(_kept(recipe, songs, separator, len(files)))
            if not found and not files:
                raise TicktoneError(
                    "no example drawn from it is like a record", recipe.data.path[0]
                )
            shortest = min((one.shape[-1] for one in found), default=0)
            array = np.stack([one[:, :shortest] for one in found]) if found else np.empty((0, 2, 0))
            write_whole(path, partial(np.save, arr=array.astype(np.float32)))
        files.append(path)
        kept += len(np.load(path, mmap_mode="r"))
        told(kept)
    return files


def _note_how(recipe: Recipe, model: str | None, folder: Path) -> None:
    """Write beside the examples how they are drawn, or compare."""
    table = asdict(recipe)
    sections = {name: table[name] for name in ("data", "examples", "augmentation")}
    how = json.dumps({"model": model, **sections}, indent=1, default=str).encode()
    path = folder / _HOW
    if not path.exists():
        write_whole(path, lambda file: file.write(how))
    elif path.read_bytes() != how:
        raise TicktoneError(
            "holds examples of another recipe or model; choose another --run, or remove it", folder
        )


def _kept(
    recipe: Recipe, songs: SongSelection, separator: Separator | None, epoch: int
) -> Iterator[Signal]:
    batch = recipe.examples.batch
    schedule = replace(recipe.schedule, steps=-(-DRAWN_AT_ONCE // batch))
    rate = recipe.examples.sample_rate
    for sources in Examples(songs, replace(recipe, schedule=schedule)).batches(epoch):
        for harmonic, percussive in sources:
            low = [_low(part, rate) for part in (harmonic, percussive)]
            if not is_like_records(*low):
                continue
            if separator is not None:
                found = separator.separate(harmonic + percussive, rate).percussive
                low.append(_low(found, rate))
            yield np.stack(low)


def _low(signal: Signal, sample_rate: int) -> Signal:
    low: Signal = soxr.resample(signal, sample_rate, RATE, "VHQ").astype(np.float32)
    return low
