"""Selection of the songs that a recipe learns from, and of those that it holds out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain
from pathlib import Path

from ticktone.datasets import Dataset, Song, open_dataset, split, subsets
from ticktone.errors import TicktoneError
from ticktone.training.held_out import refuse_measured_songs
from ticktone.training.recipe import Recipe


@dataclass(frozen=True)
class SongSelection:
    """The songs that a recipe learns from, and those that it holds out.

    Parameters
    ----------
    folders : list of list of Song
        The songs to learn from, one list for each of ``data.path``.
    validation : list of Song
        Held out.
    voices : list of Song
        Harmonic parts alone.
    problems : list of str
        What is wrong with the data sets, or worth knowing, line by line.
    validation_folders : list of str
        The name of each validation song's folder.
    """

    folders: list[list[Song]]
    validation: list[Song]
    voices: list[Song]
    problems: list[str]
    validation_folders: list[str] = field(default_factory=list)

    @property
    def training(self) -> list[Song]:
        """All songs to learn from."""
        return list(chain.from_iterable(self.folders))


def select_songs(
    recipe: Recipe,
    cache: Path | None = None,
    on_decode: Callable[[Path], None] | None = None,
) -> SongSelection:
    """Open the recipe's data sets and divide their songs.

    Parameters
    ----------
    recipe : Recipe
        Without ``data.subset``, a data set that has a subset "train" is learnt from by that alone.
    cache : Path, optional
        Where OGG, MP3 and other coded stems are decoded once, if the recipe names no folder for
        it (``data.cache``). Default: they are decoded anew for each excerpt.
    on_decode : callable, optional
        Called with each sound file that is about to be decoded.

    Returns
    -------
    SongSelection

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
        dataset = _open(recipe, path, subset, one_part, cache, on_decode)
        problems.extend(map(str, dataset.problems))
        return list(dataset)

    mixed = recipe.augmentation.mixing > 0
    folders = []
    for path in data.path:
        subset = data.subset
        if subset is None and "train" in _subsets(recipe, path):
            subset = "train"
            problems.append(
                f"{path}: learning from its subset train; data.subset = all takes every song, "
                "those for testing included"
            )
        folders.append(songs_in(path, subset, mixed))
    if held_out.path:
        groups = {path: songs_in(path) for path in held_out.path}
    elif held_out.subset is not None:
        opened = {
            path: _open(recipe, path, held_out.subset, False, cache, on_decode)
            for path in data.path
        }
        groups = {path: list(dataset) for path, dataset in opened.items()}
    elif held_out.songs:
        everything = list(chain.from_iterable(folders))
        groups = {"": [_named(everything, name) for name in held_out.songs]}
    else:
        shares = (_share(songs, held_out.fraction) for songs in folders)
        groups = {"": list(chain.from_iterable(shares))}
    validation = list(chain.from_iterable(groups.values()))
    folders = [[song for song in songs if song not in validation] for songs in folders]
    if not any(folders):
        raise TicktoneError("no song is left to learn from; hold out fewer for validation")
    voices = {path: songs_in(path, one_part=True) for path in data.voices}
    if held_out.path:
        learnt = (*zip(data.path, folders, strict=True), *voices.items())
        named = [(path, [song.name for song in songs]) for path, songs in learnt]
        refuse_measured_songs(named, held_out.path)
    labels = _labels(list(groups))
    names = [labels[path] for path, songs in groups.items() for _ in songs]
    return SongSelection(
        folders, validation, list(chain.from_iterable(voices.values())), problems, names
    )


def _open(
    recipe: Recipe,
    path: str,
    subset: str | None,
    one_part: bool,
    cache: Path | None,
    on_decode: Callable[[Path], None] | None,
) -> Dataset:
    data = recipe.data
    return open_dataset(
        path,
        data.kind,
        subset,
        percussive=data.percussive or None,
        cache=data.cache or cache,
        one_part=one_part,
        on_decode=on_decode,
    )


def _subsets(recipe: Recipe, path: str) -> tuple[str, ...]:
    return subsets(path, kind=recipe.data.kind, percussive=recipe.data.percussive or None)


def _labels(paths: Sequence[str]) -> dict[str, str]:
    """Return a short name for each folder: its own, or its path where two have the same."""
    names = [Path(path).name for path in paths]
    return {
        path: name if names.count(name) == 1 else path
        for path, name in zip(paths, names, strict=True)
    }


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
