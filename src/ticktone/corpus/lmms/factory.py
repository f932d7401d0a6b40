"""What LMMS's plugins and the folders of its samples tell of a track's part."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from ticktone.corpus.classification.names import Part, part_named
from ticktone.corpus.lmms.project import Track

# Folders of the samples that come with LMMS; the longest that fits counts.
_FOLDERS: dict[str, Part | None] = {
    "drums": "percussive",
    "beats": "percussive",
    "drumsynth": "percussive",
    "drumsynth/misc_fx": None,  # zaps
    "drumsynth/misc_bass": None,
    "drumsynth/effects": None,
    "drumsynth/instrument": "harmonic",
    "basses": "harmonic",
    "bassloops": "harmonic",
    "instruments": "harmonic",
    "stringsnpads": "harmonic",
    "shapes": "harmonic",
    "waveforms": "harmonic",
}
_NOT_DRUMS = ("zap", "fx")  # names of sounds in folders of drums
_SYNTHESISERS = (
    *("bitinvader", "lb302", "malletsstk", "monstro", "nescaline", "organic", "papu", "freeboy"),
    *(
        "opl2",
        "opulenz",
        "patman",
        "sid",
        "tripleoscillator",
        "vibedstrings",
        "watsyn",
        "xpressive",
    ),
    "zynaddsubfx",
)
_DRUM_BANK = "128"
_TUNE_PITCHES = 3


def hint(track: Track) -> tuple[Part | None, str]:
    """Return the part that a track's samples or plugin tell, if they do, and which it is."""
    if track.plugin == "kicker" and len(track.notes) < _TUNE_PITCHES:
        return "percussive", "its plugin, kicker"
    if track.plugin in _SYNTHESISERS and len(track.notes) >= _TUNE_PITCHES:
        return "harmonic", f"a synthesiser ({track.plugin}) that plays {len(track.notes)} pitches"
    if track.plugin in ("audiofileprocessor", "sample") and track.samples:
        parts = {_part_of(sample) for sample in track.samples}
        if len(parts) == 1:
            return parts.pop(), f"its sample, {track.samples[0]}"
    return None, ""


def _part_of(sample: str) -> Part | None:
    path = PurePosixPath(sample)
    if path.stem.lower().startswith(_NOT_DRUMS):
        return None
    named = part_named(path.stem)
    if named is not None:
        return named
    return next((_FOLDERS[each] for each in _folders(path) if each in _FOLDERS), None)


def _folders(path: PurePosixPath) -> Iterable[str]:
    for parent in path.parents:
        yield str(parent)
