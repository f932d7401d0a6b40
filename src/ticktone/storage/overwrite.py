"""Which files may be replaced by an output, and which may not."""

from ticktone.errors import TicktoneError
from ticktone.storage.location import Location, Uri, state_of

EXISTING = ("refuse", "overwrite", "skip")  # what to do where an output is there already


def refuse_loss(
    source: Location, path: Location, existing: str, since: float | None = None
) -> None:
    """Refuse an output that is the recording itself, or that may not be replaced.

    Parameters
    ----------
    source, path : Path or Uri
        The recording, and where its output goes.
    existing : {"refuse", "overwrite", "skip"}
    since : float, optional
        Seconds since 1970. What was changed later an earlier attempt left there, and is replaced
        whatever `existing` says.

    Raises
    ------
    TicktoneError
    """
    there = state_of(path)
    if there is None:
        return
    if _are_same(source, path):
        raise TicktoneError("would be overwritten by its own output; rename it", source)
    if there.is_folder:
        raise TicktoneError(f"its output {path} is a folder; move that folder", source)
    is_earlier_attempt = since is not None and there.changed is not None and there.changed >= since
    if existing == "refuse" and not is_earlier_attempt:
        raise TicktoneError(f"{path} exists; use --overwrite or --skip-existing", source)


def is_file(path: Location) -> bool:
    """Return whether a file, not a folder, is there."""
    there = state_of(path)
    return there is not None and not there.is_folder


def _are_same(source: Location, path: Location) -> bool:
    if isinstance(source, Uri) or isinstance(path, Uri):
        return source == path
    return path.samefile(source)
