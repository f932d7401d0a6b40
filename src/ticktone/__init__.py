"""Harmonic/percussive source separation: what rings, and what hits.

>>> import ticktone
>>> harmonic, percussive = ticktone.separate(audio, sample_rate)  # doctest: +SKIP

The names below are loaded on first use, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ticktone.errors import TicktoneError
    from ticktone.hpss import hpss
    from ticktone.methods import methods
    from ticktone.remix import remix
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
]

_HOMES = {
    "Separation": "separator",
    "SeparationWithResidual": "separator",
    "Separator": "separator",
    "TicktoneError": "errors",
    "hpss": "hpss",
    "methods": "methods",
    "remix": "remix",
    "separate": "separator",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("ticktone")
    if name in _HOMES:
        # A submodule of the same name is set on the package by its import; ours replaces it.
        value = getattr(import_module(f"ticktone.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'ticktone' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
