"""What an instrument's name says about its part."""

import re
from typing import Literal

Part = Literal["percussive", "harmonic", "unknown", "left_out"]

# Found at the beginning or the end of a word, for authors write "hihat55", "ravedrum", "BDrum".
_DRUM_STEMS = (
    *("kick", "snare", "hihat", "clap", "cymbal", "crash", "splash", "drum", "conga", "bongo"),
    *("tambour", "shaker", "maraca", "cabasa", "guiro", "percu", "cowbell", "claves", "bassdrm"),
    *("woodblock", "tabla", "timbale", "breakbeat", "rimshot", "sidestick", "agogo"),
)
# Words of their own, but for digits after them.
_DRUM_WORDS = (
    *("bd", "bdr", "kik", "sd", "snr", "snar", "snaredr", "hat", "hats", "hh", "oh", "ch", "ohh"),
    *("chh", "hho", "hhc", "hht", "ohat", "chat", "tom", "toms", "tomtom", "cym", "ride", "rim"),
    *("tamb", "perc", "percs", "break", "beat", "beats", "clp", "clave", "stick", "triangle"),
    "shaka",
)
_TUNE_STEMS = (
    *("string", "piano", "guitar", "organ", "flute", "choir", "voice", "vocal", "brass", "trumpet"),
    *("violin", "cello", "synth", "chord", "marimba", "vibraph", "xylo", "rhodes", "clarinet"),
    *("harpsi", "oboe", "bassoon", "accord", "trombone", "melod", "pluck"),
)
_TUNE_WORDS = (
    *("lead", "pad", "pads", "gtr", "guit", "vox", "sax", "horn", "horns", "saw", "square", "arp"),
    *("bell", "bells", "harp", "acid", "tb", "juno", "stab", "organ", "solo", "bassline", "sub"),
)
# A bass may be a guitar or a drum: it says something only together with the pitches.
_BASS = re.compile(r"(\b|[^a-z])bass")
_STEEL_DRUM = re.compile(r"steel ?(drum|pan)")
_BASS_DRUM = re.compile(r"bass ?dr|b[ ._-]?drum")


def _any_of(stems: tuple[str, ...], words: tuple[str, ...]) -> re.Pattern[str]:
    stem, word = ("|".join(map(re.escape, texts)) for texts in (stems, words))
    return re.compile(rf"\b(?:{stem})|(?:{stem})s?\d*\b|\b(?:{word})\d*\b")


_DRUM = _any_of(_DRUM_STEMS, _DRUM_WORDS)
_TUNE = _any_of(_TUNE_STEMS, _TUNE_WORDS)


def part_named(name: str) -> Part | None:
    """Return the part that a name tells; None if it tells none, or both.

    Examples
    --------
    >>> part_named("fat.rave.bassdrum")
    'percussive'
    >>> part_named("WaWa Guitar A")
    'harmonic'
    >>> part_named("greetings to all") is None
    True
    """
    words = _words(name)
    if _STEEL_DRUM.search(words):
        return "harmonic"
    if _BASS_DRUM.search(words):
        return "percussive"
    drum, tune = _DRUM.search(words), _TUNE.search(words)
    if bool(drum) == bool(tune):
        return None
    return "percussive" if drum else "harmonic"


def names_a_bass(name: str) -> bool:
    """Return whether a name has the word bass, which may mean a drum too."""
    return bool(_BASS.search(_words(name)))


def _words(name: str) -> str:
    """Part a name's words by spaces, those that are told by capital letters too."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"hi[\W_]?(?=hat)", "hi", re.sub(r"[\W_]+", " ", parted).lower())
