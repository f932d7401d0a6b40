"""Which songs a recipe learns from, and which it holds out."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain

from ticktone.datasets import Dataset, Song, open_dataset, split
from ticktone.errors import TicktoneError
from ticktone.training.recipe import Recipe


@dataclass(frozen=True)
class Songs:
    """What a recipe's data sets hold.

    Parameters
    ----------
    folders : list of list of Song
        The songs to learn from, one list for each of ``data.path``.
    validation : list of Song
        Held out.
    voices : list of Song
        Harmonic parts alone.
    problems : list of str
        What is wrong with the data sets, line by line.
    """

    folders: list[list[Song]]
    validation: list[Song]
    voices: list[Song]
    problems: list[str]

    @property
    def training(self) -> list[Song]:
        """All songs to learn from."""
        return list(chain.from_iterable(self.folders))


def choose_songs(recipe: Recipe) -> Songs:
    """Open the recipe's data sets and divide their songs.

    Raises
    ------
    TicktoneError
        If no data set is named, one of them has no songs, or there are none left to learn from.
    """
    data, held_out = recipe.data, recipe.validation
    if not data.path:
        raise TicktoneError("the recipe names no data; add: --set data.path=FOLDER")
    problems: list[str] = []

    def songs_in(path: str, subset: str | None = None, one_part: bool = False) -> list[Song]:
        dataset = _open(recipe, path, subset, one_part)
        problems.extend(map(str, dataset.problems))
        return list(dataset)

    mixed = recipe.augmentation.mixing > 0
    folders = [songs_in(path, data.subset, mixed) for path in data.path]
    if held_out.path:
        validation = [song for path in held_out.path for song in songs_in(path)]
    elif held_out.subset is not None:
        opened = (_open(recipe, path, held_out.subset, False) for path in data.path)
        validation = list(chain.from_iterable(opened))
    elif held_out.songs:
        everything = list(chain.from_iterable(folders))
        validation = [_named(everything, name) for name in held_out.songs]
    else:
        validation = [song for songs in folders for song in _share(songs, held_out.fraction)]
    folders = [[song for song in songs if song not in validation] for songs in folders]
    if not any(folders):
        raise TicktoneError("no song is left to learn from; hold out fewer for validation")
    voices = [song for path in data.voices for song in songs_in(path, one_part=True)]
    return Songs(folders, validation, voices, problems)


def _open(recipe: Recipe, path: str, subset: str | None, one_part: bool) -> Dataset:
    data = recipe.data
    return open_dataset(
        path,
        data.kind,
        subset,
        percussive=data.percussive or None,
        cache=data.cache,
        one_part=one_part,
    )


def _share(songs: Sequence[Song], fraction: float) -> list[Song]:
    """Hold out a share of a folder's songs, one at least."""
    kept = 1 - fraction
    if fraction and len(songs) > 1:
        kept = min(kept, 1 - 1 / len(songs))
    _, names = split((song.name for song in songs), kept)
    return [song for song in songs if song.name in names]


def _named(songs: Sequence[Song], name: str) -> Song:
    for song in songs:
        if song.name == name:
            return song
    near = get_close_matches(name, [song.name for song in songs], cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else "see the data set's folder"
    raise TicktoneError(f"validation.songs: there is no song {name!r}; {hint}")
