"""How much of each time-frequency bin is harmonic and how much percussive; one file a paper."""

from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from ticktone.errors import TicktoneError
from ticktone.methods.base import Method
from ticktone.methods.diffusion import Diffusion
from ticktone.methods.hpr import HPR
from ticktone.methods.median import Median

_METHODS: dict[str, Any] = {cls.name: cls for cls in (Median, HPR, Diffusion)}
DEFAULT = Median.name


def methods() -> tuple[str, ...]:
    """List the names that `method=` takes."""
    return tuple(_METHODS)


def make_method(name: str, **options: Any) -> Method:
    """Make a method by name.

    Parameters
    ----------
    name : str
        One of `methods()`.
    **options
        The method's own, as its class documents them.

    Raises
    ------
    TicktoneError
        If there is no such method or option (near matches are named), or a value is refused.
    """
    if name not in _METHODS:
        raise TicktoneError(_unknown("method", name, methods()))
    known = [field.name for field in fields(_METHODS[name])]
    for option in options:
        if option not in known:
            raise TicktoneError(_unknown(f"option of {name}", option, known))
    try:
        method: Method = _METHODS[name](**options)
    except ValueError as error:
        raise TicktoneError(f"method {name}: {error}") from None
    return method


def _unknown(kind: str, name: str, known: Any) -> str:
    near = get_close_matches(name, known, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known)}"
    return f"unknown {kind} {name!r}; {hint}"
