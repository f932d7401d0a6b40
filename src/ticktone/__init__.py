"""Harmonic/percussive source separation: what is harmonic, and what is percussive.

>>> import ticktone
>>> harmonic, percussive = ticktone.separate(audio, sample_rate)  # doctest: +SKIP

The names below are loaded on first use, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

# At once, or the packages of these names would take their places.
from ticktone.methods import methods
from ticktone.stretch import stretch

if TYPE_CHECKING:
    from ticktone.archive.many_files import remix_files, separate_files
    from ticktone.archive.one_file import separate_file
    from ticktone.archive.result import FileResult
    from ticktone.at_once import remix, separate
    from ticktone.errors import TicktoneError
    from ticktone.librosa_compat import harmonic, hpss, percussive
    from ticktone.parts import Separation, SeparationWithResidual
    from ticktone.separator import Separator

    __version__: str

__all__ = [
    "FileResult",
    "Separation",
    "SeparationWithResidual",
    "Separator",
    "TicktoneError",
    "__version__",
    "harmonic",
    "hpss",
    "methods",
    "percussive",
    "remix",
    "remix_files",
    "separate",
    "separate_file",
    "separate_files",
    "stretch",
]

if not TYPE_CHECKING:  # or every misspelt name would pass for one that is loaded on first use
    _HOMES = {
        "FileResult": "archive.result",
        "Separation": "parts",
        "SeparationWithResidual": "parts",
        "Separator": "separator",
        "TicktoneError": "errors",
        "harmonic": "librosa_compat",
        "hpss": "librosa_compat",
        "percussive": "librosa_compat",
        "remix": "at_once",
        "remix_files": "archive.many_files",
        "separate": "at_once",
        "separate_file": "archive.one_file",
        "separate_files": "archive.many_files",
    }

    def __getattr__(name):
        if name == "__version__":
            return import_module("ticktone._version").package_version()
        if name in _HOMES:
            return getattr(import_module(f"ticktone.{_HOMES[name]}"), name)
        raise AttributeError(f"module 'ticktone' has no attribute {name!r}")

    def __dir__():
        return __all__
