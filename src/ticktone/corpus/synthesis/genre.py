"""What a genre is: tempo, swing, drum patterns, and who plays.

A pattern has a letter for each sixteenth: X an accent, x a hit, o a hit half of the times, g a soft
one, r a roll, a point nothing. One that is shorter than a bar, or longer, is repeated as it is.
"""

from dataclasses import dataclass, field

from ticktone.corpus.synthesis.drum_machines import MACHINES, Machine
from ticktone.corpus.synthesis.patches import Role

Pattern = dict[str, str]
USUAL_ROLES: dict[Role, float] = {
    "bass": 0.9,
    "lead": 0.6,
    "arpeggio": 0.5,
    "pad": 0.6,
    "stab": 0.4,
    "pluck": 0.4,
}


@dataclass(frozen=True)
class Genre:
    """How a kind of music goes.

    Parameters
    ----------
    tempo : tuple of float
        Beats a minute, the least and the most.
    patterns : tuple of dict of str to str
        By pieces of the kit; one is drawn for a song, and one for its breaks.
    swing : tuple of float
        How late every other sixteenth is, in sixteenths, the least and the most.
    steps : int
        Sixteenths in a bar.
    machines : tuple of str
    roles : dict of str to float
        How often each has a part.
    minor : float
        How often it is in a minor key.
    ducking : float
        How often the kick ducks the rest.
    mutation : float
        How often a hit is left out or added.
    human : float
        Seconds by which players stray; 0 for machines.
    drums_db : float
        How much louder than usual the drums are.
    drumless : float
        How often a section other than a drop has no drums.
    effects : float
        How often a section begins or ends with a riser, a sweep, a zap or a burst.
    dirt : float
        How often tape, vinyl or a bad converter is heard.
    """

    tempo: tuple[float, float]
    patterns: tuple[Pattern, ...]
    swing: tuple[float, float] = (0.0, 0.1)
    steps: int = 16
    machines: tuple[Machine, ...] = MACHINES
    roles: dict[Role, float] = field(default_factory=lambda: dict(USUAL_ROLES))
    minor: float = 0.7
    ducking: float = 0.3
    mutation: float = 0.03
    human: float = 0.001
    drums_db: float = 0.0
    drumless: float = 0.2
    effects: float = 0.35
    dirt: float = 0.1


def roles_but(**changes: float) -> dict[Role, float]:
    """Return how often each role has a part, as usual but for some."""
    return {role: changes.get(role, rate) for role, rate in USUAL_ROLES.items()}


FOUR_TO_THE_FLOOR = "X...x...X...x..."
