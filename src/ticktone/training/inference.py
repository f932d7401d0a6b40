"""A trained network as it is exported: from a magnitude spectrogram to its masks."""

from torch import Tensor, nn

from ticktone.methods.network import patches_on
from ticktone.networks.mask_network import MaskNetwork
from ticktone.training.normalisation import AnyNormalisation
from ticktone.training.spectra import network_input, with_nyquist


class MagnitudeToMasks(nn.Module):
    """A network with all that is between a magnitude spectrogram and its masks.

    Parameters
    ----------
    network : MaskNetwork
        In evaluation mode.
    normalisation : Normalisation, LevelNormalisation, Scaling or LevelScaling
    """

    def __init__(self, network: MaskNetwork, normalisation: AnyNormalisation) -> None:
        super().__init__()
        self.network, self.normalisation = network, normalisation

    def forward(self, magnitude: Tensor) -> Tensor:
        """Estimate the masks.

        Parameters
        ----------
        magnitude : Tensor [shape=(batch, 1, bins, frames)]
            Linear, DC and Nyquist included.

        Returns
        -------
        Tensor [shape=(batch, 2, bins, frames - 2 * edge)]
            The Nyquist bin, where the network does not see it, shares the masks of the bin below.
        """
        masks: Tensor = self.network(network_input(self.network, self.normalisation, magnitude))
        return masks if self.network.sees_nyquist else with_nyquist(masks)


def patches_of(network: MaskNetwork) -> tuple[int, int]:
    """Return the lengths of patch and margin, in frames, with which a network is used."""
    return network.patches or patches_on(network.grid)
