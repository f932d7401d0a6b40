"""Drum kits made of recorded hits: Hydrogen's, or folders of one-shots."""

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from ticktone.corpus.pieces import ESSENTIAL, KEYS, piece_named
from ticktone.corpus.samples import EXTENSIONS, Sample
from ticktone.errors import TicktoneError

Layers = tuple[tuple[Sample, ...], ...]

_HANDS = {"left", "right", "l", "r", "lh", "rh"}
_FORCES = {"soft": 0, "hard": 1}
_ALTERNATES = 3  # that share a layer at most


@dataclass(frozen=True)
class Kit:
    """A drum kit.

    Parameters
    ----------
    name, licence : str
    pieces : dict of str to tuple of tuple of Sample
        For each piece, named as in `ticktone.corpus.pieces`, its velocity layers from soft to
        loud; each layer holds takes of the same hit.
    spares : dict of str to tuple
        More sounds of the same pieces, which `variant` may choose instead; each is given as in
        `pieces`.
    """

    name: str
    licence: str
    pieces: dict[str, Layers]
    spares: dict[str, tuple[Layers, ...]] = field(default_factory=dict)


def piece_for(key: int, kit: Kit) -> str | None:
    """Choose what plays a percussion key of General MIDI, or the piece that comes nearest to it.

    Parameters
    ----------
    key : int
    kit : Kit

    Returns
    -------
    str or None
        None if the kit has nothing like it.
    """
    return next((piece for piece in KEYS.get(key, ()) if piece in kit.pieces), None)


def variant(kit: Kit, rng: np.random.Generator) -> Kit:
    """Draw one sound for each piece of a kit that has several.

    Parameters
    ----------
    kit : Kit
    rng : numpy.random.Generator

    Returns
    -------
    Kit
        Without spares.
    """

    def draw(piece: str, layers: Layers) -> Layers:
        sounds = (layers, *kit.spares.get(piece, ()))
        return sounds[rng.integers(len(sounds))]

    pieces = {piece: draw(piece, layers) for piece, layers in kit.pieces.items()}
    return replace(kit, pieces=pieces, spares={})


def complete(kit: Kit, donors: Sequence[Kit], rng: np.random.Generator) -> Kit:
    """Borrow each essential piece that a kit lacks from a donor drawn among those that have it.

    Parameters
    ----------
    kit : Kit
    donors : sequence of Kit
    rng : numpy.random.Generator

    Returns
    -------
    Kit
        Its licence names those of the donors too. It still lacks what no donor has.
    """
    pieces, licences = dict(kit.pieces), [kit.licence]
    for piece in ESSENTIAL:
        having = [donor for donor in donors if piece in donor.pieces]
        if piece not in pieces and having:
            donor = having[rng.integers(len(having))]
            pieces[piece] = donor.pieces[piece]
            licences.append(donor.licence)
    licence = "; ".join(dict.fromkeys(filter(None, licences)))
    return replace(kit, pieces=pieces, licence=licence)


def read_kit(folder: Path, licence: str = "") -> Kit:
    """Find the sounds of a kit; they are not opened yet.

    Parameters
    ----------
    folder : Path
        Either a Hydrogen kit, told by its drumkit.xml, or sound files whose names begin with a
        piece: `snare_edge_07.wav` is the seventh softest of the hits on the snare's edge,
        `hat_zap.wav` a closed hi-hat of which there is one recording.
    licence : str
        Default: what drumkit.xml says.

    Returns
    -------
    Kit

    Raises
    ------
    TicktoneError
        If drumkit.xml is damaged or no sound of a known piece is found.
    """
    listing = folder / "drumkit.xml"
    kit = _hydrogen(listing) if listing.is_file() else _one_shots(folder)
    if not kit.pieces:
        raise TicktoneError("holds no sound files that are named after pieces of a kit", folder)
    return replace(kit, licence=licence or kit.licence)


def _kit(name: str, licence: str, sounds: Iterable[tuple[str, Layers]]) -> Kit:
    """Make a kit of sounds and the pieces they are of; the first of each piece is what plays."""
    found: dict[str, list[Layers]] = {}
    for piece, layers in sounds:
        if layers not in found.setdefault(piece, []):
            found[piece].append(layers)
    return Kit(
        name,
        licence,
        {piece: layers[0] for piece, layers in found.items()},
        {piece: tuple(layers[1:]) for piece, layers in found.items() if len(layers) > 1},
    )


def _one_shots(folder: Path) -> Kit:
    """Sort files by what their names say. Hits of both hands are takes of the same sound."""
    ranked: dict[tuple[str, ...], list[tuple[int, Path]]] = {}
    for path in sorted(folder.glob("*")):
        if path.suffix.lower() in EXTENSIONS:
            *words, last = path.stem.lower().split("_")
            if words and re.fullmatch(r"\d\d", last):
                ranked.setdefault((*words, ""), []).append((int(last), path))
            elif words and last in _FORCES:
                ranked.setdefault((*words, "force"), []).append((_FORCES[last], path))
            else:
                ranked.setdefault((*words, last, ""), []).append((0, path))

    sounds: dict[tuple[str, ...], list[tuple[float, Path]]] = {}
    for key, files in ranked.items():
        # The left and the right cymbal are two cymbals
        hands = set() if key[0] in ("crash", "ride") else _HANDS
        sound = tuple(word for word in key if word not in hands)
        rank = {path: (place + 0.5) / len(files) for place, (_, path) in enumerate(sorted(files))}
        sounds.setdefault(sound, []).extend((rank[path], path) for _, path in files)

    def layered() -> Iterable[tuple[str, Layers]]:
        for (*words, kind), files in sounds.items():
            piece = piece_named("_".join(words))
            if piece is not None:
                samples = [Sample(path) for _, path in sorted(files)]
                yield piece, _split(samples, 1 if kind == "force" else _ALTERNATES)

    return _kit(folder.name, "", layered())


def _split(samples: Sequence[Sample], most: int) -> Layers:
    """Divide samples, soft to loud, into layers as equal as can be of `most` takes at most."""
    count = math.ceil(len(samples) / most)
    bounds = [len(samples) * layer // count for layer in range(count + 1)]
    return tuple(tuple(samples[a:b]) for a, b in pairwise(bounds))


def _hydrogen(listing: Path) -> Kit:
    """Read a kit of Hydrogen, of the old format (a file for each instrument) or the new."""
    content = listing.read_bytes()
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError:
        try:  # old kits do not say that they are in Latin-1
            root = ElementTree.fromstring(content.decode("latin-1"))
        except ElementTree.ParseError as error:
            raise TicktoneError(f"is damaged: {error}; install the kit again", listing) from None

    def sounds() -> Iterable[tuple[str, Layers]]:
        for instrument in root.findall(".//{*}instrument"):
            piece = _hydrogen_piece(instrument)
            layers = _hydrogen_layers(instrument, listing.parent)
            if piece is not None and layers:
                yield piece, layers

    licence = _text(root, "license") or _text(root, "licence")
    return _kit(_text(root, "name") or listing.parent.name, licence, sounds())


def _hydrogen_piece(instrument: ElementTree.Element) -> str | None:
    named = piece_named(_text(instrument, "name"))
    if named is not None:
        return named
    note = int(_number(instrument, "midiOutNote", 0))
    if note in (60, 36 + int(_number(instrument, "id", -1))):
        return None  # what Hydrogen writes where its user has chosen nothing
    return KEYS[note][0] if note in KEYS else None


def _hydrogen_layers(instrument: ElementTree.Element, folder: Path) -> Layers:
    level = _number(instrument, "volume", 1) * _number(instrument, "gain", 1)
    component = instrument.find("{*}instrumentComponent")  # the first; more are other microphones
    elements = (instrument if component is None else component).findall("{*}layer")
    layers: dict[tuple[float, float], list[Sample]] = {}
    for element in elements or [instrument]:
        name = _text(element, "filename")
        if name and (folder / name).is_file():
            span = (_number(element, "min", 0), _number(element, "max", 1))
            gain = level * (_number(element, "gain", 1) if elements else 1)
            layers.setdefault(span, []).append(Sample(folder / name, gain))
    if len(layers) == 1:
        return tuple(tuple(samples) for samples in layers.values())
    # Hydrogen multiplies what it plays by the velocity, and gains of soft layers make up for it
    return tuple(
        tuple(replace(sample, gain=sample.gain * sum(span) / 2) for sample in samples)
        for span, samples in sorted(layers.items(), key=lambda item: item[0])
    )


def _text(element: ElementTree.Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def _number(element: ElementTree.Element, name: str, default: float) -> float:
    try:
        return float(_text(element, name))
    except ValueError:
        return default
