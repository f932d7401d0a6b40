"""What there is to choose from, and how fast it is here."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from ticktone.methods import PURPOSES, methods
from ticktone.models import models, read_card
from ticktone.separator import Separator
from ticktone.stft import REFERENCE_RATE

_SECONDS = 6.0  # of noise, to measure by


@dataclass(frozen=True)
class Description:
    """A method.

    Attributes
    ----------
    name, paper : str
    purposes : tuple of str
        By which it may be called, too: "best" and the like.
    parts : tuple of str
    latency : float
        Seconds at 44.1 kHz of look-ahead that the answer for a sample needs.
    context : tuple of int
        Frames to either side that each stage looks at.
    speed : float or None
        Times real time, for stereo at 44.1 kHz in one thread of this computer.
    """

    name: str
    paper: str
    purposes: tuple[str, ...]
    parts: tuple[str, ...]
    latency: float
    context: tuple[int, ...]
    speed: float | None


@dataclass(frozen=True)
class ModelDescription:
    """A network that ships.

    Attributes
    ----------
    name, paper, licence : str
    data : str
        What it was trained on.
    parameters : int
    size : int
        Bytes.
    scores : dict
        SDR in dB, means over songs. ``development_percussive`` and ``development_harmonic``: as
        it separates when nothing is asked, over ten songs that nothing was learnt from;
        ``validation_...``: over six that settings were chosen by, too. ``sdr_...``: at the end of
        its training, before the low end is refined, over the songs that its recipe validates with.
    speed : float or None
        Times real time, for stereo at 44.1 kHz in one thread of this computer.
    """

    name: str
    paper: str
    licence: str
    data: str
    parameters: int
    size: int
    scores: dict[str, Any]
    speed: float | None


def describe_models(measure: bool = True) -> list[ModelDescription]:
    """Describe every network that ships; measuring their speed takes some seconds each."""
    return [
        ModelDescription(
            name=name,
            paper=card.paper,
            licence=card.licence,
            data=card.training.get("data", ""),
            parameters=card.parameters,
            size=path.stat().st_size,
            scores=card.scores,
            speed=_speed(Separator(name)) if measure else None,
        )
        for name, path in models().items()
        for card in [read_card(path)]
    ]


def describe_methods(measure: bool = True) -> list[Description]:
    """Describe every method; measuring their speed takes about a second each."""
    return [_describe(name, measure) for name in methods()]


def _describe(name: str, measure: bool) -> Description:
    separator = Separator(name)
    stages = separator.method.stages(REFERENCE_RATE)
    refinement = separator.method.refinement(REFERENCE_RATE)
    passes = stages if refinement is None else (*stages, refinement)
    return Description(
        name=name,
        paper=separator.method.paper,
        purposes=tuple(purpose.name for purpose in PURPOSES if purpose.method == name),
        parts=separator.parts,
        latency=separator.method.latency(REFERENCE_RATE),
        context=tuple(stage.context for stage in passes),
        speed=_speed(separator) if measure else None,
    )


def _speed(separator: Separator) -> float:
    samples = int(_SECONDS * REFERENCE_RATE)
    noise = np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32) / 10
    separator.separate(noise[:, :4096], REFERENCE_RATE)  # what is loaded once is not counted
    began = time.perf_counter()
    separator.separate(noise, REFERENCE_RATE)
    return _SECONDS / (time.perf_counter() - began)
