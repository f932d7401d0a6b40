"""The examples in all docstrings."""

import doctest
import importlib
import pkgutil

import pytest

import ticktone

TORCH = ("ticktone.networks", "ticktone.training")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(ticktone.__path__, "ticktone.")
    if module.name != "ticktone.__main__"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.torch) if name.startswith(TORCH) else name
        for name in MODULES
    ],
)
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
