"""Voices: synthesisers that play notes, subtractive, by wavetable, by formants or by FM.

FM is after Chowning, "The synthesis of complex audio spectra by means of frequency modulation",
Journal of the Audio Engineering Society 21(7), 1973.
"""

import math
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ticktone.corpus.effects import Sound
from ticktone.corpus.sampler import NoteLike
from ticktone.corpus.synthesis import filters
from ticktone.corpus.synthesis.envelopes import adsr
from ticktone.corpus.synthesis.modulation import glide, phase_of, vibrato
from ticktone.corpus.synthesis.oscillators import make_table, partial_count, partials, read_table
from ticktone.corpus.synthesis.patches import Patch

_MONOPHONIC = ("bass", "lead")
_TAIL = 5.0  # time constants that a release is heard
_LONGEST = 20.0  # seconds of a note
_TOGETHER = 0.01  # seconds within which notes are a chord
_VELOCITY_DB = 14.0  # between the softest note and the loudest
_BRIGHTER = 1.0  # octaves that the loudest note's filter is more open
_TAKES = 2  # of a note that is played often, which are then heard by turns
_KEPT = 96  # notes


class Voice:
    """A synthesiser with a patch.

    Parameters
    ----------
    patch : Patch
    sample_rate : int
        Hz.
    beat : float
        Seconds, to which wobbles keep.
    """

    def __init__(self, patch: Patch, sample_rate: int, beat: float = 0.5) -> None:
        self.patch, self.sample_rate, self.beat = patch, sample_rate, beat
        self._tables: dict[int, NDArray[np.float32]] = {}
        self._notes: OrderedDict[tuple[int, ...], Sound] = OrderedDict()
        self._turn = 0

    def play(self, notes: Sequence[NoteLike], samples: int, rng: np.random.Generator) -> Sound:
        """Play notes. A bass or a lead that slides does so from the note before.

        Parameters
        ----------
        notes : sequence of NoteLike
        samples : int
            How long the part is.
        rng : Generator

        Returns
        -------
        ndarray [shape=(2, samples)]
        """
        part = np.zeros((2, samples), np.float32)
        last: NoteLike | None = None
        for note in sorted(notes, key=lambda note: (note.start, note.pitch)):
            start = round(note.start * self.sample_rate)
            if start >= samples:
                break
            apart = last is not None and note.start - last.start > _TOGETHER
            slides = self.patch.glide > 0 and apart
            origin = last.pitch if slides and last is not None else note.pitch
            if abs(origin - note.pitch) > 24:
                origin = note.pitch
            sound = self._take(note, origin, rng)
            length = min(sound.shape[1], samples - start)
            loudness = 10 ** (_VELOCITY_DB * (note.velocity / 127 - 1) / 20)
            part[:, start : start + length] += np.float32(loudness) * sound[:, :length]
            last = note
        return part

    def _take(self, note: NoteLike, origin: int, rng: np.random.Generator) -> Sound:
        """Return a note from memory, or render it."""
        length = round(100 * min(note.end - note.start, _LONGEST))  # in steps of 10 ms
        self._turn += 1
        key = (note.pitch, origin, length, note.velocity // 16, self._turn % _TAKES)
        if key not in self._notes:
            self._notes[key] = self.render(
                note.pitch, length / 100, note.velocity // 16 / 7, rng, origin
            )
            if len(self._notes) > _KEPT:
                self._notes.popitem(last=False)
        self._notes.move_to_end(key)
        return self._notes[key]

    def render(
        self,
        pitch: int,
        seconds: float,
        force: float,
        rng: np.random.Generator,
        origin: int | None = None,
    ) -> Sound:
        """Render a note.

        Parameters
        ----------
        pitch : int
            MIDI's.
        seconds : float
            Until the key is let go.
        force : float
            0 to 1: how open the filter is, how far FM goes. The level is the caller's business.
        rng : Generator
        origin : int, optional
            The pitch that it slides from.

        Returns
        -------
        ndarray [shape=(2, samples)]
        """
        patch, rate = self.patch, self.sample_rate
        held = max(1, round(seconds * rate))
        samples = held + max(round(min(2.5, _TAIL * patch.release) * rate), round(0.01 * rate))
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        bend = self._bend(samples, (origin or pitch) - pitch, rng)
        phase = phase_of(hertz, bend, samples, rate)
        if patch.engine == "fm":
            sound = self._fm(phase, hertz, force, rng)
        else:
            position = self._position(samples, hertz, force)
            sound = self._unison(self._table(pitch), phase, position, rng)
        if patch.sub:
            sound += np.float32(patch.sub) * np.sin(np.pi * phase).astype(np.float32)
        if patch.noise:
            sound += np.float32(patch.noise) * rng.standard_normal(samples, np.float32)
        sound *= adsr(samples, held, rate, patch.attack, patch.decay, patch.sustain, patch.release)
        return sound

    def _bend(
        self, samples: int, interval: int, rng: np.random.Generator
    ) -> NDArray[np.float64] | None:
        patch, rate = self.patch, self.sample_rate
        bends = []
        if patch.glide and interval:
            bends.append(glide(samples, rate, interval, patch.glide))
        if patch.blip:
            bends.append(glide(samples, rate, patch.blip, patch.blip_seconds))
        if patch.vibrato:
            how = patch.vibrato, patch.vibrato_hertz, patch.vibrato_delay
            bends.append(vibrato(samples, rate, *how, phase=rng.random()))
        return np.sum(bends, axis=0) if bends else None

    def _table(self, pitch: int) -> NDArray[np.float32]:
        """Compute the table of a pitch, or take it from memory."""
        if pitch not in self._tables:
            patch = self.patch
            hertz = 440 * 2 ** ((pitch - 69) / 12)
            count = partial_count(hertz, self.sample_rate)
            frequencies = hertz * np.arange(1, count + 1)
            rng = np.random.default_rng(patch.seed)
            if patch.engine == "formant":
                wave = partials("glottal", count, rng)
                response = filters.vowels(frequencies, patch.word, patch.throat)
                coefficients = wave * response
            elif patch.engine == "wavetable":
                softened = 1 / (1 + (frequencies / (3 * patch.cutoff)) ** 2)
                coefficients = _morph(patch.seed, count) * softened
            else:
                response = filters.sweep(frequencies, patch.filter, patch.q, patch.steep)
                coefficients = partials(patch.wave, count, rng) * response
            self._tables[pitch] = make_table(coefficients)
        return self._tables[pitch]

    def _position(self, samples: int, hertz: float, force: float) -> NDArray[np.float32] | float:
        """Compute where in the table a note is: the filter's cutoff, or how far it has morphed."""
        patch, rate = self.patch, self.sample_rate
        moves = patch.sweep_octaves or patch.wobble or patch.engine != "subtractive"
        base = float(filters.row_of(patch.cutoff * (hertz / 261.6) ** patch.tracking))
        base += filters.ROWS_PER_OCTAVE * _BRIGHTER * (force - 0.7)
        if not moves:
            return base
        time = np.arange(samples, dtype=np.float32) / np.float32(rate)
        envelope = np.minimum(1, time / np.float32(patch.sweep_attack))
        envelope *= np.exp(-np.maximum(0, time - patch.sweep_attack) / patch.sweep_decay)
        wave = np.sin(2 * np.pi * time / np.float32(patch.wobble_beats * self.beat))
        if patch.engine == "subtractive":
            octaves = patch.sweep_octaves * envelope + patch.wobble * wave
            return np.asarray(base + filters.ROWS_PER_OCTAVE * octaves, np.float32)
        # Towards the last row and, with a wobble, back again
        share = 1 - np.exp(-time / np.float32(max(patch.sweep_decay, 0.05)))
        share += np.float32(min(1, patch.wobble)) * 0.5 * (wave - share)
        rows = (len(patch.word) - 1) * filters._STEPS if patch.engine == "formant" else _MORPHS
        return np.asarray(np.clip(share, 0, 1) * rows, np.float32)

    def _unison(
        self,
        table: NDArray[np.float32],
        phase: NDArray[np.float64],
        position: NDArray[np.float32] | float,
        rng: np.random.Generator,
    ) -> Sound:
        patch, count = self.patch, self.patch.unison
        offsets = np.linspace(-0.5, 0.5, count) if count > 1 else np.zeros(1)
        if not patch.width:
            mono = np.zeros(len(phase), np.float32)
            for offset in offsets:
                ratio = 2 ** (patch.detune * offset / 12)
                mono += read_table(table, phase * ratio + rng.random(), position)
            return np.repeat(mono[None] / np.float32(math.sqrt(count)), 2, axis=0)
        sound = np.zeros((2, len(phase)), np.float32)
        sides = rng.permutation(offsets) * 2 * patch.width
        for offset, side in zip(offsets, sides, strict=True):
            ratio = 2 ** (patch.detune * offset / 12)
            one = read_table(table, phase * ratio + rng.random(), position)
            angle = (side + 1) * math.pi / 4
            sound[0] += np.float32(math.sqrt(2) * math.cos(angle)) * one
            sound[1] += np.float32(math.sqrt(2) * math.sin(angle)) * one
        return sound / np.float32(math.sqrt(count))

    def _fm(
        self, phase: NDArray[np.float64], hertz: float, force: float, rng: np.random.Generator
    ) -> Sound:
        """Stack sines: each modulates the one before."""
        patch, rate = self.patch, self.sample_rate
        time = np.arange(len(phase), dtype=np.float32) / np.float32(rate)
        fall = np.exp(-time / np.float32(patch.index_decay))
        depth = patch.index_sustain + (1 - patch.index_sustain) * fall
        # High notes have no room for many partials
        depth *= np.float32(patch.index * (0.4 + 0.8 * force) * min(1, 1200 / hertz))

        def cycle(ratio: float) -> NDArray[np.float32]:  # single precision is enough for one turn
            return (2 * np.pi * ((ratio * phase) % 1)).astype(np.float32)

        sound = np.zeros((2, len(phase)), np.float32)
        for copy in range(patch.unison):
            modulation: NDArray[np.float32] = np.zeros(1, np.float32)
            for ratio in reversed(patch.ratios):
                start = np.float32(rng.uniform(0, 0.3))
                modulation = depth * np.sin(cycle(ratio) + start + modulation)
            tuned = 2 ** (patch.detune / 12) if copy else 1.0
            one = np.sin(cycle(tuned) + modulation)
            side = patch.width * (0 if patch.unison == 1 else 2 * copy - 1)
            sound[0] += np.float32(1 - max(0, side)) * one
            sound[1] += np.float32(1 + min(0, side)) * one
        return sound / np.float32(math.sqrt(patch.unison / 2))


_MORPHS = 3  # rows after the first of a wavetable's random spectra


def _morph(seed: int, count: int) -> NDArray[np.complex128]:
    """Draw the spectra of a wavetable. [shape=(_MORPHS + 1, count)].

    They are the same at every pitch: those of low notes just go on further.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(_MORPHS + 1):
        slope, spread = rng.uniform(0.7, 1.7), rng.uniform(0.3, 1.5)
        strengths = np.exp(spread * rng.standard_normal(1024))
        angles = 2 * np.pi * rng.random(1024)
        k = np.arange(1, count + 1)
        row = k**-slope * strengths[:count] * np.exp(1j * angles[:count])
        row[0] = 1
        rows.append(row / np.sqrt(np.sum(abs(row) ** 2)))
    return np.array(rows)
