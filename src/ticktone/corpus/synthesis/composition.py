"""A song composed, played and produced, from one random generator."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ticktone.corpus.effects import (
    Band,
    Part,
    Sound,
    convolve,
    draw_room,
    draw_strip,
    equalise,
    gain,
    level_db,
    pan,
    saturate,
)
from ticktone.corpus.synthesis import production
from ticktone.corpus.synthesis.drum_machines import draw_machine
from ticktone.corpus.synthesis.drumming import play_drums, write_drums
from ticktone.corpus.synthesis.genre import Genre
from ticktone.corpus.synthesis.genres import GENRES
from ticktone.corpus.synthesis.harmony import draw_key, draw_progression
from ticktone.corpus.synthesis.mastering import Parts, master
from ticktone.corpus.synthesis.melodies import draw_figure, play_figure
from ticktone.corpus.synthesis.notes import Grid, Note
from ticktone.corpus.synthesis.patches import ROLES, Role, draw_patch
from ticktone.corpus.synthesis.sections import Section, draw_arrangement
from ticktone.corpus.synthesis.sound_effects import Effect, draw_effect, part_of
from ticktone.corpus.synthesis.voices import Voice

_ROLE_DB = {
    "bass": 3.0, "lead": -3.0, "arpeggio": -6.0, "pad": -6.0, "stab": -5.0, "pluck": -5.0,
}  # fmt: skip
_LEVEL_DB = -20.0
_DULLED = 0.5  # how often a mixing engineer takes a part's highs away
_DOUBLED = 0.2  # how often two patches play a part


@dataclass
class Composition:
    """A song.

    Parameters
    ----------
    genre : str
    tempo : float
        Beats a minute.
    parts : dict of str to ndarray [shape=(2, samples)]
        "percussive" and "harmonic"; what is silent is left out.
    players : list of str
    sections : list of Section
    grid : Grid
    kicks : list of float
        When the kick is hit, in seconds.
    """

    genre: str
    tempo: float
    parts: Parts
    players: list[str]
    sections: list[Section]
    grid: Grid
    kicks: list[float] = field(default_factory=list)


def compose(
    seconds: float,
    sample_rate: int,
    rng: np.random.Generator,
    genre: str | None = None,
) -> Composition:
    """Compose, play and produce a song.

    Parameters
    ----------
    seconds : float
        About how long it is: it ends with a bar, and a tail of two seconds.
    sample_rate : int
        Hz.
    rng : Generator
        Decides everything.
    genre : str, optional
        Of `GENRES`. Default: drawn.

    Returns
    -------
    Composition
    """
    name = genre or str(rng.choice(list(GENRES)))
    return _Session(name, GENRES[name], seconds, sample_rate, rng).compose()


class _Session:
    """A song in the making."""

    def __init__(
        self,
        name: str,
        genre: Genre,
        seconds: float,
        sample_rate: int,
        rng: np.random.Generator,
    ) -> None:
        self.name, self.genre, self.sample_rate, self.rng = name, genre, sample_rate, rng
        swing = rng.uniform(*genre.swing) if rng.random() < 0.7 else 0.0
        self.grid = Grid(float(rng.uniform(*genre.tempo)), float(swing), genre.steps)
        self.bars = max(1, round(seconds / self.grid.bar))
        self.samples = round((self.bars * self.grid.bar + 2) * sample_rate)
        self.parts: Parts = {part: self._silence() for part in ("percussive", "harmonic")}
        self.players: list[str] = []
        self.room = draw_room(rng).response(sample_rate, rng)
        self.send = self._silence()

    def _silence(self) -> Sound:
        return np.zeros((2, self.samples), np.float32)

    def compose(self) -> Composition:
        rng, genre = self.rng, self.genre
        roles: list[Role] = [role for role in ROLES if rng.random() < genre.roles[role]]
        roles = roles or ["pad"]
        sections = draw_arrangement(genre, self.bars, roles, rng)
        kicks = self._drums(sections)
        self._tones(sections, roles, kicks)
        self._effects(sections)
        balance = float(np.clip(rng.normal(-4 + genre.drums_db, 3.5), -12, 5))
        dirty = rng.random() < genre.dirt
        parts = master(self.parts, self.sample_rate, rng, balance, dirty)
        return Composition(
            self.name, self.grid.tempo, parts, self.players, sections, self.grid, kicks
        )

    def _drums(self, sections: Sequence[Section]) -> list[float]:
        rng, genre = self.rng, self.genre
        machine = genre.machines[rng.integers(len(genre.machines))]
        kit = draw_machine(rng, self.sample_rate, machine)
        notes = self._stopped(write_drums(sections, genre, self.grid, rng), sections)
        if not notes:
            return []
        self.players.append(kit.name)
        drums, kicks = play_drums(kit, notes, self.samples, self.sample_rate, rng, genre.human)
        wet = rng.uniform(-30, -12) if rng.random() < 0.6 else -60
        if rng.random() < 0.15:
            drums = self._echo(drums)
        drums += gain(convolve(drums, self.room), wet) if wet > -50 else 0
        self.parts["percussive"] += drums
        return kicks

    def _stopped(self, notes: Sequence[Note], sections: Sequence[Section]) -> list[Note]:
        """Leave out what would sound while all are silent, and end what goes on until then."""
        grid = self.grid
        stops = [
            (grid.bar * (section.first + section.bars) - grid.beat * section.silence - 0.01,
             grid.bar * (section.first + section.bars) - 0.02)
            for section in sections
            if section.ending == "stop"
        ]  # fmt: skip
        kept = []
        for note in notes:
            end = min([note.end, *(stop for stop, _ in stops if note.start < stop < note.end)])
            if not any(stop <= note.start < go for stop, go in stops):
                kept.append(replace(note, end=max(end, note.start + 0.02)))
        return kept

    def _tones(
        self, sections: Sequence[Section], roles: Sequence[Role], kicks: Sequence[float]
    ) -> None:
        rng, grid = self.rng, self.grid
        key = draw_key(self.genre.minor, rng)
        progressions = [draw_progression(rng) for _ in range(2)]
        duck = self._ducking(kicks)
        for role in roles:
            figures = [draw_figure(role, grid, rng) for _ in range(2)]
            notes: list[Note] = []
            for section in sections:
                if role not in section.roles:
                    continue
                other = section.kind in ("break", "verse")
                chords = progressions[other and len(sections) > 3]
                figure = figures[other and rng.random() < 0.7]
                for bar in range(section.first, section.first + section.bars):
                    chord = chords[bar % len(chords)]
                    notes += play_figure(figure, key, chord, bar, grid, rng)
            notes = self._stopped(notes, sections)
            if notes:
                track = self._track(role, notes)
                if role in ("bass", "pad") or rng.random() < 0.7:
                    track *= duck
                self.parts["harmonic"] += track
        if self.send.any():
            self.parts["harmonic"] += convolve(self.send, self.room) * duck
        for section in sections:
            if section.kind == "build" and rng.random() < 0.4:
                self._open(section)

    def _ducking(self, kicks: Sequence[float]) -> np.ndarray:
        """Draw whether the kick ducks the rest; now and then one that is not heard does."""
        rng, grid = self.rng, self.grid
        if rng.random() >= self.genre.ducking:
            return np.ones(1, np.float32)
        times = list(kicks)
        if rng.random() < 0.25:
            times = [beat * grid.beat for beat in range(int(self.bars * grid.bar / grid.beat))]
        depth, release = rng.uniform(0.3, 0.95), grid.beat * rng.uniform(0.4, 1)
        return production.ducking(self.samples, self.sample_rate, times, depth, release)

    def _track(self, role: Role, notes: Sequence[Note]) -> Sound:
        """Play a part, and send it through its channel."""
        rng, rate = self.rng, self.sample_rate
        sound = self._silence()
        for _ in range(2 if rng.random() < _DOUBLED else 1):
            patch = draw_patch(role, rng)
            self.players.append(f"{patch.engine} {role}")
            one = Voice(patch, rate, self.grid.beat).play(notes, self.samples, rng)
            sound += _levelled(one, rate, rng.normal(0, 2))
        if rng.random() < {"bass": 0.4, "lead": 0.35, "stab": 0.25}.get(role, 0.1):
            sound = saturate(sound, rate, float(rng.uniform(0, 24)))
        if role == "pad" and rng.random() < 0.2:
            pattern = [bool(rng.random() < 0.6) for _ in range(16)]
            sound *= production.gate(
                self.samples, rate, self.grid.beat / 4, pattern, rng.uniform(0.5, 1)
            )
        if role != "bass" and rng.random() < 0.25:
            sound = production.chorus(
                sound, rate, rng.uniform(0.1, 2), rng.uniform(0.0005, 0.004), rng.uniform(0.3, 0.9)
            )
        kind: Part = "bass" if role == "bass" else "harmonic"
        strip = draw_strip(rng, kind)
        sound = strip.apply(sound, rate)
        if rng.random() < _DULLED:
            cutoff = math.exp(rng.uniform(*np.log((1500, 0.4 * rate))))
            sound = equalise(sound, rate, (Band("lowpass", cutoff),))
        if role not in ("bass", "pad") and rng.random() < 0.45:
            sound = self._echo(sound)
        sound = _levelled(sound, rate, _ROLE_DB[role] + rng.normal(0, 2.5))
        self.send += gain(sound, strip.send_db)
        return sound

    def _echo(self, sound: Sound) -> Sound:
        rng = self.rng
        beats = float(rng.choice((0.25, 0.5, 0.75, 0.75, 1, 1.5)))
        return production.echo(
            sound, self.sample_rate, beats * self.grid.beat, rng.uniform(0.1, 0.7),
            rng.uniform(0.15, 0.6), float(np.exp(rng.uniform(np.log(800), np.log(9000)))),
            bool(rng.random() < 0.4),
        )  # fmt: skip

    def _open(self, section: Section) -> None:
        """Open a filter over the harmonic part of a section."""
        ends = [
            round(self.grid.bar * bar * self.sample_rate)
            for bar in (section.first, section.first + section.bars)
        ]
        piece = self.parts["harmonic"][:, ends[0] : ends[1]]
        low = float(self.rng.uniform(150, 800))
        high = min(16000.0, 0.45 * self.sample_rate)
        piece[:] = production.opening(piece, self.sample_rate, low, high)

    def _effects(self, sections: Sequence[Section]) -> None:
        """Add risers, sweeps, zaps and bursts where sections begin and end."""
        rng, grid = self.rng, self.grid
        for section in sections:
            start = grid.bar * section.first
            end = start + grid.bar * section.bars
            if rng.random() < self.genre.effects * (1.5 if section.kind == "build" else 0.7):
                seconds = min(grid.bar * float(rng.choice((1, 2, 4))), end - start)
                self._effect("riser", end - seconds, seconds)
            if rng.random() < 0.5 * self.genre.effects:
                self._effect("sweep", start, grid.bar * rng.uniform(0.5, 2))
            for _ in range(rng.poisson(0.5 * self.genre.effects)):
                kind: Effect = "zap" if rng.random() < 0.5 else "burst"
                at = start + int(rng.integers(section.bars * 4)) * grid.beat
                self._effect(kind, at, grid.beat * float(rng.choice((0.25, 0.5, 1, 2, 4))))

    def _effect(self, kind: Effect, at: float, seconds: float) -> None:
        rng, rate = self.rng, self.sample_rate
        sound = pan(draw_effect(kind, seconds, rng, rate), float(rng.uniform(-0.5, 0.5)))
        start = round(at * rate)
        length = min(sound.shape[1], self.samples - start)
        if length > 0:
            part = self.parts[part_of(sound, rate, self.grid.beat)]
            loud = level_db(part, rate)
            db = (loud if np.isfinite(loud) else -20) + rng.uniform(-6, 6)
            part[:, start : start + length] += gain(sound, db)[:, :length]
            self.players.append(kind)


def _levelled(sound: Sound, sample_rate: int, db: float) -> Sound:
    """Scale a sound to a level in dB over the usual one."""
    found = level_db(sound, sample_rate)
    return gain(sound, _LEVEL_DB + db - found) if np.isfinite(found) else sound
