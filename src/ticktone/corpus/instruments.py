"""Pitched instruments made of recorded notes."""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ticktone.corpus.samples import EXTENSIONS, Sample
from ticktone.errors import TicktoneError

Notes = dict[int, tuple[tuple[Sample, ...], ...]]

_DYNAMICS = ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff")
_LEVELLED = 6.0  # dB; layers that differ less as a whole have been made equally loud
_RATE = 44_100
_SHORT = {"short", "stac", "staccato"}

# Which programs of General MIDI, counted from 0, an instrument may stand for, by a word in its name
FAMILIES = {
    "bass": range(32, 40),
    "guitar": range(24, 32),
    "piano": range(0, 8),
    "sax": range(64, 68),
    "tuba": range(58, 59),
}


@dataclass(frozen=True)
class Instrument:
    """An instrument of recorded notes.

    Parameters
    ----------
    name, licence : str
    notes : dict of int to tuple of tuple of Sample
        For each MIDI pitch that was recorded, its velocity layers from soft to loud; each layer
        holds takes of the same note. All pitches have as many layers; one that was not recorded
        at a pitch is empty there.
    short : dict of int to tuple of tuple of Sample
        Notes played short, in the same way; empty if there are none.
    levelled : bool
        Whether the maker has made all layers equally loud.
    """

    name: str
    licence: str
    notes: Notes
    short: Notes = field(default_factory=dict)
    levelled: bool = False


def programs_of(name: str) -> range:
    """Return the programs of General MIDI, counted from 0, that an instrument may stand for.

    Parameters
    ----------
    name : str
        Such as that of its folder.

    Returns
    -------
    range
        Empty if the name says nothing.
    """
    return next((programs for word, programs in FAMILIES.items() if word in name), range(0))


def read_instrument(folder: Path, licence: str = "") -> Instrument:
    """Find the notes of an instrument, and open a few to compare how loud they are.

    Short notes recorded at more dynamics than the long ones are left out: an instrument whose
    short notes follow the velocity in another way than its long ones sounds like two.

    Parameters
    ----------
    folder : Path
        Of sound files named after what they hold, as `060_c4_mf_rr2.wav`: MIDI pitch, anything,
        the dynamic (ppp to fff, or vl1, vl2, ...), the take. `short`, `stac` or `staccato` among
        these words says that the note is.
    licence : str

    Returns
    -------
    Instrument

    Raises
    ------
    TicktoneError
        If no file is named so, or one cannot be read.
    """
    takes: dict[bool, list[tuple[int, int, Sample]]] = {False: [], True: []}
    for path in sorted(folder.glob("*")):
        pitch, *words = re.split(r"[_-]", path.stem.lower())
        if path.suffix.lower() in EXTENSIONS and re.fullmatch(r"\d+", pitch):
            short = not _SHORT.isdisjoint(words)
            takes[short].append((int(pitch), _dynamic(words), Sample(path)))
    if not takes[False]:
        raise TicktoneError("holds no sound files named as 060_c4_mf_rr1.wav", folder)
    notes, shorts = _layered(takes[False]), _layered(takes[True])
    if _count(shorts) > _count(notes):
        shorts = {}
    return Instrument(folder.name, licence, notes, shorts, _is_levelled(notes))


def _count(notes: Notes) -> int:
    """Return the number of layers."""
    return max(map(len, notes.values()), default=0)


def _dynamic(words: list[str]) -> int:
    for word in words:
        if word in _DYNAMICS:
            return _DYNAMICS.index(word)
        if re.fullmatch(r"vl\d+", word):
            return int(word[2:])
    return 0


def _layered(takes: list[tuple[int, int, Sample]]) -> Notes:
    dynamics = sorted({dynamic for _, dynamic, _ in takes})
    return {
        pitch: tuple(
            tuple(sample for *at, sample in takes if at == [pitch, dynamic]) for dynamic in dynamics
        )
        for pitch in sorted({pitch for pitch, _, _ in takes})
    }


def _is_levelled(notes: Notes) -> bool:
    """Compare the loudest layer with the softest one at some pitches recorded in both."""
    both = [layers for layers in notes.values() if len(layers) > 1 and layers[0] and layers[-1]]
    some = both[:: math.ceil(len(both) / 3)] if both else []
    louder = [_level(layers[-1][0]) - _level(layers[0][0]) for layers in some]
    return bool(louder) and float(np.mean(louder)) < _LEVELLED


def _level(sample: Sample) -> float:
    """Measure how loud the first half second is, in dB."""
    start = sample.load(_RATE)[:, : _RATE // 2]
    return float(10 * np.log10(np.mean(np.square(start)) + 1e-12))
