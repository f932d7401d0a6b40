"""The version of ticktone that is installed."""

from functools import cache
from importlib.metadata import version


@cache
def package_version() -> str:
    """Return it, as in `pip list`."""
    return version("ticktone")
