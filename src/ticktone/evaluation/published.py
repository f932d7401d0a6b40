"""Other systems' results, as SiSEC 2018 published them: a folder a system, a JSON file a song.

Stöter, Liutkus, Ito, "The 2018 signal separation evaluation campaign", LVA/ICA 2018; the files are
in the repository sigsep/sigsep-mus-2018. Its drums are our percussive part.
"""

from pathlib import Path

from ticktone.errors import TicktoneError
from ticktone.evaluation.results import read_published
from ticktone.evaluation.scores import Scores

_OURS = {"drums": "percussive"}  # what others call our parts


def read_systems(folder: Path) -> dict[str, dict[str, Scores]]:
    """Read the results of every system in a folder.

    Parameters
    ----------
    folder : Path
        ``SYSTEM/SONG.json`` or, as SiSEC has it, ``SYSTEM/test/SONG.json``.

    Returns
    -------
    dict of dict of Scores
        By system and song. Systems that have neither a percussive part nor drums are left out.

    Raises
    ------
    TicktoneError
        If there is none, or a file cannot be read.
    """
    if not folder.is_dir():
        raise TicktoneError("is not a folder; check the spelling", folder)
    systems = {}
    for system in sorted(path for path in folder.iterdir() if path.is_dir()):
        songs = {path.stem: _renamed(read_published(path)) for path in _files(system)}
        percussive = {name: found for name, found in songs.items() if "percussive" in found.values}
        if percussive:
            systems[system.name] = percussive
    if not systems:
        raise TicktoneError(
            "holds no results for drums; expected SYSTEM/test/SONG.json, as museval writes them",
            folder,
        )
    return systems


def _files(system: Path) -> list[Path]:
    return sorted(path for path in system.rglob("*.json") if not path.name.startswith("."))


def _renamed(scores: Scores) -> Scores:
    values = {_OURS.get(name, name): metrics for name, metrics in scores.values.items()}
    return Scores(values, scores.window, scores.hop)
