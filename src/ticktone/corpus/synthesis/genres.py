"""Genres: tempo, swing, drum patterns, and who plays.

A pattern has a letter for each sixteenth: X an accent, x a hit, o a hit half of the times, g a soft
one, r a roll, a point nothing. One that is shorter than a bar, or longer, is repeated as it is.
"""

from dataclasses import dataclass, field

from ticktone.corpus.synthesis.drum_machines import MACHINES, Machine
from ticktone.corpus.synthesis.patches import Role

Pattern = dict[str, str]
_ROLES: dict[Role, float] = {
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
    roles: dict[Role, float] = field(default_factory=lambda: dict(_ROLES))
    minor: float = 0.7
    ducking: float = 0.3
    mutation: float = 0.03
    human: float = 0.001
    drums_db: float = 0.0
    drumless: float = 0.2
    effects: float = 0.35
    dirt: float = 0.1


def _roles(**changes: float) -> dict[Role, float]:
    return {role: changes.get(role, rate) for role, rate in _ROLES.items()}


_FOUR = "X...x...X...x..."

GENRES: dict[str, Genre] = {
    "house": Genre(
        (116, 130),
        (
            {
                "kick": _FOUR,
                "clap": "....x.......x...",
                "hat_open": "..x...x...x...x.",
                "hat_closed": "xgxgxgxgxgxgxgxg",
                "percussion": "...o..o....o.o..",
            },
            {
                "kick": _FOUR,
                "snare": "....x.......x...",
                "hat_open": "..X...X...X...X.",
                "shaker": "xgXgxgXgxgXgxgXg",
                "conga_high": "..x..o....x..x..",
                "conga_low": "......x.......x.",
            },
        ),
        swing=(0, 0.28),
        ducking=0.7,
        roles=_roles(stab=0.8, lead=0.3, pluck=0.5),
    ),
    "techno": Genre(
        (124, 145),
        (
            {
                "kick": _FOUR,
                "hat_open": "..x...x...x...x.",
                "hat_closed": "oxoxoxoxoxoxoxox",
                "clap": "....o.......x...",
                "tom_low": "...o......o..o..",
                "ride": "..o...o...o...o.",
            },
            {
                "kick": _FOUR,
                "percussion": "..x..x..x..x..x.",
                "hat_closed": "..X...X...X...X.",
                "sidestick": "...x..x....x..o.",
                "cowbell": "......o.......o.",
            },
        ),
        machines=("909", "hard", "mixed"),
        ducking=0.6,
        drums_db=2,
        roles=_roles(lead=0.25, arpeggio=0.6, stab=0.6, pad=0.4),
    ),
    "trance": Genre(
        (130, 145),
        (
            {
                "kick": _FOUR,
                "hat_open": "..X...X...X...X.",
                "clap": "....x.......x...",
                "hat_closed": "xgxgxgxgxgxgxgxg",
                "ride": "....o...o...o...",
            },
        ),
        machines=("909", "mixed"),
        ducking=0.85,
        effects=0.7,
        drumless=0.4,
        roles=_roles(arpeggio=0.9, lead=0.85, pad=0.9, pluck=0.6),
    ),
    "drum and bass": Genre(
        (165, 178),
        (
            {
                "kick": "X.........x.....",
                "snare": "....X.......X...",
                "hat_closed": "x.x.x.x.x.x.x.x.",
                "ride": "o...o...o...o...",
            },
            {
                "kick": "X.x.......x.....X.........x..o..",
                "snare": "....X..g.g..X..g....X..g.g..X.g.",
                "hat_closed": "x.xgx.x.x.xgx.x.",
            },
            {
                "kick": "X.....x...x.....",
                "snare": "....X.......X..o",
                "shaker": "xgxgxgxgxgxgxgxg",
                "hat_open": "..............x.",
            },
        ),
        machines=("909", "mixed", "soft"),
        drums_db=2,
        roles=_roles(bass=1, pad=0.7, stab=0.5),
        human=0.002,
    ),
    "breakbeat": Genre(
        (118, 145),
        (
            {
                "kick": "X.x.......xx....",
                "snare": "....X..g.g..X..g",
                "hat_closed": "x.x.x.x.x.x.x.x.",
                "hat_open": "..........o.....",
            },
            {
                "kick": "X..x..x...x.....",
                "snare": "....X....g..X.o.",
                "ride": "x.x.x.x.x.x.x.x.",
                "tambourine": "....x.......x...",
            },
            {
                "kick": "X.....xX..x.....",
                "snare": "....X..X.X..X..g",
                "hat_closed": "xxxxxxxxxxxxxxxx",
            },
        ),
        swing=(0, 0.2),
        mutation=0.06,
        human=0.004,
        drums_db=2,
        machines=("soft", "mixed", "909"),
    ),
    "hip-hop": Genre(
        (78, 100),
        (
            {
                "kick": "X..x....x.x.....",
                "snare": "....X.......X...",
                "hat_closed": "x.x.x.x.x.x.x.x.",
            },
            {
                "kick": "X.....x.x..x....X......xx.x.....",
                "snare": "....X.......X..g",
                "hat_closed": "xgxgxgxgxgxgxgxg",
                "hat_open": "......o.......o.",
            },
            {
                "kick": "X.x....x..x.....",
                "clap": "....X.......X...",
                "shaker": "x.x.x.x.x.x.x.x.",
                "sidestick": ".......o..o.....",
            },
        ),
        swing=(0.1, 0.4),
        human=0.006,
        dirt=0.4,
        minor=0.75,
        machines=("808", "soft", "mixed"),
        roles=_roles(pluck=0.6, stab=0.5, lead=0.4),
        drumless=0.1,
        drums_db=1,
    ),
    "trap": Genre(
        (130, 160),
        (
            {
                "kick": "X.....x...x.....",
                "clap": "........X.......",
                "hat_closed": "x.x.xrx.x.x.r.xr",
                "hat_open": "............o...",
            },
            {
                "kick": "X..x......x..x..X.........x.x...",
                "snare": "........X.......",
                "hat_closed": "xxx.xxr.xxx.rxxr",
                "percussion": "...o......o.....",
            },
        ),
        machines=("808",),
        minor=0.95,
        roles=_roles(bass=1, pluck=0.7, arpeggio=0.3),
        drums_db=1,
    ),
    "synthpop": Genre(
        (95, 132),
        (
            {
                "kick": "X.......X.......",
                "snare": "....X.......X...",
                "hat_closed": "x.x.x.x.x.x.x.x.",
            },
            {
                "kick": "X...x...X...x...",
                "snare": "....X.......X...",
                "hat_closed": "xxxxxxxxxxxxxxxx",
                "tom_mid": "..............o.",
            },
            {
                "kick": "X..x..x.X..x....",
                "snare": "....X.......X...",
                "clap": "....o.......x...",
                "cowbell": "x...x...x...x...",
            },
        ),
        minor=0.5,
        drumless=0.1,
        machines=("808", "909", "mixed"),
        roles=_roles(lead=0.9, arpeggio=0.6, pad=0.8, pluck=0.5),
    ),
    "electro": Genre(
        (112, 135),
        (
            {
                "kick": "X.....x...x.....",
                "snare": "....X.......X...",
                "hat_closed": "xxxxxxxxxxxxxxxx",
                "cowbell": "..o..o....o..o..",
            },
            {
                "kick": "X..x......x..x..",
                "clap": "....X.......X...",
                "hat_closed": "x.xxx.xxx.xxx.xx",
                "tom_high": "......o........o",
            },
        ),
        machines=("808",),
        roles=_roles(arpeggio=0.7, lead=0.6),
    ),
    "garage": Genre(
        (128, 138),
        (
            {
                "kick": "X.........x.....",
                "snare": "....X.......X...",
                "hat_closed": "..x..xx...x..xx.",
                "shaker": "x.xgx.xgx.xgx.xg",
                "sidestick": ".......o.o.....o",
            },
            {
                "kick": "X..o......x..x..",
                "clap": "....X.......X...",
                "hat_open": "..x...x...x...x.",
                "woodblock_high": "...o..o....o..o.",
            },
        ),
        swing=(0.2, 0.45),
        ducking=0.4,
        roles=_roles(bass=1, stab=0.8),
    ),
    "dub": Genre(
        (66, 82),
        (
            {
                "kick": "........X.......",
                "sidestick": "........x.......",
                "hat_closed": "x.xgx.xgx.xgx.xg",
            },
            {
                "kick": "X...X...X...X...",
                "snare": "........X......g",
                "hat_closed": "..x...x...x...x.",
                "conga_low": "..........x..x..",
            },
        ),
        swing=(0.1, 0.35),
        human=0.005,
        dirt=0.4,
        drums_db=-1,
        roles=_roles(bass=1, stab=1, lead=0.3, arpeggio=0.1),
    ),
    "ambient": Genre(
        (60, 95),
        (
            {
                "kick": "o.......o.......",
                "percussion": "...o......o...o.",
                "shaker": "o...o...o...o...",
            },
            {
                "tom_low": "x.....o...o.....",
                "triangle": "....o.......o...",
                "hat_closed": "..o...o...o...o.",
            },
        ),
        drumless=0.6,
        drums_db=-4,
        mutation=0.1,
        dirt=0.3,
        human=0.004,
        roles=_roles(pad=1, bass=0.5, lead=0.4, arpeggio=0.5, stab=0.1),
    ),
    "downtempo": Genre(
        (80, 112),
        (
            {
                "kick": "X......x..x.....",
                "snare": "....X.......X..g",
                "hat_closed": "xgxgxgxgxgxgxgxg",
                "tambourine": "..o...o...o...o.",
            },
            {
                "kick": "X...x...X...x...",
                "clap": "............x...",
                "bongo_high": "..x..x....x.x...",
                "bongo_low": "...x..x....x...x",
                "shaker": "x.x.x.x.x.x.x.x.",
            },
        ),
        swing=(0, 0.3),
        dirt=0.3,
        human=0.004,
    ),
    "latin": Genre(
        (88, 112),
        (
            {
                "kick": "X...x...X...x...",
                "snare": "...x..x....x..x.",
                "hat_closed": "x.x.x.x.x.x.x.x.",
                "conga_high": "..x...xx..x...xx",
            },
            {
                "kick": "X...x...X...x...",
                "claves": "x..x..x...x.x...",
                "maracas": "xgxgxgxgxgxgxgxg",
                "agogo_high": "x...x.x...x.x...",
                "agogo_low": "..x.....x......x",
                "conga_low": "......x.......x.",
            },
        ),
        minor=0.6,
        human=0.003,
        ducking=0.3,
        roles=_roles(pluck=0.8, stab=0.7),
    ),
    "hardcore": Genre(
        (155, 190),
        (
            {
                "kick": _FOUR,
                "hat_open": "..X...X...X...X.",
                "clap": "....x.......x...",
                "crash": "x...............",
            },
            {"kick": "X.X.X...X.X.X.xx", "snare": "....X.......X...", "ride": "x.x.x.x.x.x.x.x."},
        ),
        machines=("hard",),
        drums_db=3,
        ducking=0.5,
        effects=0.6,
        roles=_roles(lead=0.9, stab=0.8, pad=0.3),
    ),
    "glitch": Genre(
        (90, 160),
        (
            {
                "kick": "X.o...o..xo...o.",
                "snare": "....x..o.g..x.or",
                "percussion": "o.ooroo.o.oor.oo",
                "hat_closed": "xroxo.xrx.oxr.xo",
            },
            {
                "kick": "x..o..x...o.xo..",
                "snare": "......x......xor",
                "sidestick": "o.o..oo..o.o..oo",
                "woodblock_high": "..o.o...o..o.o..",
            },
        ),
        mutation=0.2,
        machines=("mixed", "soft"),
        dirt=0.3,
    ),
    "waltz": Genre(
        (84, 150),
        (
            {"kick": "X.......o...", "snare": "....x...x...", "hat_closed": "x.x.x.x.x.x."},
            {
                "kick": "X.....x.....",
                "sidestick": "....x...x..o",
                "ride": "x...x.x.x...",
                "shaker": "xgxgxgxgxgxg",
            },
        ),
        steps=12,
        swing=(0, 0.3),
        minor=0.5,
        human=0.004,
    ),
    "industrial": Genre(
        (100, 135),
        (
            {
                "kick": "X..x..X...x.X...",
                "snare": "....X.......X.x.",
                "percussion": "x.o.x..ox.o.xo.x",
                "tom_low": "..x...x...x...xx",
            },
            {
                "kick": _FOUR,
                "snare": "....X.......X...",
                "cowbell": "...x......x..x..",
                "crash": "o.......o.......",
            },
        ),
        machines=("hard", "mixed"),
        drums_db=3,
        dirt=0.4,
        minor=0.95,
        roles=_roles(lead=0.4, stab=0.7, arpeggio=0.5),
    ),
}
