"""The errors that a user can correct, and the context that puts a file's name to them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches


class TicktoneError(Exception):
    """A cause and its remedy in one line; everything else that is raised is a bug.

    Parameters
    ----------
    cause : str
        One line: what is wrong and what to do about it.
    path : path-like, optional
        The file it is about; the message then begins with it.

    Examples
    --------
    >>> import ticktone
    >>> try:
    ...     ticktone.Separator("medain")
    ... except TicktoneError as error:
    ...     print(error)
    unknown method 'medain'; did you mean median?
    """

    def __init__(self, cause: str, path: object = None) -> None:
        self.cause = cause
        self.path = None if path is None else str(path)
        super().__init__(cause, self.path)  # both, so that it survives pickling between processes

    def __str__(self) -> str:
        return self.cause if self.path is None else f"{self.path}: {self.cause}"


class OptionError(TicktoneError, ValueError):
    """An option that is unknown, of the wrong type or out of its range."""


class ShapeError(TicktoneError, ValueError):
    """Audio whose channels and samples seem to have changed places."""


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """Return the message that a name is unknown, with the names it may have been meant to be."""
    names = list(known)
    near = get_close_matches(str(name), names, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names)}"
    return f"unknown {kind} {name!r}; {hint}"


@contextmanager
def naming(source: object) -> Iterator[None]:
    """Add a file's name to errors that lack it, in the `with` block.

    Raises
    ------
    TicktoneError
        In place of I/O errors and of memory that runs out, too.
    """
    try:
        yield
    except TicktoneError as error:
        raise error if error.path else TicktoneError(error.cause, source) from None
    except MemoryError:
        raise TicktoneError("needs more memory than there is; close programs", source) from None
    except OSError as error:
        raise TicktoneError(f"I/O error: {error.strerror or error}", source) from None
