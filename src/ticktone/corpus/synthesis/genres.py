"""The genres, from house to waltz; see `ticktone.corpus.synthesis.genre` for what each says."""

from ticktone.corpus.synthesis.club_genres import CLUB
from ticktone.corpus.synthesis.genre import FOUR_TO_THE_FLOOR, Genre, roles_but

_OTHERS: dict[str, Genre] = {
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
        roles=roles_but(lead=0.9, arpeggio=0.6, pad=0.8, pluck=0.5),
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
        roles=roles_but(arpeggio=0.7, lead=0.6),
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
        roles=roles_but(bass=1, stab=0.8),
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
        roles=roles_but(bass=1, stab=1, lead=0.3, arpeggio=0.1),
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
        roles=roles_but(pad=1, bass=0.5, lead=0.4, arpeggio=0.5, stab=0.1),
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
        roles=roles_but(pluck=0.8, stab=0.7),
    ),
    "hardcore": Genre(
        (155, 190),
        (
            {
                "kick": FOUR_TO_THE_FLOOR,
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
        roles=roles_but(lead=0.9, stab=0.8, pad=0.3),
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
                "kick": FOUR_TO_THE_FLOOR,
                "snare": "....X.......X...",
                "cowbell": "...x......x..x..",
                "crash": "o.......o.......",
            },
        ),
        machines=("hard", "mixed"),
        drums_db=3,
        dirt=0.4,
        minor=0.95,
        roles=roles_but(lead=0.4, stab=0.7, arpeggio=0.5),
    ),
}

GENRES = CLUB | _OTHERS
