"""How much of each time-frequency bin is harmonic and how much percussive; one file a paper."""

from dataclasses import fields
from importlib import import_module
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, get_args

from ticktone.errors import TicktoneError, unknown

if TYPE_CHECKING:
    from ticktone.methods.base import Method

DEFAULT = "folded-3w-unet"
# Each name's module and class, loaded when it is asked for.
_HOMES = {
    "median": ("median", "Median"),
    "hpr": ("hpr", "HPR"),
    "diffusion": ("diffusion", "Diffusion"),
    "anisotropic": ("anisotropic", "Anisotropic"),
    "kam": ("kam", "KAM"),
    "nmf": ("nmf", "NMF"),
}


def methods() -> tuple[str, ...]:
    """List the names that `method=` takes; the path of an exported network (.onnx) will do too."""
    from ticktone.models import models

    return (*_HOMES, *models())


def make_method(name: str, *, threads: int | None = None, **options: Any) -> "Method":
    """Make a method by name.

    Parameters
    ----------
    name : str
        One of `methods()`, or the path of an .onnx file with its card beside it.
    threads : int, optional
        For methods that compute with threads of their own.
    **options
        The method's own, as its class documents them.

    Raises
    ------
    TicktoneError
        If there is no such method or option (near matches are named), or a value is refused.
    """
    if name in _HOMES:
        module, kind = _HOMES[name]
    elif name in methods() or name.endswith(".onnx"):
        module, kind = "network", "Network"
        options = {"model": name, **options}
    else:
        raise TicktoneError(unknown("method", name, methods()))
    cls = getattr(import_module(f"ticktone.methods.{module}"), kind)
    kinds = {field.name: get_args(field.type) or (field.type,) for field in fields(cls)}
    if threads is not None and "threads" in kinds:
        options = {"threads": threads, **options}
    for option, value in options.items():
        if option not in kinds:
            raise TicktoneError(unknown(f"option of {name}", option, kinds))
        if not _is_of(value, kinds[option]):
            kind = kinds[option][0].__name__
            raise TicktoneError(f"method {name}: {option} must be of type {kind}, not {value!r}")
    try:
        method: Method = cls(**options)
    except ValueError as error:
        raise TicktoneError(f"method {name}: {error}") from None
    return method


def _is_of(value: Any, kinds: tuple[type, ...]) -> bool:
    """Return whether a value is of one of these types: an int is a float, a bool is none."""
    if isinstance(value, bool):
        return bool in kinds
    wider = {int: Integral, float: Real}
    return isinstance(value, tuple(wider.get(kind, kind) for kind in kinds))
