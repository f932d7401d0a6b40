"""Music whose harmonic and percussive parts are known: MUSDB18(-HQ), DSD100, folders of stems.

>>> from ticktone.datasets import open_dataset
>>> for song in open_dataset("MUSDB18-HQ", subset="test"):  # doctest: +SKIP
...     excerpt = song.mono("percussive", start=44_100, frames=66_048)
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from ticktone.datasets.cache import decoded
from ticktone.datasets.dataset import Dataset, Problem, check
from ticktone.datasets.dsd100 import dsd100
from ticktone.datasets.folders import stem_folder, stem_folders
from ticktone.datasets.layout import Entry, Layout
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
    progress: Callable[[float], None] | None = None,
) -> Dataset:
    """Open a data set: look at the header of every file that is needed, and at no sound yet.

    Parameters
    ----------
    path : path-like
        Its folder.
    kind : {"musdb18", "musdb18hq", "dsd100", "folders"}, optional
        Default: told by what is in the folder.
    subset : {"train", "validation", "test"}, optional
        Default: all songs. DSD100 has no validation songs; folders have no subsets (see `split`).
    percussive : sequence of str, optional
        Patterns of the names of percussive files, for `kind` "folders", which it implies; see
        `ticktone.datasets.folders.stem_folders`.
    cache : path-like, optional
        A folder for decoded stems. MUSDB18 needs it; it makes excerpts of Vorbis, Opus and MP3
        stems fast. What is there already is not decoded again.
    one_part : bool
        Whether songs whose folder holds only percussive or only harmonic stems are songs too, with
        no samples of the other part. They are material to mix, not mixtures.
    progress : callable, optional
        Told the fraction of songs that are ready, from 0 to 1.

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
    storage = None if cache is None else Path(cache) / "ticktone-stems"
    layout = _recognise(folder, kind, percussive, storage, one_part)
    entries = [entry for entry in layout.entries if subset in (None, entry.subset)]
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
            if error.path is None or (storage and Path(error.path).is_relative_to(storage)):
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
    path: str | os.PathLike[str], *, percussive: Sequence[str] | None = None
) -> tuple[str, ...]:
    """List the subsets that a folder's layout has; see `open_dataset`."""
    return _recognise(Path(path), None, percussive, None, False).subsets


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
    cache: Path | None,
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


def _song(entry: Entry, harmonic: str, cache: Path | None) -> Song:
    def stem(path: Path) -> Stem:
        found = Stem.of(path)
        if found.seekable or cache is None:
            return found
        return Stem.of(decoded(path, cache / entry.name))

    percussive, others = (tuple(map(stem, paths)) for paths in entry.files())
    return Song(entry.name, percussive, others, harmonic == "difference", entry.subset)


def _lengths(song: Song) -> list[Problem]:
    lengths = {stem.path.name: stem.frames for stem in song.stems}
    if len(set(lengths.values())) == 1:
        return []
    listed = ", ".join(f"{name}: {frames}" for name, frames in lengths.items())
    return [Problem(song.name, f"its stems differ in samples ({listed}); silence fills them up")]
