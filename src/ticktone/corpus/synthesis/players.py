"""Synthesisers that play scores: which kind of voice takes which part."""

from collections.abc import Sequence

import numpy as np

from ticktone.corpus.sampler import NoteLike
from ticktone.corpus.synthesis.patches import Role, draw_patch
from ticktone.corpus.synthesis.voices import Voice

# What plays the General MIDI families (see `ticktone.corpus.midi.family`)
_ROLES: dict[str, tuple[Role, ...]] = {
    "bass": ("bass",),
    "strings": ("pad", "lead"),
    "ensemble": ("pad",),
    "synth_pad": ("pad",),
    "synth_effects": ("pad", "arpeggio"),
    "synth_lead": ("lead",),
    "brass": ("lead", "stab"),
    "reed": ("lead",),
    "pipe": ("lead",),
    "organ": ("stab", "pad", "lead"),
}
_OTHER_ROLES: tuple[Role, ...] = ("pluck", "pluck", "stab", "arpeggio")
_SLOW = 0.4  # seconds of most notes, under which a pad would not be heard


def draw_player(
    family: str, notes: Sequence[NoteLike], sample_rate: int, rng: np.random.Generator
) -> tuple[str, Voice]:
    """Draw a voice for a part of a score.

    Parameters
    ----------
    family : str
        Of General MIDI; see `ticktone.corpus.midi.family`.
    notes : sequence of NoteLike
        A part whose notes are short gets no pad.
    sample_rate : int
        Hz.
    rng : Generator

    Returns
    -------
    name : str
        For the manifest.
    voice : Voice
    """
    roles = _ROLES.get(family, _OTHER_ROLES)
    role = roles[int(rng.integers(len(roles)))]
    if role == "pad" and np.median([note.end - note.start for note in notes]) < _SLOW:
        role = "stab"
    patch = draw_patch(role, rng)
    return f"{patch.engine} {role}", Voice(patch, sample_rate)
