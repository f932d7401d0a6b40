"""Folders of stems: one folder a song, one sound file a stem, all together the mixture."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from ticktone.audio.formats import READABLE
from ticktone.datasets.layout import Files, Layout, SongEntry, list_folders
from ticktone.errors import TicktoneError

PERCUSSIVE = ("percussive.*", "drums.*")


def stem_folders(
    path: Path, percussive: Sequence[str] | None = None, one_part: bool = False
) -> Layout:
    """Return the layout of folders of stems, and a folder's songs in it.

    A song holds ``percussive.*`` and ``harmonic.*``, or stems and a rule that divides them.

    Parameters
    ----------
    path : Path
    percussive : sequence of str, optional
        The rule: shell patterns of the names of the percussive files. Every other sound file is
        harmonic, except one called ``mixture``. Default: `PERCUSSIVE`.
    one_part : bool
        Whether a folder may hold stems of one part alone.
    """
    return Layout(
        kind="folders",
        expected="SONG/percussive.* with SONG/harmonic.*, or SONG/drums.* with bass, vocals...",
        harmonic="sum",
        subsets=(),
        entries=[
            stem_folder(song, percussive, one_part)
            for song in list_folders(path)
            if _sound_files(song)
        ],
    )


def stem_folder(
    song: Path, percussive: Sequence[str] | None = None, one_part: bool = False
) -> SongEntry:
    """Return one folder as a song; see `stem_folders`."""
    percussive = [percussive] if isinstance(percussive, str) else percussive  # not its letters
    return SongEntry(song.name, partial(_files, song, percussive, one_part))


def _files(song: Path, rule: Sequence[str] | None, one_part: bool) -> Files:
    found: dict[str, Path] = {}
    for file in _sound_files(song):
        twin = found.setdefault(file.stem.lower(), file)
        if twin is not file:
            raise TicktoneError(f"holds {twin.name} and {file.name}; keep one", song)
    found.pop("mixture", None)
    patterns = [pattern.lower() for pattern in rule or PERCUSSIVE]
    parts: dict[str, list[Path]] = {"percussive": [], "harmonic": []}
    for file in found.values():
        is_percussive = any(fnmatchcase(file.name.lower(), pattern) for pattern in patterns)
        parts["percussive" if is_percussive else "harmonic"].append(file)
    held = ", ".join(file.name for file in found.values())
    for part, files in parts.items():
        if not files and not (one_part and found):
            raise TicktoneError(
                f"has no {part} stem: it holds {held or 'no stems'}, of which "
                f"{' and '.join(patterns)} would be percussive",
                song,
            )
        if rule is None and part in found and len(files) > 1:  # one may well contain the others
            raise TicktoneError(
                f"holds {held}; if {found[part].name} is the sum of others, remove these, "
                "else give patterns of what is percussive",
                song,
            )
    return parts["percussive"], parts["harmonic"]


def _sound_files(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.iterdir()
        if file.suffix[1:].lower() in READABLE
        and not file.is_dir()  # but links that lead nowhere: a stem would be missing
        and not file.name.startswith(".")
    )
