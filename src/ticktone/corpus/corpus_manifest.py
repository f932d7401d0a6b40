"""The manifest: one line of JSON for each song of a corpus, written as it is finished."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ticktone.corpus.song_writer import Source, digest
from ticktone.errors import TicktoneError, naming

NAME = "manifest.jsonl"


@dataclass(frozen=True)
class SongRecord:
    """What is to be known of a song.

    Parameters
    ----------
    name : str
        Of its folder.
    source : str
        The file it was made of, as a path from the folder that was given.
    sha256 : str
        Of that file.
    seconds : float
    sample_rate : int
        Hz.
    files : list of str
        Its stems.
    licences : list of str
        Of the source and of all that it was played on.
    players : list of str
        SoundFonts, kits and instruments; none for a recording.
    levels : dict
        dB, by part; see `ticktone.corpus.effects.level_db`.
    start : float
        Seconds into the source.
    seed : int
    options : dict
        The other options that it was made with.
    ticktone : str
        The version that made it.
    """

    name: str
    source: str
    sha256: str
    seconds: float
    sample_rate: int
    files: list[str]
    licences: list[str]
    players: list[str] = field(default_factory=list)
    levels: dict[str, float] = field(default_factory=dict)
    start: float = 0.0
    seed: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    ticktone: str = ""


def read_manifest(folder: Path) -> list[SongRecord]:
    """Read a corpus's manifest; none of its songs are looked at.

    Of two lines about a song the later counts. A last line that was not finished, as a run that
    is killed may leave it, does not count.

    Raises
    ------
    TicktoneError
        If it is damaged or cannot be read.
    """
    path = folder / NAME
    if not path.exists():
        return []
    with naming(path):
        *lines, _ = path.read_bytes().split(b"\n")
    entries = {}
    for number, line in enumerate(lines, 1):
        try:
            entry = SongRecord(**json.loads(line))
        except (ValueError, TypeError):
            raise TicktoneError(f"line {number} is damaged; remove it", path) from None
        entries[entry.name] = entry
    return list(entries.values())


class CorpusManifest:
    """A corpus's manifest, to be added to.

    Parameters
    ----------
    folder : Path
        Of the corpus; made if it is not there.

    Raises
    ------
    TicktoneError
        If it is damaged or cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / NAME
        self._entries = {entry.name: entry for entry in read_manifest(folder)}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+") as file:
                file.seek(0)
                content = file.read()
                if not content.endswith(b"\n"):  # a line that was not finished
                    file.truncate(content.rfind(b"\n") + 1)
        except OSError as error:
            raise _unwritable(folder, error) from None

    def lacks(self, source: Source, options: Mapping[str, Any], content: str | None = None) -> bool:
        """Return whether a song is yet to be made.

        Parameters
        ----------
        source : Source
        options : mapping
        content : str, optional
            The sha256 of what it is made of. Default: that of the source's file.

        Raises
        ------
        TicktoneError
            If a song of this name is there, but made of another file or with other options.
        """
        entry = self._entries.get(source.name)
        if entry is None:
            return True
        if not all((self.folder / source.name / file).is_file() for file in entry.files):
            return True
        if entry.sha256 != (content or digest(source.path)):
            raise TicktoneError(
                f"is not the file that {self.folder / source.name} was made of; rename it, "
                "or remove that folder",
                source.path,
            )
        made = {"seed": entry.seed, "sample_rate": entry.sample_rate, **entry.options}
        for name, value in made.items():
            if value != options.get(name, value):
                raise TicktoneError(
                    f"was made with {name} {value}, not {options[name]}; choose another --output",
                    self.folder / source.name,
                )
        return False

    def add(self, entry: SongRecord) -> None:
        """Add a song, in place of one of the same name.

        Raises
        ------
        TicktoneError
            If it cannot be written.
        """
        self._entries[entry.name] = entry
        line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise _unwritable(self.folder, error) from None


def _unwritable(folder: Path, error: OSError) -> TicktoneError:
    return TicktoneError(f"cannot be written: {error.strerror}; choose another --output", folder)


def overlap(entries: Iterable[SongRecord], folder: Path) -> list[SongRecord]:
    """Find the songs of a corpus that are in another folder too, such as one to validate with.

    A song is there if a folder or file is called so, whatever the case and the extension, or if
    a file has the content of the one that the song was made of, or, where the folder is a corpus,
    if one of its songs was made of that. A recording that was coded anew, cut or levelled is told
    by its name alone.

    Parameters
    ----------
    entries : iterable of SongRecord
        See `read_manifest`.
    folder : Path

    Raises
    ------
    TicktoneError
        If the folder is not there or cannot be read: nothing could be said.
    """
    if not folder.is_dir():
        raise TicktoneError("is not a folder; check the spelling", folder)
    songs = [path for path in folder.iterdir() if path.name != NAME]
    names = {(path.name if path.is_dir() else path.stem).casefold() for path in songs}
    contents = {digest(path) for path in folder.rglob("*") if path.is_file()}
    contents |= {entry.sha256 for entry in read_manifest(folder)}
    return [
        entry for entry in entries if entry.name.casefold() in names or entry.sha256 in contents
    ]
