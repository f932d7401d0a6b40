"""Training the networks: recipe -> songs -> examples -> loss -> loop -> checkpoint.

>>> from pathlib import Path
>>> from ticktone.training import read_recipe, train
>>> recipe = read_recipe("recipes/quick.toml", ["data.path=STEMS"])  # doctest: +SKIP
>>> train(recipe, Path("runs/quick"))  # doctest: +SKIP
"""

from ticktone.training.checkpoint import load, network_from
from ticktone.training.loop import Outcome, Reporter, train
from ticktone.training.normalisation import Normalisation
from ticktone.training.recipe import Recipe, read_recipe, recipe_from
from ticktone.training.validation import Scores, TorchMethod, validate

__all__ = [
    "Normalisation",
    "Outcome",
    "Recipe",
    "Reporter",
    "Scores",
    "TorchMethod",
    "load",
    "network_from",
    "read_recipe",
    "recipe_from",
    "train",
    "validate",
]
