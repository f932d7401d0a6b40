"""The base of MaD TwinNet and its successors: a mask, and a Denoiser that corrects it.

Mimilakis, Drossos, Santos, Schuller, Virtanen and Bengio, "Monaural singing voice separation with
skip-filtering connections and recurrent inference of time-frequency mask", ICASSP 2018.
"""

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor, nn, relu, stack

from ticktone.networks.mask_network import MaskNetwork, TrainingOutput


class Denoiser(nn.Module):
    """Two linear layers that look at a first estimate, frame by frame, and give each bin a gain.

    Parameters
    ----------
    bins : int
    width : int
        Units between the two layers.
    """

    def __init__(self, bins: int, width: int) -> None:
        super().__init__()
        self.encoder = nn.Linear(bins, width)
        self.decoder = nn.Linear(width, bins)

    def forward(self, estimate: Tensor) -> Tensor:
        """Return gains, from 0 on. [shape=(batch, frames, bins)]."""
        return relu(self.decoder(relu(self.encoder(estimate))))


class MaskerDenoiser(MaskNetwork):
    """A network whose percussive estimate is mixture times mask times the Denoiser's gain.

    The percussive mask is the product of both; nothing keeps it from exceeding 1. The harmonic mask
    is 1 minus the percussive one, as the harmonic estimate is the mixture minus the percussive
    one (Drossos et al. 2018, section 3), and may be less than 0.

    Parameters
    ----------
    bins : int
    denoiser : int, optional
        Units inside the Denoiser. Default: half as many as bins.
    sequence : int
        Frames that it is made to see at a time.
    context : int
        Of these, those at either end for which it does not answer.

    Raises
    ------
    ValueError
        If `context` is negative, or leaves no frame of the sequence.
    """

    linear: ClassVar[bool] = True
    sees_nyquist: ClassVar[bool] = True
    weights: ClassVar[Mapping[str, float]] = {"masker": 1.0}

    def __init__(self, bins: int, denoiser: int | None, sequence: int, context: int) -> None:
        if type(context) is not int or not 0 <= 2 * context < sequence:
            raise ValueError(
                f"context must be a whole number of at least 0 and less than half of sequence "
                f"({sequence}), not {context!r}"
            )
        super().__init__()
        self.bins, self.edge = bins, context
        self.patches = (sequence - 2 * context, context)
        self.denoiser = Denoiser(bins, denoiser or max(1, bins // 2))

    def masker(self, magnitude: Tensor) -> Tensor:
        """Return the first mask, from 0 on, of all frames but the context.

        [shape=(batch, frames, bins)] to [shape=(batch, frames - 2 * edge, bins)].
        """
        raise NotImplementedError

    def masks(self, x: Tensor) -> Tensor:
        """See `MaskNetwork`."""
        magnitude = x[:, 0].transpose(1, 2)
        return two_masks(self.denoise(self.masker(magnitude), magnitude))

    def training_output(self, x: Tensor) -> TrainingOutput:
        """See `MaskNetwork`. The first mask is held to the target, too."""
        magnitude = x[:, 0].transpose(1, 2)
        mask = self.masker(magnitude)
        return TrainingOutput(
            two_masks(self.denoise(mask, magnitude)), {"masker": two_masks(mask)}, {}
        )

    def denoise(self, mask: Tensor, magnitude: Tensor) -> Tensor:
        """Return a mask times the Denoiser's gains for what the mask lets through."""
        gains: Tensor = self.denoiser(mask * self.crop_context(magnitude))
        return mask * gains

    def crop_context(self, magnitude: Tensor) -> Tensor:
        """Return the frames without the context at either end. [shape=(batch, frames, ...)]."""
        return magnitude[:, self.edge : magnitude.shape[1] - self.edge]


def two_masks(percussive: Tensor) -> Tensor:
    """[shape=(batch, frames, bins)] to [shape=(batch, 2, bins, frames)], harmonic first."""
    percussive = percussive.transpose(1, 2)
    return stack((1 - percussive, percussive), dim=1)


def initialise_linear(module: nn.Module) -> None:
    """Initialise linear layers as Glorot and Bengio 2010 propose (normal), biases at zero."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_normal_(module.weight)
        nn.init.zeros_(module.bias)
