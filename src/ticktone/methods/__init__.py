"""How much of each time-frequency bin is harmonic and how much percussive; one file a paper."""

from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

from ticktone.errors import TicktoneError, unknown

if TYPE_CHECKING:
    from ticktone.methods.base import Method


@dataclass(frozen=True)
class Purpose:
    """A method by what it is for: the name that says so, the method, and one line about it."""

    name: str
    method: str
    line: str


# The only place where they stand: names that stay when a better method takes one over.
PURPOSES = (
    Purpose("best", "folded-3w-unet", "the cleanest drums and everything else"),
    Purpose("fast", "folded-3w-unet-small", "nearly the same, by a quarter of the network"),
    Purpose("live", "folded-3w-unet-causal", "looks hardly ahead, so it also runs live"),
    Purpose("classic", "median", "no network: median filters"),
)
DEFAULT = PURPOSES[0].method
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
    """List the names that `method=` takes.

    The path of an exported network (.onnx) will do too, and so will `best`, `fast`, `live` and
    `classic`, which stand for one of them each.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> methods()[0], "folded-3w-unet" in methods()
    ('median', True)
    """
    from ticktone.models import models

    return (*_HOMES, *models())


def resolve(name: str) -> str:
    """Return the method that a purpose stands for; any other name as it is.

    >>> resolve("classic"), resolve("hpr")
    ('median', 'hpr')
    """
    return {purpose.name: purpose.method for purpose in PURPOSES}.get(name, name)


def make_method(name: str, /, *, threads: int | None = None, **options: Any) -> "Method":
    """Make a method by name.

    Parameters
    ----------
    name : str
        One of `methods()`, the name of a purpose, or the path of an .onnx file with its card
        beside it.
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
    from ticktone.options import construct, refuse_taken

    if not isinstance(name, str):
        raise TypeError(f"a method's name is text, not {name!r}; see ticktone.methods()")
    name = resolve(name)
    if name in _HOMES:
        module, kind = _HOMES[name]
    elif name in methods() or name.endswith(".onnx"):
        refuse_taken(options, name, "model")
        module, kind = "network", "Network"
        options = {"model": name, **options}
    else:
        raise TicktoneError(
            unknown("method", name, (*(purpose.name for purpose in PURPOSES), *methods()))
        )
    cls: type[Method] = getattr(import_module(f"ticktone.methods.{module}"), kind)
    if threads is not None and "threads" in signature(cls).parameters:
        options = {"threads": threads, **options}
    return construct(cls, options, "method", name)
