"""Songs of a corpus: what they are made of, and how they lie on disk."""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from ticktone.corpus.effects import Sound, level_db
from ticktone.errors import TicktoneError, naming


@dataclass(frozen=True)
class Source:
    """A file, and the song it becomes.

    Parameters
    ----------
    path : Path
    source : str
        The path from the folder that was given, with that folder's name: it does not depend on
        where the folder lies.
    name : str
        Of the song.
    version : int
        From 0 where several songs are made of a file.
    """

    path: Path
    source: str
    name: str
    version: int = 0


def find_sources(
    paths: Sequence[Path], extensions: Collection[str], what: str, versions: int = 1
) -> list[Source]:
    """List the files that are named or lie in folders that are, at any depth.

    Parameters
    ----------
    paths : sequence of Path
    extensions : collection of str
        Of the files in folders, in lower case, without the dot. Hidden files do not count.
    what : str
        What they are, for people.
    versions : int

    Raises
    ------
    TicktoneError
        If there is none, or two would become songs of the same name.
    """
    sources: dict[str, Source] = {}
    for path in paths:
        if not os.path.exists(path):
            raise TicktoneError("no such file or folder; check the spelling", path)
        files = sorted(_visible(path, extensions)) if os.path.isdir(path) else [path]
        if not files:
            raise TicktoneError(f"holds no {what}; name a folder that does", path)
        for file in files:
            source = source_name(file, path)
            song = "-".join(Path(source).with_suffix("").parts).removeprefix(".")
            for version in range(versions):
                name = f"{song}.{version + 1}" if version else song
                rival = sources.setdefault(name, Source(file, source, name, version))
                if not rival.path.samefile(file):
                    raise TicktoneError(f"would be called as {rival.path}; rename one", file)
    return list(sources.values())


def _visible(folder: Path, extensions: Collection[str]) -> Iterator[Path]:
    for file in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.suffix[1:].lower() in extensions and not hidden and file.is_file():
            yield file


def source_name(file: Path, given: Path) -> str:
    """Return a file's path relative to the folder given, or to the folder of the file given."""
    absolute = Path(os.path.abspath(given))  # noqa: PTH100  (a link keeps its name)
    name = absolute.name / file.relative_to(given)
    return os.fsencode(name).decode(errors="replace")


def write_song(folder: Path, stems: Mapping[str, Sound], sample_rate: int, channels: int) -> None:
    """Write stems as `NAME.flac`, 16 bit, beside their place, and move them there together.

    Parameters
    ----------
    folder : Path
        The song's; replaced if it is there.
    stems : mapping of str to ndarray [shape=(2, samples)]
    sample_rate : int
        Hz.
    channels : {1, 2}
        1: the mean of both.

    Raises
    ------
    TicktoneError
        If the files cannot be written.
    """
    beside = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(beside, ignore_errors=True)  # which a run that was killed has left
        beside.mkdir(parents=True)
        for name, sound in stems.items():
            samples = sound.mean(axis=0) if channels == 1 else sound.T
            soundfile.write(beside / f"{name}.flac", samples, sample_rate, subtype="PCM_16")
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)
    except (OSError, soundfile.LibsndfileError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise TicktoneError(
            f"cannot be written: {cause}; choose another --output", folder
        ) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def levels(stems: Mapping[str, Sound], sample_rate: int) -> dict[str, float]:
    """Measure stems in dB (see `level_db`); silent ones are left out."""
    found = {name: level_db(sound, sample_rate) for name, sound in stems.items()}
    return {name: round(db, 2) for name, db in found.items() if np.isfinite(db)}


def digest(path: Path) -> str:
    """Return a file's sha256."""
    with naming(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
