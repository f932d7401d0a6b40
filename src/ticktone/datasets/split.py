"""Division of songs into two lists, the same everywhere and with every version."""

from collections.abc import Iterable
from hashlib import sha256

SEED = 2019  # the year of Lordelo et al., who do not say which songs they held out


def split(
    names: Iterable[str], fraction: float = 0.8, seed: int = SEED
) -> tuple[list[str], list[str]]:
    """Return names divided into two lists.

    They are shuffled by the SHA-256 of ``SEED:NAME``: this needs no random generator, whose
    numbers may change, and a missing name moves at most one other.

    Parameters
    ----------
    names : iterable of str
        In any order.
    fraction : float
        The first list's share, from 0 to 1, rounded to whole names.
    seed : int

    Returns
    -------
    first, second : list of str
        Sorted.

    Raises
    ------
    ValueError
        If a name occurs twice or the fraction is out of range.

    Examples
    --------
    >>> split(["a", "b", "c", "d"], 0.75)
    (['a', 'b', 'c'], ['d'])
    """
    shuffled = sorted(
        names, key=lambda name: sha256(f"{seed}:{name}".encode(errors="surrogateescape")).digest()
    )
    if len(set(shuffled)) < len(shuffled):
        raise ValueError("a name occurs twice and might be on both sides")
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction must be from 0 to 1, not {fraction}")
    count = round(fraction * len(shuffled))
    return sorted(shuffled[:count]), sorted(shuffled[count:])
