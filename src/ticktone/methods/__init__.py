"""How much of each time-frequency bin is harmonic and how much percussive; one file a paper."""

from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

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
    TypeError
        If `name` is no text.
    """
    from ticktone.options import construct

    if not isinstance(name, str):
        raise TypeError(f"a method's name is text, not {name!r}; see ticktone.methods()")
    if name in _HOMES:
        module, kind = _HOMES[name]
    elif name in methods() or name.endswith(".onnx"):
        module, kind = "network", "Network"
        options = {"model": name, **options}
    else:
        raise TicktoneError(unknown("method", name, methods()))
    cls: type[Method] = getattr(import_module(f"ticktone.methods.{module}"), kind)
    if threads is not None and "threads" in signature(cls).parameters:
        options = {"threads": threads, **options}
    return construct(cls, options, "method", name)
