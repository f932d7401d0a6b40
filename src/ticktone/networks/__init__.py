"""The networks as PyTorch modules; one file a family. They are for training: see `models` to run.

Every network takes a normalised magnitude [shape=(batch, 1, bins, frames)] and gives the harmonic
and the percussive mask [shape=(batch, 2, bins, frames)]; see `mask_network.MaskNetwork`.
"""

from typing import Any

from ticktone.errors import TicktoneError, unknown
from ticktone.networks.dws import DepthwiseSeparable
from ticktone.networks.folded import FoldedThreeWayUNet
from ticktone.networks.mad_twinnet import MaDTwinNet
from ticktone.networks.mask_network import MaskNetwork
from ticktone.networks.mdensenet import MDenseNet, ThreeWayMDenseNet
from ticktone.networks.unet import ThreeWayUNet, UNet
from ticktone.options import construct

_NETWORKS: dict[str, Any] = {
    cls.name: cls
    for cls in (
        *(ThreeWayMDenseNet, MDenseNet, ThreeWayUNet, UNet, FoldedThreeWayUNet),
        *(MaDTwinNet, DepthwiseSeparable),
    )
}


def networks() -> tuple[str, ...]:
    """List the names that `make_network` takes."""
    return tuple(_NETWORKS)


def make_network(name: str, **options: Any) -> MaskNetwork:
    """Make a network by name, its weights random (seed them with `torch.manual_seed`).

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
    network: MaskNetwork = construct(_NETWORKS[name], options, "network", name)
    return network
