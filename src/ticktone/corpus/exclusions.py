"""Songs that may never be learnt from, as others of their authors measure what was learnt."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ticktone.errors import TicktoneError

_FILE = "excluded.toml"


@dataclass(frozen=True)
class Exclusions:
    """Whose songs, and which, are left out.

    Parameters
    ----------
    authors : tuple of str
        Whatever the case, and whether their words are parted by spaces, hyphens or nothing.
    sha256 : frozenset of str
        Of songs.
    projects : tuple of str
        Words in the names of songs that are of one project.
    """

    authors: tuple[str, ...]
    sha256: frozenset[str]
    projects: tuple[str, ...] = ()

    def projects_of(self, name: str) -> set[str]:
        """Return the projects that a song's name tells."""
        said = set(_words(name).split())
        return {project for project in self.projects if _words(project) in said}

    def check(self, sha256: str, texts: Iterable[str]) -> None:
        """Refuse a song that is excluded.

        Parameters
        ----------
        sha256 : str
            Of its file.
        texts : iterable of str
            Its path, title and whatever else may name its author.

        Raises
        ------
        TicktoneError
            If it is excluded.
        """
        if sha256 in self.sha256:
            raise TicktoneError("is one of the songs that ticktone is measured by; leave it out")
        said = [_words(text) for text in texts]
        for author in self.authors:
            pattern = re.compile(rf"\b{' ?'.join(_words(author).split())}\b")
            if any(pattern.search(text) for text in said):
                raise TicktoneError(
                    f"is by {author}, by whose songs ticktone is measured; leave it out"
                )


def _words(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold())


@cache
def exclusions() -> Exclusions:
    """Return the exclusions that come with ticktone."""
    content = tomllib.loads((files("ticktone.corpus") / _FILE).read_text(encoding="utf-8"))
    songs = frozenset(song["sha256"] for song in content["song"])
    return Exclusions(tuple(content["authors"]), songs, tuple(content["projects"]))
