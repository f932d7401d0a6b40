"""The rules by which an instrument is percussive, harmonic, or unknown."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ticktone.corpus.classification.names import Part, names_a_bass, part_named
from ticktone.corpus.classification.sound import SoundDescription

NOISE = 0.08  # spectral flatness from which a sound is noise: hats, snares, cymbals
_TONE = 0.05  # up to which it is a tone
_TUNE_PITCHES = 3  # pitches from which notes may be a tune
_ONE_PITCH = 0.85  # share of the notes that are on the commonest pitch, for drums
_SHORT = -8.0  # dB of sustain below which a sound is short
_STEADY = -2.0  # dB of sustain above which it does not decay


@dataclass(frozen=True)
class Evidence:
    """What is known of an instrument.

    Parameters
    ----------
    name : str
    notes : mapping of int to int
        How often each pitch is played.
    sound : callable
        Returns the description of the instrument's sound, None if it is never heard; called only
        if the rest says too little.
    hint : {"percussive", "harmonic"}, optional
        What the file itself tells, such as a sample from a folder of drums.
    source : str
        What the hint is taken from, for people.
    """

    name: str
    notes: Mapping[int, int]
    sound: Callable[[], SoundDescription | None] | None = None
    hint: Part | None = None
    source: str = ""
    # of the above
    counts: Counter[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", Counter(self.notes))

    @property
    def pitches(self) -> int:
        """Number of different pitches."""
        return len(self.counts)

    @property
    def on_one_pitch(self) -> float:
        """Share of the notes that are on the commonest pitch."""
        return max(self.counts.values()) / self.counts.total() if self.counts else 0.0


@dataclass(frozen=True)
class Verdict:
    """A part and, for people, why."""

    part: Part
    reason: str


def classify(evidence: Evidence) -> Verdict:
    """Decide which part an instrument belongs to.

    Returns
    -------
    Verdict
        "unknown" where the evidence says too little or contradicts itself.

    Examples
    --------
    >>> classify(Evidence("Snare", {60: 12})).part
    'percussive'
    >>> classify(Evidence("", {60: 3, 62: 4, 64: 5})).part
    'unknown'
    """
    if (named := part_named(evidence.name)) is not None:
        return Verdict(named, "by its name")
    if evidence.hint is not None:
        return Verdict(evidence.hint, f"by {evidence.source}")
    is_tune = evidence.pitches >= _TUNE_PITCHES and evidence.on_one_pitch < _ONE_PITCH
    if is_tune and names_a_bass(evidence.name):
        return Verdict("harmonic", "a bass that plays a tune")
    if evidence.sound is None:
        return Verdict("unknown", "neither its name nor its pitches tell")
    sound = evidence.sound()
    if sound is None:
        return Verdict("left_out", "it is never heard")
    told = (
        f"{evidence.pitches} pitches, {evidence.on_one_pitch:.0%} of its notes on one; "
        f"percussive share {sound.percussive_share:.2f}, flatness {sound.flatness:.2f}, "
        f"sustain {sound.sustain:.0f} dB"
    )
    return Verdict(_by_sound(evidence, sound, is_tune), told)


def _by_sound(evidence: Evidence, sound: SoundDescription, is_tune: bool) -> Part:
    if sound.flatness >= NOISE:
        # Noise that neither decays nor is named may be a sweep, a wind, applause.
        return "unknown" if is_tune or sound.sustain > _STEADY else "percussive"
    if evidence.on_one_pitch >= _ONE_PITCH:
        return _one_pitched(sound)
    if sound.flatness > _TONE:
        return "unknown"
    if is_tune:
        return "harmonic"
    # Two pitches: toms, or a bass of two notes.
    if sound.percussive_share < 0.3 and sound.sustain > _SHORT:
        return "harmonic"
    return "unknown"


def _one_pitched(sound: SoundDescription) -> Part:
    """Return whether it is a kick or a block, or a chord that is struck again and again."""
    if sound.sustain < _SHORT and sound.percussive_share > 0.3:
        return "percussive"
    if sound.sustain > _STEADY and sound.percussive_share < 0.2 and sound.flatness <= _TONE:
        return "harmonic"
    return "unknown"
