"""What every network is: from a normalised log magnitude to two masks."""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

MASKS = 2  # harmonic, percussive


class MaskNetwork(nn.Module):
    """A network that says how harmonic and how percussive each bin of each frame is.

    Attributes
    ----------
    name, paper : str
        What it is called by, and who published it.
    grid : int
        Frames that the coarsest scale makes one of. A block gives the answer of the whole only if
        it starts at a multiple of it.
    bins_grid : int
        The number of bins must be a multiple of it.
    context, look_ahead : int
        Frames before and after a frame on which its masks depend, wherever it lies relative to the
        grid.
    """

    name: ClassVar[str]
    paper: ClassVar[str]
    grid: int
    bins_grid: int
    context: int
    look_ahead: int

    def forward(self, x: Tensor) -> Tensor:
        """Estimate the masks.

        Frames that are missing from the last multiple of `grid` are taken to be zero. That is
        silence, as in the last patch of a recording in training, and what the convolutions pad
        with too. Repeating the last frame instead would tell of a sound that rings on.

        Parameters
        ----------
        x : Tensor [shape=(batch, 1, bins, frames)]
            Normalised log magnitude, silence being 0. Bins are a multiple of `bins_grid`; there
            may be any number of frames from 1 on.

        Returns
        -------
        Tensor [shape=(batch, 2, bins, frames)]
            The harmonic and the percussive mask, in [0, 1].

        Raises
        ------
        ValueError
            If `x` is of another shape.
        """
        frames = x.shape[-1]
        if not torch.onnx.is_in_onnx_export():  # there, lengths are no numbers to compare
            self._check(tuple(x.shape))
        return self.masks(functional.pad(x, (0, -frames % self.grid)))[..., :frames]

    def masks(self, x: Tensor) -> Tensor:
        """Estimate the masks of as many frames as the grid asks for; see `forward`."""
        raise NotImplementedError

    def _check(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 4 or shape[1] != 1 or shape[2] % self.bins_grid or 0 in shape[2:]:
            raise ValueError(
                f"the input has shape {shape}, expected (batch, 1, bins, frames) "
                f"with a multiple of {self.bins_grid} bins and at least 1 frame"
            )


def initialise(module: nn.Module) -> None:
    """Begin as Glorot and Bengio 2010 propose (uniform), biases at zero.

    Lordelo et al. do not say how; they call paddings by the names that Keras gave them, and this
    is how Keras begins.
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
