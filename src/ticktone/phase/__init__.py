"""Which phase each source gets; one file a paper."""

from importlib import import_module
from typing import TYPE_CHECKING

from ticktone.errors import TicktoneError, unknown

if TYPE_CHECKING:
    from ticktone.phase.recovery import Phase

DEFAULT = "mixture"
# Each name's module and class, loaded when it is asked for.
_HOMES = {
    "mixture": ("mixture", "Mixture"),
    "pu-hpss": ("pu_hpss", "PUHPSS"),
    "misi": ("misi", "MISI"),
    "consistent": ("consistent", "Consistent"),
}


def phases() -> tuple[str, ...]:
    """List the names that `phase=` takes."""
    return tuple(_HOMES)


def make_phase(name: str) -> "Phase":
    """Make a phase by name, with its paper's settings.

    Parameters
    ----------
    name : str
        One of `phases()`.

    Raises
    ------
    TicktoneError
        If there is no such phase; near matches are named.
    """
    if name not in _HOMES:
        raise TicktoneError(unknown("phase", name, phases()))
    module, kind = _HOMES[name]
    phase: Phase = getattr(import_module(f"ticktone.phase.{module}"), kind)()
    return phase
