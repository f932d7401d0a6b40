"""The networks as PyTorch modules; one file a family. They are for training: see `models` to run.

Every network maps a normalised magnitude [shape=(batch, 1, bins, frames)] to the harmonic
and the percussive mask [shape=(batch, 2, bins, frames)]; see `mask_network.MaskNetwork`.
"""

from collections.abc import Mapping
from inspect import signature
from typing import Any

from ticktone.errors import TicktoneError, unknown
from ticktone.networks.dws import DepthwiseSeparable
from ticktone.networks.folded import FoldedThreeWayUNet
from ticktone.networks.mad_twinnet import MaDTwinNet
from ticktone.networks.mask_network import MaskNetwork
from ticktone.networks.mdensenet import MDenseNet, ThreeWayMDenseNet
from ticktone.networks.unet import ThreeWayUNet, UNet

_NETWORKS: dict[str, Any] = {
    cls.name: cls
    for cls in (
        *(ThreeWayMDenseNet, MDenseNet, ThreeWayUNet, UNet, FoldedThreeWayUNet),
        *(MaDTwinNet, DepthwiseSeparable),
    )
}


def networks() -> tuple[str, ...]:
    """Return the names that `make_network` takes."""
    return tuple(_NETWORKS)


def complete_options(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a network's options, with its defaults for those that are not given.

    Parameters
    ----------
    name : str
        One of `networks()`.
    options : mapping

    Raises
    ------
    TicktoneError
        If there is no such network.

    Examples
    --------
    >>> complete_options("unet", {"channels": 8})
    {'channels': 8, 'convolutions': 1, 'poolings': 3}
    """
    if name not in _NETWORKS:
        raise TicktoneError(unknown("network", name, networks()))
    defaults = {key: entry.default for key, entry in signature(_NETWORKS[name]).parameters.items()}
    return defaults | dict(options)


def make_network(name: str, **options: Any) -> MaskNetwork:
    """Return a new network by name, its weights random (seed them with `torch.manual_seed`).

    Parameters
    ----------
    name : str
        One of `networks()`.
    **options
        The network's own, as its class documents them.

    Raises
    ------
    TicktoneError
        If there is no such network or option (near matches are named), or a value is refused.
    """
    if name not in _NETWORKS:
        raise TicktoneError(unknown("network", name, networks()))
    known = list(signature(_NETWORKS[name]).parameters)
    for option in options:
        if option not in known:
            raise TicktoneError(unknown(f"option of {name}", option, known))
    try:
        network: MaskNetwork = _NETWORKS[name](**options)
    except ValueError as error:
        raise TicktoneError(f"network {name}: {error}") from None
    return network
