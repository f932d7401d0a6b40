"""A score performed: who plays each part, what the mixing desk does, and the stems that come out.

All that is left open by the score is drawn at random within what records sound like, so that a
network learns drums and not a drum kit. Drums are, as in mixes, from 12 dB softer than the rest to
3 dB louder, mostly about 3 dB softer.
"""

from dataclasses import dataclass, field

import numpy as np
import pretty_midi

from ticktone.corpus.bank import UNKNOWN, Bank
from ticktone.corpus.effects import (
    Band,
    Part,
    Sound,
    amplifier,
    convolve,
    draw_room,
    draw_strip,
    equalise,
    gain,
    gains,
    level_db,
)
from ticktone.corpus.fluidsynth import play
from ticktone.corpus.instruments import programs_of
from ticktone.corpus.kits import Kit, complete, variant
from ticktone.corpus.midi import family, is_left_out, is_percussive
from ticktone.corpus.records import (
    LIMITER,
    draw_ducking,
    draw_master_bands,
    draw_push,
    drum_bus,
    kick_times,
    master_gains,
)
from ticktone.corpus.sampler import play_instrument, play_kit
from ticktone.corpus.synthesis.drum_machines import OWN, draw_machine
from ticktone.corpus.synthesis.players import draw_player

HARMONIC_DB = -20.0  # level of the harmonic part (see `level_db`)
BALANCE_DB = (-3.0, 4.0, -12.0, 3.0)  # percussive to harmonic: mean, deviation, least, most
CEILING = 0.95  # peak of each part and of the mixture

_LIMITER = LIMITER

_KIT_RATE = 0.8  # how often drums are played on a kit where there are kits
_INSTRUMENT_RATE = 0.6  # how often a recorded instrument plays what it can
_SYNTHESISER_RATE = 0.85  # how often a part of a synthesised song is played by a synthesiser
_BLENDED_RATE = 0.5  # how often one takes a part, or a machine the drums, of a blended song
_SECOND_RATE = 0.25  # how often a harmonic part may use any program of its family
_DRUM_PROGRAMS = (0, 8, 16, 24, 25, 32, 40)  # General MIDI's standard, room, power, ... kits
_OVERDRIVEN = (29, 30)
_ELECTRIC_GUITARS = (26, 27, 28)

# Typical peaks of a kit's pieces in dB to the snare's; a kit's own are heeded within 6 dB of them,
# for some are recorded at one level throughout.
_PIECE_DB = {"kick": 4.0, "snare": 0.0, "tom": -2.0, "crash": -9.0, "china": -9.0, "hat": -15.0}
_OTHER_PIECE_DB = -12.0
_PIECE_FREEDOM_DB = 4.0
# SoundFonts hold little above 8 kHz, recordings do: breath, strings, hiss. So the harmonic bus is
# made brighter, and noise is laid under it: dB, the least and the most; the noise, to the part.
_AIR_DB = (0.0, 14.0)
_HISS_DB = (-60.0, -35.0)
# Typical levels of families in dB.
_FAMILY_DB = {"bass": 2.0, "synth_pad": -5.0, "strings": -4.0, "ensemble": -4.0}


@dataclass
class Stems:
    """What comes out.

    Parameters
    ----------
    percussive, harmonic : dict of str to ndarray [shape=(2, samples)]
        By family of instruments (see `ticktone.corpus.midi.family`); the sum is the part. Either
        may be empty. No family is in both.
    players : list of str
        Who played.
    licences : set of str
        Of what was played on.
    """

    percussive: dict[str, Sound] = field(default_factory=dict)
    harmonic: dict[str, Sound] = field(default_factory=dict)
    players: list[str] = field(default_factory=list)
    licences: set[str] = field(default_factory=set)


def perform(
    midi: pretty_midi.PrettyMIDI,
    bank: Bank,
    samples: int,
    sample_rate: int,
    rng: np.random.Generator,
) -> Stems:
    """Play and mix a score.

    Parameters
    ----------
    midi : PrettyMIDI
    bank : Bank
    samples : int
        How long to play.
    sample_rate : int
        Hz.
    rng : Generator

    Raises
    ------
    TicktoneError
        If FluidSynth is missing or fails, or a sound cannot be read.
    """
    return _Performance(bank, samples, sample_rate, rng).perform(midi)


class _Performance:
    def __init__(
        self, bank: Bank, samples: int, sample_rate: int, rng: np.random.Generator
    ) -> None:
        self.bank, self.samples, self.sample_rate, self.rng = bank, samples, sample_rate, rng
        self.response = draw_room(rng).response(sample_rate, rng)
        self.room_db = float(rng.uniform(-8, 2))
        self.sends: dict[str, Sound] = {}
        self.stems = Stems()
        # No draw where there are none, so that a seed gives what it always gave
        self.synthesised = bank.synthesised > 0 and rng.random() < bank.synthesised
        self.blended = not self.synthesised and bank.blended > 0 and rng.random() < bank.blended
        # Of its own, so that a song is played and mixed alike whether it is mastered or not
        self.record_rng = rng.spawn(1)[0]
        self.mastered = self.record_rng.random() < bank.mastered

    def perform(self, midi: pretty_midi.PrettyMIDI) -> Stems:
        kit = self._draw_kit()
        for part in midi.instruments:
            if is_left_out(part) or not part.notes:
                continue
            if is_percussive(part):
                sound = self._drums(part, kit) if part.is_drum else self._score(part)
                self._mix(self.stems.percussive, "percussive", sound, "percussive")
            else:
                name = _harmonic_family(part)
                kind: Part = "bass" if name == "bass" else "harmonic"
                sound = self._level(self._pitched(part), _FAMILY_DB.get(name, -2.0))
                self._mix(self.stems.harmonic, name, sound, kind)
        for stems in (self.stems.percussive, self.stems.harmonic):
            for name, send in self.sends.items():
                if name in stems:
                    stems[name] += convolve(send, self.response)
            self._bus(stems)
        self._brighten(self.stems.harmonic)
        if self.mastered:
            self._press(midi.instruments)
        self._balance()
        return self.stems

    def _draw_kit(self) -> Kit | None:
        if self.synthesised or (self.blended and self.rng.random() < _BLENDED_RATE):
            return draw_machine(self.rng, self.sample_rate)
        kits = self.bank.kits
        if not kits or self.rng.random() >= _KIT_RATE:
            return None
        return complete(
            variant(kits[self.rng.integers(len(kits))], self.rng),
            [variant(kit, self.rng) for kit in kits],
            self.rng,
        )

    def _drums(self, part: pretty_midi.Instrument, kit: Kit | None) -> Sound:
        if kit is None:
            return self._score(part, int(self.rng.choice(_DRUM_PROGRAMS)))
        self._credit(kit.name, kit.licence)
        pieces = play_kit(kit, part.notes, self.samples, self.sample_rate, self.rng)
        peaks = {name: 20 * np.log10(abs(sound).max() + 1e-9) for name, sound in pieces.items()}
        middle = np.median([peaks[name] - _typical(name) for name in peaks] or [0.0])
        drums = self._silence()
        for name, sound in pieces.items():
            wanted = _typical(name) + middle
            kept = np.clip(peaks[name], wanted - _PIECE_FREEDOM_DB, wanted + _PIECE_FREEDOM_DB)
            sound = gain(sound, float(kept - peaks[name] + self.rng.normal(0, 2)))
            if self.rng.random() < 0.5:
                sound = draw_strip(self.rng, "percussive").apply(sound, self.sample_rate)
            drums += sound
        return drums

    def _pitched(self, part: pretty_midi.Instrument) -> Sound:
        rng, program = self.rng, part.program
        synthesiser_rate = _SYNTHESISER_RATE if self.synthesised else _BLENDED_RATE
        if (self.synthesised or self.blended) and rng.random() < synthesiser_rate:
            name, voice = draw_player(family(part), part.notes, self.sample_rate, rng)
            self._credit(name, OWN)
            return voice.play(part.notes, self.samples, rng)
        if family(part) == "guitar" and program not in _OVERDRIVEN and rng.random() < 0.2:
            program = int(rng.choice(_OVERDRIVEN))
        fitting = [
            instrument
            for instrument in self.bank.instruments
            if program in programs_of(instrument.name)
        ]
        overdriven = program in _OVERDRIVEN
        if fitting and rng.random() < _INSTRUMENT_RATE:
            instrument = fitting[rng.integers(len(fitting))]
            self._credit(instrument.name, instrument.licence)
            sound = play_instrument(instrument, part.notes, self.samples, self.sample_rate, rng)
            drive = rng.uniform(15, 38) if overdriven else rng.uniform(3, 22)
        else:
            if not overdriven and rng.random() < _SECOND_RATE:
                program = program // 8 * 8 + int(rng.integers(8))
            sound = self._score(part, program)
            drive = rng.uniform(6, 25)
        amplified = 0.8 if overdriven else 0.4 if program in _ELECTRIC_GUITARS else 0.05
        if rng.random() < amplified:
            sound = amplifier(sound, self.sample_rate, float(drive), rng)
        return sound

    def _score(self, part: pretty_midi.Instrument, program: int | None = None) -> Sound:
        font = self.bank.soundfonts[self.rng.integers(len(self.bank.soundfonts))]
        self._credit(font.path.name, font.licence)
        return play(part, font.path, self.samples, self.sample_rate, program=program)

    def _credit(self, name: str, licence: str) -> None:
        self.stems.players.append(name)
        # A kit with borrowed pieces has several
        self.stems.licences.update((licence or UNKNOWN).split("; "))

    def _silence(self) -> Sound:
        return np.zeros((2, self.samples), np.float32)

    def _level(self, sound: Sound, db: float) -> Sound:
        """Scale a part to a level, varied by what mixes differ by."""
        found = level_db(sound, self.sample_rate)
        if not np.isfinite(found):
            return sound
        return gain(sound, HARMONIC_DB + db + self.rng.normal(0, 3) - found)

    def _mix(self, stems: dict[str, Sound], name: str, sound: Sound, kind: Part) -> None:
        """Send a part through its channel to a stem, and some of it to the room."""
        strip = draw_strip(self.rng, kind)
        dry = strip.apply(sound, self.sample_rate)
        wet = gain(dry, strip.send_db + self.room_db)
        stems[name] = stems.get(name, self._silence()) + dry
        self.sends[name] = self.sends.get(name, self._silence()) + wet

    def _bus(self, stems: dict[str, Sound]) -> None:
        """Send a whole part, or each family alike, through the desk's bus."""
        if self.rng.random() < 0.6:
            strip = draw_strip(self.rng, "bass")  # which is not moved to a side
            for name, sound in stems.items():
                stems[name] = strip.apply(sound, self.sample_rate)

    def _brighten(self, stems: dict[str, Sound]) -> None:
        """Add the treble that SoundFonts lack and recordings have."""
        air = Band("high_shelf", self.rng.uniform(4000, 9000), self.rng.uniform(*_AIR_DB))
        hiss_db = self.rng.uniform(*_HISS_DB)
        for name, sound in stems.items():
            level = level_db(sound, self.sample_rate)
            if np.isfinite(level):
                hiss = self.rng.standard_normal(sound.shape, np.float32)
                bright = equalise(sound, self.sample_rate, (air,))
                stems[name] = bright + gain(hiss, level + hiss_db)

    def _press(self, parts: list[pretty_midi.Instrument]) -> None:
        """Send the drums through a bus of their own, and let the kick duck the rest."""
        stems, rng = self.stems, self.record_rng
        for name, sound in stems.percussive.items():
            stems.percussive[name] = drum_bus(sound, self.sample_rate, rng)
        factors = draw_ducking(kick_times(parts), self.samples, self.sample_rate, rng)
        if factors is not None:
            for name in stems.harmonic:
                stems.harmonic[name] *= factors

    def _master(self, mixture: Sound) -> Sound:
        """Compute the factors of the mixture's master."""
        if not self.mastered:
            return gains(mixture, self.sample_rate, *_LIMITER)
        push_db = draw_push(self.record_rng)
        return master_gains(mixture, self.sample_rate, self.record_rng, push_db)

    def _balance(self) -> None:
        """Scale both parts to their levels, master the mixture, and keep all below full scale."""
        mean, deviation, least, most = BALANCE_DB
        balance = float(np.clip(self.rng.normal(mean, deviation), least, most))
        parts = []
        if self.mastered:
            bands = draw_master_bands(self.record_rng)
            for stems in (self.stems.harmonic, self.stems.percussive):
                for name in stems:
                    stems[name] = equalise(stems[name], self.sample_rate, bands)
        for stems, wanted in (
            (self.stems.harmonic, HARMONIC_DB),
            (self.stems.percussive, HARMONIC_DB + balance),
        ):
            part = sum(stems.values(), self._silence())
            found = level_db(part, self.sample_rate)
            if not np.isfinite(found):
                stems.clear()
                continue
            for name in stems:
                stems[name] = gain(stems[name], wanted - found)
            parts.append(gain(part, wanted - found))
        mixture = sum(parts, self._silence())
        limiter = self._master(mixture)
        peak = max(float(abs(sound * limiter).max()) for sound in (mixture, *parts))
        limiter *= np.float32(min(1.0, CEILING / peak)) if peak else 1
        for stems in (self.stems.harmonic, self.stems.percussive):
            for name in stems:
                stems[name] *= limiter


def _harmonic_family(part: pretty_midi.Instrument) -> str:
    """Return a part's family; tinkle bell and steel drums are not of the percussive part."""
    name = family(part)
    return "chromatic_percussion" if name == "percussive" else name


def _typical(piece: str) -> float:
    return _PIECE_DB.get(piece.partition("_")[0], _OTHER_PIECE_DB)
