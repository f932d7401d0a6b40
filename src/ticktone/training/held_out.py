"""A check that nothing is learnt from what a network is measured by."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from ticktone.corpus.corpus_manifest import overlap, read_manifest
from ticktone.corpus.exclusions import exclusions
from ticktone.errors import TicktoneError

_LISTED = 3  # songs that are named in a message


def refuse_measured_songs(
    learnt: Sequence[tuple[str, Sequence[str]]], held_out: Sequence[str]
) -> None:
    """Refuse to learn from songs that are validated with, or that are of their projects.

    A song is refused if its name is that of one in the folders that are held out; if both names
    tell the same project; and, where it lies in a corpus with a manifest, if it was made of a file
    whose content lies there, too, or is excluded by its content or its author: see
    `ticktone.corpus.exclusions`.

    Parameters
    ----------
    learnt : sequence of (str, sequence of str)
        Each folder to learn from, voices included, and the names of its songs.
    held_out : sequence of str
        Folders to validate with.

    Raises
    ------
    TicktoneError
        If a song is refused: which, and why.
    """
    measured = {_folded(path.name) for folder in held_out for path in Path(folder).iterdir()}
    projects = set(chain.from_iterable(map(exclusions().projects_of, measured)))
    for folder, names in learnt:
        entries = read_manifest(Path(folder))
        for entry in entries:
            try:
                exclusions().check(entry.sha256, (entry.source, entry.name))
            except TicktoneError as error:
                raise TicktoneError(error.cause, Path(folder, entry.name)) from None
        found = {name for name in names if _folded(name) in measured}
        found |= {name for name in names if exclusions().projects_of(name) & projects}
        for other in held_out if entries else ():  # which reads all that lies there
            found |= {entry.name for entry in overlap(entries, Path(other))}
        if found:
            listed = ", ".join(sorted(found)[:_LISTED])
            more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
            raise TicktoneError(
                f"of these songs, or of their project, there are some in validation.path: "
                f"{listed}{more}; do not learn from them",
                folder,
            )


def _folded(name: str) -> str:
    return name.casefold()
