"""The base class of all networks: from a normalised magnitude to two masks."""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

MASKS = 2  # harmonic, percussive


class TrainingOutput(NamedTuple):
    """The output, in training, of a network that is trained by more than its masks.

    Parameters
    ----------
    masks : Tensor [shape=(batch, 2, bins, frames)]
        Its masks.
    auxiliary_masks : dict of str to Tensor [shape=(batch, 2, bins, frames)]
        Other masks, which are held to the same targets.
    penalties : dict of str to Tensor [shape=()]
        Other terms of the loss.
    """

    masks: Tensor
    auxiliary_masks: dict[str, Tensor]
    penalties: dict[str, Tensor]


class MaskNetwork(nn.Module):
    """A network that estimates how harmonic and how percussive each bin of each frame is.

    Attributes
    ----------
    name, paper : str
        What it is called by, and who published it.
    linear : bool
        Whether it sees linear magnitudes, rather than normalised log magnitudes.
    sees_nyquist : bool
        Whether it sees the Nyquist bin.
    weights : dict of str to float
        The weight of each of the `auxiliary_masks` and `penalties` of its `TrainingOutput`, as
        published.
    training_only : tuple of str
        Its modules that have no part in its answer.
    channels : int
        Of a recording, that it sees at a time and gives masks of their own.
    grid : int
        Frames that the coarsest scale makes one of. A block gives the answer of the whole only if
        it starts at a multiple of it.
    bins : int
        How many it must be shown; 0: any multiple of `bins_grid`.
    bins_grid : int
        The number of bins must be a multiple of it.
    edge : int
        Frames at either end of what it is shown for which it does not answer.
    context, look_ahead : int, optional
        Frames before and after a frame on which its masks depend, wherever it lies relative to the
        grid. None: all that it is shown.
    patches : tuple of int, optional
        Frames to answer for at a time, and frames to be shown to either side, if it is made for
        certain lengths.
    """

    name: ClassVar[str]
    paper: ClassVar[str]
    linear: ClassVar[bool] = False
    sees_nyquist: ClassVar[bool] = False
    weights: ClassVar[Mapping[str, float]] = {}
    training_only: ClassVar[tuple[str, ...]] = ()
    channels: int = 1
    grid: int = 1
    bins: int = 0
    bins_grid: int = 1
    edge: int = 0
    context: int | None
    look_ahead: int | None
    patches: tuple[int, int] | None = None

    def forward(self, x: Tensor) -> Tensor | TrainingOutput:
        """Estimate the masks.

        Frames that are missing from the last multiple of `grid` are taken to be zero. That is
        silence, as in the last patch of a recording in training, and what the convolutions pad
        with too. Repeating the last frame instead would tell of a sound that rings on.

        Parameters
        ----------
        x : Tensor [shape=(batch, channels, bins, frames)]
            Normalised magnitude, silence being 0. There may be any number of frames greater than
            ``2 * edge``.

        Returns
        -------
        Tensor [shape=(batch * channels, 2, bins, frames - 2 * edge)] or TrainingOutput
            The harmonic and the percussive mask of each channel. In training, a network that has
            `weights` gives a `TrainingOutput`.

        Raises
        ------
        ValueError
            If `x` is of another shape.
        """
        frames = x.shape[-1]
        if not torch.onnx.is_in_onnx_export():  # there, lengths are no numbers to compare
            self._check(tuple(x.shape))
        if self.training and self.weights:
            return self.training_output(x)
        masks = self.masks(functional.pad(x, (0, -frames % self.grid)))
        return masks[..., : frames - 2 * self.edge]

    def masks(self, x: Tensor) -> Tensor:
        """Estimate the masks of as many frames as the grid asks for; see `forward`."""
        raise NotImplementedError

    def training_output(self, x: Tensor) -> TrainingOutput:
        """Return what a network with `weights` is trained by; see `forward`."""
        raise NotImplementedError

    def takes(self, bins: int) -> bool:
        """Return whether the input may have so many bins."""
        return bins == self.bins if self.bins else bins > 0 and bins % self.bins_grid == 0

    @property
    def accepted_bins(self) -> str:
        """Numbers of bins that its input may have, in words."""
        return f"{self.bins} bins" if self.bins else f"bins in multiples of {self.bins_grid}"

    @property
    def parameters_in_use(self) -> int:
        """The number of parameters on which its masks depend."""
        return sum(
            parameter.numel()
            for name, parameter in self.named_parameters()
            if parameter.requires_grad and name.split(".")[0] not in self.training_only
        )

    def _check(self, shape: tuple[int, ...]) -> None:
        fits = len(shape) == 4 and shape[1] == self.channels and self.takes(shape[2])
        if not fits or shape[3] <= 2 * self.edge:
            raise ValueError(
                f"the input has shape {shape}, expected (batch, {self.channels}, bins, frames) "
                f"with {self.accepted_bins} and at least {2 * self.edge + 1} frames"
            )


def initialise(module: nn.Module) -> None:
    """Initialise as Glorot and Bengio 2010 propose (uniform), biases at zero.

    Lordelo et al. do not say how; they call paddings by the names that Keras gave them, and this
    is how Keras begins.
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
