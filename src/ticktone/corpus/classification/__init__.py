"""Which part of a song an instrument belongs to: what says so, and where a person can correct it.

Names come first, then what a file knows of its sounds, then the pitches that are played, then the
sound. Where they say nothing, or contradict each other, nothing is guessed: the instrument's part
is `unknown`, and the song is not rendered until a person has written it down.
"""

from ticktone.corpus.classification.rules import Evidence, Verdict, classify
from ticktone.corpus.classification.sheet import Sheet, SheetEntry, read_sheet, write_sheet
from ticktone.corpus.classification.sound import SoundDescription, describe

__all__ = [
    "Evidence",
    "Sheet",
    "SheetEntry",
    "SoundDescription",
    "Verdict",
    "classify",
    "describe",
    "read_sheet",
    "write_sheet",
]
