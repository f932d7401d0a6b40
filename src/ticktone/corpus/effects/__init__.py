"""The effects of a mixing desk: pure functions from sound to sound.

A sound is an ndarray of float32 [shape=(2, samples)]. No effect changes its length, and silence
stays silent. What is random is drawn from a NumPy generator that the caller gives.
"""

from ticktone.corpus.effects.amplifiers import amplifier
from ticktone.corpus.effects.compressors import Compression, compress, gains
from ticktone.corpus.effects.equalisers import Band, draw_equaliser, equalise
from ticktone.corpus.effects.levels import Sound, gain, level_db, match_level, pan
from ticktone.corpus.effects.rooms import Room, convolve, draw_room, room
from ticktone.corpus.effects.saturation import Curve, saturate
from ticktone.corpus.effects.strips import Part, Strip, draw_strip

__all__ = [
    "Band",
    "Compression",
    "Curve",
    "Part",
    "Room",
    "Sound",
    "Strip",
    "amplifier",
    "compress",
    "convolve",
    "draw_equaliser",
    "draw_room",
    "draw_strip",
    "equalise",
    "gain",
    "gains",
    "level_db",
    "match_level",
    "pan",
    "room",
    "saturate",
]
