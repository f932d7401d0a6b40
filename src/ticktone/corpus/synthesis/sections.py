"""Arrangements: the sections of a song, and who plays in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ticktone.corpus.synthesis.genre import Genre
from ticktone.corpus.synthesis.patches import Role

SectionKind = Literal["intro", "verse", "build", "drop", "break", "solo", "outro"]
Drums = Literal["full", "light", "none"]
Ending = Literal["fill", "stop", "none"]

_NEXT: dict[SectionKind, tuple[tuple[SectionKind, ...], tuple[float, ...]]] = {
    "intro": (("verse", "build", "drop"), (0.5, 0.25, 0.25)),
    "verse": (("build", "drop", "break", "verse"), (0.35, 0.4, 0.15, 0.1)),
    "build": (("drop",), (1.0,)),
    "drop": (("break", "verse", "drop", "solo", "build"), (0.4, 0.3, 0.12, 0.1, 0.08)),
    "break": (("build", "verse", "drop"), (0.45, 0.25, 0.3)),
    "solo": (("drop", "verse"), (0.6, 0.4)),
}
# How often a role plays in a section
_PLAYS: dict[SectionKind, float] = {
    "intro": 0.4,
    "verse": 0.65,
    "build": 0.65,
    "drop": 0.88,
    "break": 0.5,
    "solo": 0.0,
    "outro": 0.4,
}


@dataclass(frozen=True)
class Section:
    """A section of a song.

    Parameters
    ----------
    kind : str
        A "solo" is the drums'.
    first, bars : int
        Where it is, in bars.
    roles : tuple of str
        Who plays beside the drums.
    drums : {"full", "light", "none"}
    ending : {"fill", "stop", "none"}
        "stop": for a beat, or up to a bar, all are silent.
    silence : float
        Beats of that silence.
    """

    kind: SectionKind
    first: int
    bars: int
    roles: tuple[Role, ...]
    drums: Drums
    ending: Ending
    silence: float = 0.0


def draw_arrangement(
    genre: Genre, bars: int, roles: Sequence[Role], rng: np.random.Generator
) -> list[Section]:
    """Draw the sections of a song.

    Parameters
    ----------
    genre : Genre
    bars : int
        How many the song has; at least 1.
    roles : sequence of str
        Those that have a part.
    rng : Generator
    """
    sections: list[Section] = []
    kind: SectionKind = "intro" if rng.random() < 0.6 and bars > 16 else "drop"
    first = 0
    while first < bars:
        left = bars - first
        length = int(rng.choice((2, 4, 4, 8, 8, 16) if kind != "solo" else (1, 2, 4)))
        length = min(length, left, max(4, bars // 4))
        if left - length < 2:
            length = left
        if length == left and len(sections) > 2 and rng.random() < 0.5:
            kind = "outro"
        sections.append(_section(kind, first, length, genre, roles, rng))
        first += length
        if kind != "outro":
            nexts, shares = _NEXT[kind]
            kind = nexts[rng.choice(len(nexts), p=shares)]
    return sections


def _section(
    kind: SectionKind,
    first: int,
    bars: int,
    genre: Genre,
    roles: Sequence[Role],
    rng: np.random.Generator,
) -> Section:
    rate = _PLAYS[kind]
    playing = tuple(role for role in roles if rng.random() < rate)
    if kind != "solo" and roles and not playing:
        playing = (roles[int(rng.integers(len(roles)))],)
    drums = _drums(kind, genre, rng)
    ending: Ending = "none"
    draw = rng.random()
    if draw < 0.55 and drums != "none":
        ending = "fill"
    elif draw > 0.88:
        ending = "stop"
    silence = float(rng.choice((0.5, 1, 1, 2, 4))) if ending == "stop" else 0.0
    return Section(kind, first, bars, playing, drums, ending, silence)


def _drums(kind: SectionKind, genre: Genre, rng: np.random.Generator) -> Drums:
    if kind in ("drop", "solo"):
        return "full"
    bare = {"break": 0.4, "intro": 0.25, "outro": 0.15, "build": 0.05}.get(kind, 0.0)
    if rng.random() < min(0.95, genre.drumless + bare):
        return "none"
    return "light" if rng.random() < 0.35 else "full"
