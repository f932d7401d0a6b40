"""The genres of clubs, from house to trap; see `ticktone.corpus.synthesis.genre`."""

from ticktone.corpus.synthesis.genre import FOUR_TO_THE_FLOOR, Genre, roles_but

CLUB: dict[str, Genre] = {
    "house": Genre(
        (116, 130),
        (
            {
                "kick": FOUR_TO_THE_FLOOR,
                "clap": "....x.......x...",
                "hat_open": "..x...x...x...x.",
                "hat_closed": "xgxgxgxgxgxgxgxg",
                "percussion": "...o..o....o.o..",
            },
            {
                "kick": FOUR_TO_THE_FLOOR,
                "snare": "....x.......x...",
                "hat_open": "..X...X...X...X.",
                "shaker": "xgXgxgXgxgXgxgXg",
                "conga_high": "..x..o....x..x..",
                "conga_low": "......x.......x.",
            },
        ),
        swing=(0, 0.28),
        ducking=0.7,
        roles=roles_but(stab=0.8, lead=0.3, pluck=0.5),
    ),
    "techno": Genre(
        (124, 145),
        (
            {
                "kick": FOUR_TO_THE_FLOOR,
                "hat_open": "..x...x...x...x.",
                "hat_closed": "oxoxoxoxoxoxoxox",
                "clap": "....o.......x...",
                "tom_low": "...o......o..o..",
                "ride": "..o...o...o...o.",
            },
            {
                "kick": FOUR_TO_THE_FLOOR,
                "percussion": "..x..x..x..x..x.",
                "hat_closed": "..X...X...X...X.",
                "sidestick": "...x..x....x..o.",
                "cowbell": "......o.......o.",
            },
        ),
        machines=("909", "hard", "mixed"),
        ducking=0.6,
        drums_db=2,
        roles=roles_but(lead=0.25, arpeggio=0.6, stab=0.6, pad=0.4),
    ),
    "trance": Genre(
        (130, 145),
        (
            {
                "kick": FOUR_TO_THE_FLOOR,
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
        roles=roles_but(arpeggio=0.9, lead=0.85, pad=0.9, pluck=0.6),
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
        roles=roles_but(bass=1, pad=0.7, stab=0.5),
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
        roles=roles_but(pluck=0.6, stab=0.5, lead=0.4),
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
        roles=roles_but(bass=1, pluck=0.7, arpeggio=0.3),
        drums_db=1,
    ),
}
