"""Scores: reading MIDI files, telling their parts apart and cutting excerpts out of them."""

import warnings
from pathlib import Path

import pretty_midi

from ticktone.errors import TicktoneError

LONGEST = 2 * 3600  # seconds; files that claim more have broken times

# General MIDI level 1 has sixteen families of eight programs each.
_FAMILIES = (
    *("piano", "chromatic_percussion", "organ", "guitar", "bass", "strings", "ensemble", "brass"),
    *("reed", "pipe", "synth_lead", "synth_pad", "synth_effects", "ethnic", "percussive"),
    "sound_effects",
)
# Agogo, woodblock, taiko, melodic tom, synth drum, reverse cymbal. The family's other two, tinkle
# bell and steel drums, ring at a pitch.
_UNTUNED = frozenset({113, 115, 116, 117, 118, 119})

# Data entry and the numbers of the parameter that it sets (such as the range of pitch bends):
# they mean something in their order only.
PARAMETER_CONTROLLERS = frozenset({6, 38, 98, 99, 100, 101})


def read_midi(path: Path) -> pretty_midi.PrettyMIDI:
    """Read a MIDI file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    PrettyMIDI
        With at least one note.

    Raises
    ------
    TicktoneError
        If it is not a MIDI file, is damaged, has no notes or claims to last more than two hours.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tempo changes outside the first track and such
            midi = pretty_midi.PrettyMIDI(str(path))
    except Exception as error:  # the parser lets through whatever broken bytes lead it to
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise TicktoneError(f"cannot be read as MIDI ({reason}); leave it out", path) from None
    notes = [note for instrument in midi.instruments for note in instrument.notes]
    if not notes:
        raise TicktoneError("has no notes; leave it out", path)
    end = midi.get_end_time()
    if end > LONGEST:
        raise TicktoneError(f"claims to last {end / 3600:.1f} hours; leave it out", path)
    return midi


def is_percussive(instrument: pretty_midi.Instrument) -> bool:
    """Return whether a part is drums or General MIDI's other percussion without a pitch."""
    return bool(instrument.is_drum) or instrument.program in _UNTUNED


def is_left_out(instrument: pretty_midi.Instrument) -> bool:
    """Return whether a part is a sound effect (seashore, gunshot): neither rings nor hits."""
    return family(instrument) == "sound_effects"


def family(instrument: pretty_midi.Instrument) -> str:
    """Return the General MIDI family of a part's program; drums are "percussive"."""
    return "percussive" if instrument.is_drum else _FAMILIES[instrument.program // 8]


def cut(midi: pretty_midi.PrettyMIDI, start: float, end: float) -> pretty_midi.PrettyMIDI:
    """Cut an excerpt out of a score.

    Parameters
    ----------
    midi : PrettyMIDI
        Left as it is.
    start, end : float
        Seconds.

    Returns
    -------
    PrettyMIDI
        The parts that have notes there, in their order, and from 0 on: a note that began before
        begins at 0, one that goes on ends at the end. Controllers and pitch bends are at 0 what
        they were at the start.

    Raises
    ------
    ValueError
        If the end is not after the start.
    """
    if not start < end:
        raise ValueError(f"an excerpt must end after its start, not from {start} to {end}")
    excerpt = pretty_midi.PrettyMIDI()
    excerpt.instruments = [
        part for instrument in midi.instruments if (part := _cut_part(instrument, start, end)).notes
    ]
    return excerpt


def _cut_part(
    instrument: pretty_midi.Instrument, start: float, end: float
) -> pretty_midi.Instrument:
    part = pretty_midi.Instrument(instrument.program, instrument.is_drum, instrument.name)
    part.notes = [
        pretty_midi.Note(
            note.velocity, note.pitch, max(note.start, start) - start, min(note.end, end) - start
        )
        for note in instrument.notes
        if note.start < end and note.end > start
    ]

    before: dict[int, pretty_midi.ControlChange] = {}
    parameters, after = [], []
    for change in sorted(instrument.control_changes, key=lambda change: change.time):
        if change.time >= end:
            break
        moved = pretty_midi.ControlChange(change.number, change.value, max(0, change.time - start))
        if change.time > start:
            after.append(moved)
        elif change.number in PARAMETER_CONTROLLERS:
            parameters.append(moved)
        else:
            before[change.number] = moved
    part.control_changes = [*before.values(), *parameters, *after]

    bends = sorted(instrument.pitch_bends, key=lambda bend: bend.time)
    last = [bend for bend in bends if bend.time <= start][-1:]
    part.pitch_bends = [
        pretty_midi.PitchBend(bend.pitch, max(0, bend.time - start))
        for bend in (*last, *(bend for bend in bends if start < bend.time < end))
    ]
    return part
