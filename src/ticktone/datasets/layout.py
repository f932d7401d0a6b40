"""How songs lie in folders; one file beside this for each data set."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ticktone.errors import TicktoneError

Files = tuple[list[Path], list[Path]]  # percussive ones, and those that make the rest


@dataclass(frozen=True)
class SongEntry:
    """A song that was found.

    Parameters
    ----------
    name : str
    files : callable
        Finds its stems, or raises `TicktoneError` if one is missing.
    subsets : tuple of str
        Those it belongs to: the first is the one its results are filed under.
    """

    name: str
    files: Callable[[], Files]
    subsets: tuple[str, ...] = ()

    @property
    def subset(self) -> str | None:
        """The first of its subsets; None if there is none."""
        return self.subsets[0] if self.subsets else None


@dataclass(frozen=True)
class Layout:
    """A layout, and the songs that a folder has in it.

    Parameters
    ----------
    kind : str
        Its name.
    expected : str
        The paths it is known by, for people.
    harmonic : {"difference", "sum"}
        Whether the harmonic part is the mixture minus the percussive part, so that the mixture
        is among an entry's files, or the sum of the other stems.
    subsets : tuple of str
    entries : list of SongEntry
        None if the folder is laid out otherwise.
    """

    kind: str
    expected: str
    harmonic: str
    subsets: tuple[str, ...]
    entries: list[SongEntry]


def list_folders(path: Path) -> list[Path]:
    """Return the visible folders in a folder, sorted; none where there is no such folder."""
    if not path.is_dir():
        return []
    return sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))


def find_wav_stems(folder: Path, *names: str) -> list[Path]:
    """Return the path of `NAME.wav` for each name.

    Raises
    ------
    TicktoneError
        If one is missing.
    """
    paths = [folder / f"{name}.wav" for name in names]
    if missing := [path.name for path in paths if not path.is_file()]:
        raise TicktoneError(f"has no {', '.join(missing)}; unpack the data set again", folder)
    return paths
