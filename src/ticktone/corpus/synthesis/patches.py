"""Patches: the settings of a synthesiser, drawn for what it is to play."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from ticktone.corpus.synthesis import filters
from ticktone.corpus.synthesis.oscillators import Wave

Role = Literal["bass", "lead", "arpeggio", "pad", "stab", "pluck"]
ROLES: tuple[Role, ...] = get_args(Role)
Engine = Literal["subtractive", "wavetable", "formant", "fm"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


@dataclass(frozen=True)
class Patch:
    """The settings of a voice.

    Parameters
    ----------
    role : str
        What it was drawn for.
    engine : {"subtractive", "wavetable", "formant", "fm"}
    wave : str
        Of the oscillator; "wavetable" morphs between several random spectra instead, and "fm" has
        sines.
    seed : int
        Decides what is random in the waves.
    filter : str
        See `filters.sweep`.
    q : float
    steep : bool
    cutoff : float
        Hz, at rest.
    tracking : float
        How far the cutoff follows the pitch: 0 not, 1 wholly.
    sweep_octaves, sweep_attack, sweep_decay : float
        How far the filter's envelope opens it, and its times in seconds.
    attack, decay, sustain, release : float
        See `envelopes.adsr`.
    unison : int
        How many oscillators play.
    detune : float
        Semitones between the lowest of them and the highest.
    width : float
        0 to 1: how far they are spread to the sides.
    sub : float
        Level of a sine an octave below.
    noise : float
        Level of noise in the tone.
    glide : float
        Seconds of the slide from the last note; 0: none.
    vibrato, vibrato_hertz, vibrato_delay : float
        Semitones, Hz and seconds.
    wobble, wobble_beats : float
        Octaves by which a slow oscillator moves the filter, and its period in beats.
    blip, blip_seconds : float
        Semitones by which the pitch begins too high, and how long that is heard.
    ratios, index, index_decay, index_sustain : tuple of float, float, float, float
        Of "fm": the modulators' frequencies to the carrier's, how far they modulate at first (in
        radians), how fast that falls in seconds, and the share that stays.
    word : str
        Of "formant": the vowels that are sung.
    throat : float
        Of "formant": see `filters.vowels`.
    """

    role: Role
    engine: Engine
    wave: Wave = "saw"
    seed: int = 0
    filter: filters.Kind = "lowpass"
    q: float = 1.0
    steep: bool = False
    cutoff: float = 2000.0
    tracking: float = 0.5
    sweep_octaves: float = 0.0
    sweep_attack: float = 0.001
    sweep_decay: float = 0.2
    attack: float = 0.003
    decay: float = 0.5
    sustain: float = 0.7
    release: float = 0.1
    unison: int = 1
    detune: float = 0.0
    width: float = 0.0
    sub: float = 0.0
    noise: float = 0.0
    glide: float = 0.0
    vibrato: float = 0.0
    vibrato_hertz: float = 5.5
    vibrato_delay: float = 0.3
    wobble: float = 0.0
    wobble_beats: float = 1.0
    blip: float = 0.0
    blip_seconds: float = 0.02
    ratios: tuple[float, ...] = (1.0,)
    index: float = 1.0
    index_decay: float = 0.3
    index_sustain: float = 0.3
    word: str = "ao"
    throat: float = 1.0


@dataclass(frozen=True)
class _Habits:
    """What a role's patches are like: the least and the most; how often; which."""

    engines: tuple[float, ...]  # the share of each of `ENGINES`
    cutoff: tuple[float, float]
    sweep: tuple[float, float]
    sweep_decay: tuple[float, float]
    attack: tuple[float, float]
    decay: tuple[float, float]
    sustain: tuple[float, float]
    release: tuple[float, float]
    unison: tuple[int, int]
    sub: float = 0.1
    glide: float = 0.1
    vibrato: float = 0.1
    wobble: float = 0.1


_HABITS: dict[Role, _Habits] = {
    "bass": _Habits(
        (0.6, 0.12, 0.03, 0.25), (60, 900), (0, 4), (0.03, 0.6), (0.001, 0.02), (0.08, 1.5),
        (0.1, 1), (0.02, 0.12), (1, 3), sub=0.5, glide=0.3, vibrato=0.05, wobble=0.2,
    ),
    "lead": _Habits(
        (0.45, 0.2, 0.2, 0.15), (350, 5000), (0, 3), (0.05, 1), (0.002, 0.06), (0.2, 2),
        (0.4, 1), (0.04, 0.3), (1, 5), glide=0.4, vibrato=0.6,
    ),
    "arpeggio": _Habits(
        (0.5, 0.2, 0.05, 0.25), (200, 3500), (0, 4), (0.03, 0.4), (0.001, 0.01), (0.05, 0.5),
        (0, 0.6), (0.03, 0.25), (1, 4), glide=0.08,
    ),
    "pad": _Habits(
        (0.5, 0.25, 0.15, 0.1), (180, 3000), (-1, 2), (0.3, 3), (0.06, 0.9), (1, 4),
        (0.6, 1), (0.2, 1.5), (2, 6), vibrato=0.25, wobble=0.35,
    ),
    "stab": _Habits(
        (0.55, 0.15, 0.1, 0.2), (200, 3000), (0, 4), (0.05, 0.5), (0.001, 0.012), (0.08, 0.6),
        (0, 0.6), (0.04, 0.3), (1, 5),
    ),
    "pluck": _Habits(
        (0.45, 0.15, 0.03, 0.37), (150, 2000), (0.5, 4), (0.02, 0.4), (0.0005, 0.004),
        (0.08, 1.2), (0, 0.1), (0.05, 0.5), (1, 3),
    ),
}  # fmt: skip
_WAVES: tuple[Wave, ...] = ("saw", "square", "pulse", "triangle", "organ", "sine")
_WAVE_SHARES = (0.36, 0.15, 0.15, 0.13, 0.11, 0.1)
_RATIOS = (0.5, 1, 1, 1, 2, 2, 3, 4, 5, 7, 1.41, 3.5, 9)


def draw_patch(role: Role, rng: np.random.Generator) -> Patch:
    """Draw a patch for a role.

    Parameters
    ----------
    role : {"bass", "lead", "arpeggio", "pad", "stab", "pluck"}
    rng : Generator

    Returns
    -------
    Patch
    """
    habits = _HABITS[role]

    def level(limits: tuple[float, float]) -> float:
        return float(rng.uniform(*limits))

    def scale(limits: tuple[float, float]) -> float:
        return math.exp(rng.uniform(math.log(limits[0]), math.log(limits[1])))

    def at_times(share: float, low: float, high: float) -> float:
        return float(rng.uniform(low, high)) if rng.random() < share else 0.0

    engine = ENGINES[rng.choice(len(ENGINES), p=habits.engines)]
    unison = int(rng.integers(habits.unison[0], habits.unison[1] + 1))
    if engine == "fm":
        unison = min(unison, 2)
    kinds = filters.KINDS
    return Patch(
        role=role,
        engine=engine,
        wave=_WAVES[rng.choice(len(_WAVES), p=_WAVE_SHARES)],
        seed=int(rng.integers(2**31)),
        filter=kinds[rng.choice(len(kinds), p=(0.82, 0.08, 0.05, 0.05))]
        if role != "bass"
        else "lowpass",
        q=scale((0.6, 9)),
        steep=bool(rng.random() < 0.5),
        cutoff=scale(habits.cutoff),
        tracking=level((0, 1)),
        sweep_octaves=level(habits.sweep),
        sweep_attack=scale((0.001, 0.01)) if role != "pad" else scale((0.05, 2)),
        sweep_decay=scale(habits.sweep_decay),
        attack=scale(habits.attack),
        decay=scale(habits.decay),
        sustain=level(habits.sustain),
        release=scale(habits.release),
        unison=unison,
        detune=scale((0.04, 0.5)) if unison > 1 else 0.0,
        width=at_times(0.7, 0.2, 1) if role != "bass" else at_times(0.2, 0.1, 0.5),
        sub=at_times(habits.sub, 0.2, 0.9),
        noise=at_times(0.1, 0.003, 0.05),
        glide=at_times(habits.glide, 0.02, 0.25),
        vibrato=at_times(habits.vibrato, 0.06, 0.6),
        vibrato_hertz=level((3.5, 7.5)),
        vibrato_delay=level((0.0, 0.5)),
        wobble=at_times(habits.wobble, 0.3, 2.5),
        wobble_beats=float(rng.choice((0.25, 1 / 3, 0.5, 1, 2, 4))),
        blip=at_times(0.06, -12, 24),
        blip_seconds=scale((0.01, 0.08)),
        ratios=tuple(float(ratio) for ratio in rng.choice(_RATIOS, rng.integers(1, 4))),
        index=scale((0.2, 3.5)),
        index_decay=scale((0.03, 1)),
        index_sustain=level((0, 0.7)),
        word="".join(rng.choice(list(filters.VOWELS), rng.integers(2, 5))),
        throat=level((0.85, 1.45)),
    )
