"""The pieces of a drum kit: how they are called here, by General MIDI and by makers of kits."""

import re

ESSENTIAL = (
    "kick",
    "snare",
    "hat_closed",
    "hat_open",
    "tom_low",
    "tom_mid",
    "tom_high",
    "crash",
    "ride",
)

_HIGH_DRUM = ("bongo_high", "conga_high", "djembe_high", "tabla_high", "cajon_high", "percussion")
_LOW_DRUM = ("conga_low", "bongo_low", "djembe_low", "tabla_low", "cajon_low", "percussion")
_SHAKEN = ("shaker", "maracas", "cabasa", "tambourine", "percussion")
_WOODEN = ("claves", "woodblock_high", "woodblock_low", "sidestick", "percussion")

# Percussion keys of General MIDI, and the two by which electronic kits name the edge of the hats
KEYS: dict[int, tuple[str, ...]] = {
    22: ("hat_closed", "hat_tight", "hat_loose"),
    26: ("hat_open", "hat_half", "hat_loose", "hat_closed"),
    35: ("kick", "stomp", "cajon_low", "djembe_low"),
    36: ("kick", "stomp", "cajon_low", "djembe_low"),
    37: ("sidestick", "snare_rim", "claves", "woodblock_high", "snare"),
    38: ("snare", "snare_edge", "clap", "cajon_high", "djembe_high"),
    39: ("clap", "snap", "snare"),
    40: ("snare_rim", "snare", "snare_edge", "clap", "cajon_high", "djembe_high"),
    41: ("tom_low", "tom_mid", "tom_high", *_LOW_DRUM),
    42: ("hat_closed", "hat_tight", "hat_loose", "shaker", "maracas"),
    43: ("tom_low", "tom_mid", "tom_high", *_LOW_DRUM),
    44: ("hat_foot", "hat_tight", "hat_closed"),
    45: ("tom_mid", "tom_low", "tom_high", *_LOW_DRUM),
    46: ("hat_open", "hat_half", "hat_loose", "hat_closed"),
    47: ("tom_mid", "tom_low", "tom_high", *_LOW_DRUM),
    48: ("tom_high", "tom_mid", "tom_low", *_HIGH_DRUM),
    49: ("crash", "splash", "china", "ride"),
    50: ("tom_high", "tom_mid", "tom_low", *_HIGH_DRUM),
    51: ("ride", "crash"),
    52: ("china", "crash", "splash"),
    53: ("ride_bell", "ride"),
    54: ("tambourine", "shaker", "maracas"),
    55: ("splash", "crash", "china"),
    56: ("cowbell", "agogo_low", "woodblock_low", "percussion"),
    57: ("crash", "splash", "china", "ride"),
    58: ("vibraslap", "percussion"),
    59: ("ride", "crash"),
    60: ("bongo_high", *_HIGH_DRUM),
    61: ("bongo_low", *_LOW_DRUM),
    62: ("conga_mute", "conga_high", *_HIGH_DRUM),
    63: ("conga_high", *_HIGH_DRUM),
    64: ("conga_low", *_LOW_DRUM),
    65: ("timbale_high", *_HIGH_DRUM),
    66: ("timbale_low", *_LOW_DRUM),
    67: ("agogo_high", "agogo_low", "cowbell", "triangle", "percussion"),
    68: ("agogo_low", "agogo_high", "cowbell", "percussion"),
    69: ("cabasa", *_SHAKEN),
    70: ("maracas", *_SHAKEN),
    71: ("whistle",),
    72: ("whistle",),
    73: ("guiro", *_SHAKEN),
    74: ("guiro", *_SHAKEN),
    75: ("claves", *_WOODEN),
    76: ("woodblock_high", *_WOODEN),
    77: ("woodblock_low", "woodblock_high", *_WOODEN),
    78: ("cuica", "percussion"),
    79: ("cuica", "percussion"),
    80: ("triangle", "percussion"),
    81: ("triangle", "percussion"),
}

# Patterns over a lower-case name of words; the first that is found counts, so that what is special
# comes before what is general.
_HAT = r"^(?=.*(?:hat|hh)).*"
_NAMES = tuple(
    (re.compile(pattern), piece)
    for pattern, piece in (
        (_HAT + r"(pedal|foot|\bpd\b)", "hat_foot"),
        (_HAT + r"(half|semi)", "hat_half"),
        (_HAT + r"(loose|swish|sizzle)", "hat_loose"),
        (_HAT + r"(tight|choke)", "hat_tight"),
        (_HAT + r"(open|free|\bop\b|\bohh)", "hat_open"),
        (_HAT, "hat_closed"),
        (r"cow ?bell|(sangban|dunun|kenken).*bell", "cowbell"),
        (r"tambourine|jingle|sleigh", "tambourine"),
        (r"agogo.*hi", "agogo_high"),
        (r"agogo", "agogo_low"),
        (r"splash", "splash"),
        (r"china", "china"),
        (r"\bbell\b|\bcup\b", "ride_bell"),
        (r"crash", "crash"),
        (r"\bride", "ride"),
        (r"cymbal|\bcym\b", "crash"),
        (r"(side|cross|x) ?stick|rim ?click|\bstick\b", "sidestick"),
        (r"click", "percussion"),
        (r"\brim", "snare_rim"),
        (r"snare.*edge", "snare_edge"),
        (r"snare.*off", "snare_off"),
        (r"snare.*rest", "snare_rest"),
        (r"snare.*(roll|flam)", "snare_roll"),
        (r"snare|\bsd\b|\bsn\b", "snare"),
        (r"kick|bass ?drum|\bbd\b", "kick"),
        (r"floor", "tom_low"),
        (r"\btom.*(hi|\b1\b)|\bhi.*tom", "tom_high"),
        (r"\btom.*(mid|\b2\b)|\bmid.*tom", "tom_mid"),
        (r"\btom.*(lo|\b[3-6]\b)|\blo.*tom", "tom_low"),
        (r"\btom", "tom_mid"),
        (r"clap", "clap"),
        (r"snap", "snap"),
        (r"stomp", "stomp"),
        (r"cajon.*(slap|hi)", "cajon_high"),
        (r"cajon", "cajon_low"),
        (r"djembe.*bass|sangban|dunun|kenken", "djembe_low"),
        (r"djembe", "djembe_high"),
        (r"tabla (ghe|ke|dhec)", "tabla_low"),
        (r"tabla", "tabla_high"),
        (r"bongo.*(hi|\b1\b)", "bongo_high"),
        (r"bongo", "bongo_low"),
        (r"conga.*(mute|slap)", "conga_mute"),
        (r"conga.*(hi|\b1\b)", "conga_high"),
        (r"conga", "conga_low"),
        (r"timbale.*(hi|\b1\b)", "timbale_high"),
        (r"timbale", "timbale_low"),
        (r"clave", "claves"),
        (r"wood.*\blo", "woodblock_low"),
        (r"wood", "woodblock_high"),
        (r"triangle", "triangle"),
        (r"maraca", "maracas"),
        (r"shaker", "shaker"),
        (r"cabasa", "cabasa"),
        (r"guiro", "guiro"),
        (r"whistle", "whistle"),
        (r"cuica", "cuica"),
        (r"vibra ?slap", "vibraslap"),
        (r"perc|glass", "percussion"),
    )
)


def piece_named(name: str) -> str | None:
    """Return the piece that a maker's name of a sound means; None if it means none.

    Parameters
    ----------
    name : str
        Such as "Hi-Hat Closed (14 inch)" or "tom_4_floor"; what is in brackets does not count.
    """
    words = re.sub(r"[\W_]+", " ", re.sub(r"\(.*?\)", "", name.lower())).strip()
    return next((piece for pattern, piece in _NAMES if pattern.search(words)), None)
