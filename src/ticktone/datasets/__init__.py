"""Music whose harmonic and percussive parts are known: MUSDB18(-HQ), DSD100, folders of stems.

>>> from ticktone.datasets import open_dataset
>>> for song in open_dataset("MUSDB18-HQ", subset="test"):  # doctest: +SKIP
...     excerpt = song.mono("percussive", start=44_100, frames=66_048)
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ticktone.datasets.cache import StemCache
from ticktone.datasets.dataset import Dataset, Problem, check
from ticktone.datasets.dsd100 import dsd100
from ticktone.datasets.folders import stem_folder, stem_folders
from ticktone.datasets.layout import Layout, SongEntry
from ticktone.datasets.musdb18 import musdb18, musdb18hq
from ticktone.datasets.song import Song, Stem
from ticktone.datasets.split import split
from ticktone.errors import TicktoneError

__all__ = [
    "Dataset",
    "Problem",
    "Song",
    "Stem",
    "check",
    "open_dataset",
    "open_song",
    "split",
    "subsets",
]


def open_dataset(
    path: str | os.PathLike[str],
    kind: str | None = None,
    subset: str | None = None,
    *,
    percussive: Sequence[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
    one_part: bool = False,
    on_decode: Callable[[Path], None] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Dataset:
    """Open a data set: read the header of every file that is needed, and no sound yet.

    Parameters
    ----------
    path : path-like
        Its folder.
    kind : {"musdb18", "musdb18hq", "dsd100", "folders"}, optional
        Default: recognised by what is in the folder.
    subset : str, optional
        One of the layout's, or several joined by ``+``: ``"train"`` or ``"test"``; for MUSDB18,
        ``"validation"`` too (80 and 20 songs: ``"train+validation"`` is all 100), and the official
        ``"official-train"`` and ``"official-validation"`` (86 and 14 of the same 100). ``"all"``,
        and the default: all songs, those for testing included. Folders have no subsets (see
        `split`).
    percussive : str or sequence of str, optional
        Pattern or patterns of the names of percussive files, for `kind` "folders", which it
        implies; see `ticktone.datasets.folders.stem_folders`.
    cache : path-like, optional
        A folder for decoded stems. MUSDB18 needs it; it makes excerpts of Vorbis, Opus and MP3
        stems fast. What is there already is not decoded again.
    one_part : bool
        Whether songs whose folder holds only percussive or only harmonic stems are songs too, with
        no samples of the other part. They are material to mix, not mixtures.
    on_decode : callable, optional
        Called with each sound file that is about to be decoded into the cache.
    progress : callable, optional
        Called with the fraction of songs that are ready, from 0 to 1.

    Returns
    -------
    Dataset

    Raises
    ------
    TicktoneError
        If the folder has none of the layouts, no such subset or no usable song, or if decoding
        lacks a program, a package or room on the disk.
    """
    folder = Path(path)
    storage = None
    if cache is not None:
        storage = StemCache(Path(cache) / "ticktone-stems", on_decode or (lambda source: None))
    layout = _recognise(folder, kind, percussive, storage, one_part)
    entries = _entries(layout, subset)
    if not entries:
        known = ", ".join(layout.subsets) or "none; use split()"
        raise TicktoneError(
            f"has no songs in {subset!r}; the subsets of {layout.kind}: {known}", folder
        )
    songs, problems = [], []
    for count, entry in enumerate(entries, 1):
        try:
            song = _song(entry, layout.harmonic, storage)
        except TicktoneError as error:
            if error.path is None or (storage and Path(error.path).is_relative_to(storage.folder)):
                raise  # not the song's fault: a missing program, a full disk
            cause = str(error).removeprefix(f"{entry.name}: ")
            problems.append(Problem(entry.name, cause, refused=True))
        else:
            songs.append(song)
            problems += _lengths(song)
        if progress is not None:
            progress(count / len(entries))
    if not songs:
        raise TicktoneError(f"has no usable song; the last one, {problems[-1]}", folder)
    return Dataset(folder, layout.kind, layout.harmonic, tuple(songs), tuple(problems))


def subsets(
    path: str | os.PathLike[str],
    *,
    kind: str | None = None,
    percussive: Sequence[str] | None = None,
) -> tuple[str, ...]:
    """Return the subsets that a folder's layout has; see `open_dataset`.

    Raises
    ------
    TicktoneError
        If the folder has none of the layouts.
    """
    return _recognise(Path(path), kind, percussive, None, False).subsets


def open_song(path: str | os.PathLike[str], *, percussive: Sequence[str] | None = None) -> Song:
    """Open one song: a folder that holds its stems, as those of `open_dataset`'s "folders" do.

    Raises
    ------
    TicktoneError
        If it does not, or a stem cannot be read.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise TicktoneError("is not a folder of stems; check the spelling", folder)
    return _song(stem_folder(folder, percussive), "sum", None)


def _recognise(
    folder: Path,
    kind: str | None,
    percussive: Sequence[str] | None,
    cache: StemCache | None,
    one_part: bool,
) -> Layout:
    if not folder.is_dir():
        raise TicktoneError("is not a folder; check the spelling", folder)
    known: tuple[Layout, ...] = (
        *(musdb18(folder, cache), musdb18hq(folder), dsd100(folder)),
        stem_folders(folder, percussive, one_part),
    )
    if percussive is not None:
        known = known[-1:]
    tried = [layout for layout in known if kind in (None, layout.kind)]
    if not tried:
        kinds = ", ".join(layout.kind for layout in known)
        rule = "" if percussive is None else " with patterns of percussive files"
        raise TicktoneError(f"there is no kind {kind!r}{rule}; there are: {kinds}")
    for layout in tried:
        if layout.entries:
            return layout
    expected = "; or ".join(f"{layout.expected} ({layout.kind})" for layout in tried)
    names = sorted(path.name for path in folder.iterdir()) or ["nothing"]
    more = f" and {len(names) - 5} more" if names[5:] else ""
    raise TicktoneError(f"found {', '.join(names[:5])}{more}; expected {expected}", folder)


def _entries(layout: Layout, subset: str | None) -> list[SongEntry]:
    """Return the songs of a subset, or of several; none if one of them is unknown."""
    if subset is None or subset == "all":
        return layout.entries
    wanted = subset.split("+")
    if not set(wanted) <= set(layout.subsets):
        return []
    return [entry for entry in layout.entries if not set(wanted).isdisjoint(entry.subsets)]


def _song(entry: SongEntry, harmonic: str, cache: StemCache | None) -> Song:
    def stem(path: Path) -> Stem:
        found = Stem.of(path)
        if found.seekable or cache is None:
            return found
        return Stem.of(cache.decode(path, entry.name))

    percussive, others = (tuple(map(stem, paths)) for paths in entry.files())
    return Song(entry.name, percussive, others, harmonic == "difference", entry.subset)


def _lengths(song: Song) -> list[Problem]:
    lengths = {stem.path.name: stem.frames for stem in song.stems}
    if len(set(lengths.values())) == 1:
        return []
    listed = ", ".join(f"{name}: {frames}" for name, frames in lengths.items())
    return [Problem(song.name, f"its stems differ in samples ({listed}); silence fills them up")]
