"""Harmonic/percussive source separation: what rings, and what hits.

>>> import ticktone
>>> harmonic, percussive = ticktone.separate(audio, sample_rate)  # doctest: +SKIP

Most names below are loaded on first use, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# At once, or the packages of these names would take their places.
from ticktone.methods import methods
from ticktone.stretch import stretch

if TYPE_CHECKING:
    from ticktone.drop_in import hpss
    from ticktone.errors import TicktoneError
    from ticktone.mixing import remix
    from ticktone.separator import Separation, SeparationWithResidual, Separator, separate

    __version__: str

__all__ = [
    "Separation",
    "SeparationWithResidual",
    "Separator",
    "TicktoneError",
    "__version__",
    "hpss",
    "methods",
    "remix",
    "separate",
    "stretch",
]

_HOMES = {
    "Separation": "separator",
    "SeparationWithResidual": "separator",
    "Separator": "separator",
    "TicktoneError": "errors",
    "hpss": "drop_in",
    "remix": "mixing",
    "separate": "separator",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("ticktone")
    if name in _HOMES:
        return getattr(import_module(f"ticktone.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'ticktone' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
