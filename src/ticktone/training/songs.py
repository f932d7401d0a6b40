"""Which songs a recipe learns from, and which it holds out."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

from ticktone.datasets import Dataset, Song, open_dataset, split
from ticktone.errors import TicktoneError
from ticktone.training.recipe import Data, Recipe


class Songs(NamedTuple):
    """Songs to learn from, songs held out, and what is wrong with the data set, line by line."""

    training: list[Song]
    validation: list[Song]
    problems: list[str]


def choose_songs(recipe: Recipe) -> Songs:
    """Open the recipe's data sets and divide their songs.

    Raises
    ------
    TicktoneError
        If no data set is named, one of them has no songs, or there are none left to learn from.
    """
    held_out = recipe.validation
    if not recipe.data.path:
        raise TicktoneError("the recipe names no data; add: --set data.path=FOLDER")
    training: list[Song] = []
    validation: list[Song] = []
    problems: list[str] = []
    for path in recipe.data.path:
        dataset = _open(recipe.data, path, recipe.data.subset)
        songs, reserved = list(dataset), list[Song]()
        problems += map(str, dataset.problems)
        if held_out.subset is not None:
            reserved = list(_open(recipe.data, path, held_out.subset))
        elif not held_out.songs:
            kept = 1 - held_out.fraction
            if held_out.fraction and len(songs) > 1:
                kept = min(kept, 1 - 1 / len(songs))  # one at least is held out
            _, names = split((song.name for song in songs), kept)
            reserved = [song for song in songs if song.name in names]
        training += [song for song in songs if song not in reserved]
        validation += reserved
    if held_out.subset is None and held_out.songs:
        validation = [_named(training, name) for name in held_out.songs]
        training = [song for song in training if song not in validation]
    if not training:
        raise TicktoneError("no song is left to learn from; hold out fewer for validation")
    return Songs(training, validation, problems)


def _open(data: Data, path: str, subset: str | None) -> Dataset:
    percussive = data.percussive or None
    return open_dataset(path, data.kind, subset, percussive=percussive, cache=data.cache)


def _named(songs: Sequence[Song], name: str) -> Song:
    for song in songs:
        if song.name == name:
            return song
    near = get_close_matches(name, [song.name for song in songs], cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else "see the data set's folder"
    raise TicktoneError(f"validation.songs: there is no song {name!r}; {hint}")
