"""Kits and instruments that play notes as people would: never twice quite the same."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ticktone.corpus.instruments import Instrument, Notes
from ticktone.corpus.kits import Kit, piece_for
from ticktone.corpus.samples import Audio, Sample

DYNAMIC_RANGE = 30.0  # dB from the softest velocity to the loudest
_LAYER_RANGE = 6.0  # dB inside one of several layers, at most
_BLUR = 0.15  # how far velocities stray over the border between two layers, in layers
_SHORT = 0.2  # seconds; notes under this are played by the recordings of short ones
_ANOTHER_LAYER = 4  # semitones that a recording may be further off to be as loud as it should
_RELEASE = (0.06, 0.15)  # seconds that a note takes to end
_CHOKE = 0.03  # seconds that a hi-hat takes to fall silent as it closes
_TOGETHER = 0.02  # seconds within which two hits are one
_OPENNESS = {
    "hat_tight": 0,
    "hat_foot": 0,
    "hat_closed": 0,
    "hat_loose": 1,
    "hat_half": 2,
    "hat_open": 3,
}
_NO_HAT = 4


class NoteLike(Protocol):
    """A note as of `pretty_midi`: seconds, MIDI pitch or percussion key, velocity 1 to 127."""

    start: float
    end: float
    pitch: int
    velocity: int


def play_kit(
    kit: Kit,
    notes: Sequence[NoteLike],
    samples: int,
    sample_rate: int,
    rng: np.random.Generator,
    *,
    timing: float = 0.004,
    level_db: float = 1.5,
    tuning: float = 1.0,
) -> dict[str, Audio]:
    """Play a drum part.

    The velocity chooses the layer. A layer is as loud as it was recorded; inside it, and in a
    piece that has only one, the velocity does the rest. No file is heard twice in a row where its
    layer has another. A hi-hat falls silent when it is hit while less open.

    Parameters
    ----------
    kit : Kit
    notes : sequence of NoteLike
        Their pitches are percussion keys of General MIDI. What the kit has nothing for is left
        out.
    samples : int
        How long the part is.
    sample_rate : int
        Hz.
    rng : numpy.random.Generator
    timing : float
        Standard deviation of the onsets in seconds; at most three times as much.
    level_db : float
        Standard deviation of the hits' levels in dB; at most three times as much.
    tuning : float
        Standard deviation of the kit's pitch in semitones, the same for the whole part; at most
        three times as much. Its pieces differ by a third of it.

    Returns
    -------
    dict of str to ndarray [shape=(2, samples)]
        One for each piece that plays.

    Raises
    ------
    TicktoneError
        If a file of the kit cannot be read.
    """
    kit_pitch, *piece_pitches = tuning * np.clip(rng.normal(size=1 + len(kit.pieces)), -3, 3)
    pitches = dict(zip(kit.pieces, kit_pitch + np.divide(piece_pitches, 3), strict=True))
    notes, onsets, levels = _performed(notes, rng, timing, level_db)
    pieces = [piece_for(note.pitch, kit) for note in notes]
    ends = _chokes(pieces, onsets)
    load = cache(lambda sample, piece: sample.load(sample_rate, pitches[piece]))
    choose = _Chooser(rng)

    parts: dict[str, Audio] = defaultdict(lambda: np.zeros((2, samples), np.float32))
    for note, piece, onset, level, end in zip(notes, pieces, onsets, levels, ends, strict=True):
        if piece is None or onset * sample_rate >= samples:
            continue
        layers = kit.pieces[piece]
        position, layer = choose.layer(note.velocity, len(layers))
        sample = choose.take(piece, layers[layer])
        gain = _gain(position, layer, len(layers), level)
        _add(parts[piece], load(sample, piece), sample_rate, gain, onset, end, _CHOKE)
    return dict(parts)


def play_instrument(
    instrument: Instrument,
    notes: Sequence[NoteLike],
    samples: int,
    sample_rate: int,
    rng: np.random.Generator,
    *,
    timing: float = 0.006,
    level_db: float = 1.0,
) -> Audio:
    """Play a part of a pitched instrument.

    Velocities and takes are as in `play_kit`. A pitch that was not recorded is the nearest one
    played faster or slower; one more than an octave off all of them goes where the instrument
    plays, by octaves.

    Parameters
    ----------
    instrument : Instrument
    notes : sequence of NoteLike
    samples : int
        How long the part is.
    sample_rate : int
        Hz.
    rng : numpy.random.Generator
    timing : float
        Standard deviation of the onsets in seconds; at most three times as much.
    level_db : float
        Standard deviation of the notes' levels in dB; at most three times as much.

    Returns
    -------
    ndarray [shape=(2, samples)]

    Raises
    ------
    TicktoneError
        If a file of the instrument cannot be read.
    """
    part = np.zeros((2, samples), np.float32)
    load = cache(lambda sample, semitones: sample.load(sample_rate, semitones))
    choose = _Chooser(rng)
    notes, onsets, levels = _performed(notes, rng, timing, level_db)
    releases = rng.uniform(*_RELEASE, len(notes))
    for note, onset, level, release in zip(notes, onsets, levels, releases, strict=True):
        if onset * sample_rate >= samples:
            continue
        length = note.end - note.start
        short = length < _SHORT and bool(instrument.short)
        recorded = instrument.short if short else instrument.notes
        pitch = _within(note.pitch, min(recorded), max(recorded))
        count = len(recorded[min(recorded)])
        position, layer = choose.layer(note.velocity, count)
        nearest, layer = _nearest(recorded, pitch, layer)
        sample = choose.take(nearest, recorded[nearest][layer])
        gain = _gain(position, layer, count, level, instrument.levelled)
        audio = load(sample, pitch - nearest)
        # Recordings of long notes are cut while they sound
        last = onset + max(0, audio.shape[1] / sample_rate - release)
        end = last if short else min(last, onset + length)
        _add(part, audio, sample_rate, gain, onset, end, release)
    return part


def _performed(
    notes: Sequence[NoteLike], rng: np.random.Generator, timing: float, level_db: float
) -> tuple[list[NoteLike], NDArray[np.float64], NDArray[np.float64]]:
    """Return notes in the order in which they sound, their times in seconds, and dB to add."""
    late, loud = np.clip(rng.normal(size=(2, len(notes))), -3, 3)
    onsets = np.maximum(0, [note.start for note in notes] + timing * late)
    order = np.argsort(onsets, kind="stable")
    return [notes[index] for index in order], onsets[order], level_db * loud[order]


class _Chooser:
    """Who chooses the recordings."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._last: dict[object, Sample] = {}

    def layer(self, velocity: int, count: int) -> tuple[float, int]:
        """Return where a velocity lies among `count` layers, in layers, and which one is taken."""
        position = velocity / 127 * count
        layer = int(np.floor(position + _BLUR * self._rng.normal()))
        return position, min(max(layer, 0), count - 1)

    def take(self, key: object, takes: tuple[Sample, ...]) -> Sample:
        """Draw a take other than the last one of the same key."""
        others = [take for take in takes if take != self._last.get(key)] or takes
        self._last[key] = others[self._rng.integers(len(others))]
        return self._last[key]


def _gain(position: float, layer: int, count: int, level: float, levelled: bool = False) -> float:
    """Turn a velocity into a factor: 1 amid one of several layers, or at the top of the only one.

    Where layers are levelled, or there is but one, the velocity has all of the dynamic range to
    make; else only what lies inside a layer, for the recordings make the rest.
    """
    if count == 1 or levelled:
        level += DYNAMIC_RANGE * (position / count - 1)
    else:
        level += min(DYNAMIC_RANGE / count, _LAYER_RANGE) * (position - layer - 0.5)
    return float(10 ** (level / 20))


def _within(pitch: int, lowest: int, highest: int) -> int:
    if pitch < lowest - 12:
        return lowest + (pitch - lowest) % 12
    if pitch > highest + 12:
        return highest - (highest - pitch) % 12
    return pitch


def _nearest(recorded: Notes, pitch: int, layer: int) -> tuple[int, int]:
    """Find the pitch and the layer of the recordings that come nearest."""
    return min(
        (
            (at, index)
            for at, layers in recorded.items()
            for index in range(len(layers))
            if layers[index]
        ),
        key=lambda found: abs(found[0] - pitch) + _ANOTHER_LAYER * abs(found[1] - layer),
    )


def _chokes(pieces: Sequence[str | None], onsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return when each hit is choked, in seconds; infinity if never."""
    ends = np.full(len(pieces), np.inf)
    openness = np.array([_OPENNESS.get(piece or "", _NO_HAT) for piece in pieces], int)
    for index in np.flatnonzero((openness > 0) & (openness < _NO_HAT)):
        closer = (openness < openness[index]) & (onsets > onsets[index] + _TOGETHER)
        if closer.any():
            ends[index] = onsets[closer.argmax()]
    return ends


def _add(
    part: Audio,
    audio: Audio,
    sample_rate: int,
    gain: float,
    onset: float,
    end: float,
    fade: float,
) -> None:
    """Add a sound to a part, from `onset` on; from `end` on it fades out. All in seconds."""
    start = round(onset * sample_rate)
    length = min(audio.shape[1], part.shape[1] - start)
    held = round(min((end - onset) * sample_rate, length))
    if held < length:
        slope = np.cos(np.linspace(0, np.pi / 2, max(1, round(fade * sample_rate)))) ** 2
        stop = min(length, held + len(slope))
        slope = (gain * slope[: stop - held]).astype(np.float32)
        part[:, start + held : start + stop] += slope * audio[:, held:stop]
    part[:, start : start + held] += np.float32(gain) * audio[:, :held]
