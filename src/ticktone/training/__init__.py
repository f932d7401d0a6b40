"""Training the networks: recipe -> songs -> examples -> loss -> loop -> checkpoint.

>>> from pathlib import Path
>>> from ticktone.training import read_recipe, train
>>> recipe = read_recipe("recipes/quick.toml", ["data.path=STEMS"])  # doctest: +SKIP
>>> train(recipe, Path("runs/quick"))  # doctest: +SKIP
"""

import warnings
from typing import Any

from ticktone.training.checkpoint import load, network_from
from ticktone.training.curves import EpochRecord
from ticktone.training.loop import TrainingResult, train
from ticktone.training.normalisation import Normalisation
from ticktone.training.recipe import Recipe, read_recipe, recipe_from
from ticktone.training.reporter import Reporter
from ticktone.training.validation import TorchMethod, ValidationScores, validate

__all__ = [
    "EpochRecord",
    "Normalisation",
    "Recipe",
    "Reporter",
    "TorchMethod",
    "TrainingResult",
    "ValidationScores",
    "load",
    "network_from",
    "read_recipe",
    "recipe_from",
    "train",
    "validate",
]

_FORMER = {"Outcome": "TrainingResult", "Scores": "ValidationScores"}


def __getattr__(name: str) -> Any:
    if name not in _FORMER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    message = f"ticktone.training.{name} is now called {_FORMER[name]}"
    warnings.warn(message, DeprecationWarning, stacklevel=2)
    return globals()[_FORMER[name]]
