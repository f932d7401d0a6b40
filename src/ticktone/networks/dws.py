"""A Masker of depthwise-separable convolutions in place of MaD TwinNet's recurrent one.

Pyykkönen, Mimilakis, Drossos and Virtanen, "Depthwise separable convolutions versus recurrent
neural networks for monaural singing voice separation", MMSP 2020.
"""

from typing import ClassVar

from torch import Tensor, nn, relu

from ticktone.networks.blocks import check_positive_integers
from ticktone.networks.masker_denoiser import MaskerDenoiser, initialise_linear

KERNEL = 5  # bins and frames
POOLING = 5  # bins
REDUCED = 8  # maps that the mask is made of


class DepthwiseSeparableBlock(nn.Sequential):
    """A convolution of each map by itself, one across the maps, pooling along frequency, dropout.

    Normalisation comes after the activation, both times.

    Parameters
    ----------
    inputs, channels : int
        Maps; of one input, the first convolution makes all of them.
    pooling : int
        Bins that become one, by their maximum.
    dropout : float
        Probability that a map is left out in training.
    """

    def __init__(self, inputs: int, channels: int, pooling: int, dropout: float) -> None:
        super().__init__(
            nn.Conv2d(inputs, channels, KERNEL, padding=KERNEL // 2, groups=inputs),
            nn.LeakyReLU(0.01),
            nn.BatchNorm2d(channels),
            nn.Conv2d(channels, channels, kernel_size=1),
            nn.ReLU(),
            nn.BatchNorm2d(channels),
            nn.MaxPool2d((pooling, 1)) if pooling > 1 else nn.Identity(),
            nn.Dropout2d(dropout),
        )


class DepthwiseSeparable(MaskerDenoiser):
    """Depthwise-separable blocks at ever fewer bins, a mask made of each frame, and a Denoiser.

    The defaults give 5 594 114 parameters, the paper's 20.57 % of MaD TwinNet's.

    Parameters
    ----------
    blocks : int
        Those between encoder and decoder (L in the paper).
    channels : int
        Maps of every block (C in the paper).
    skips : bool
        Whether what goes into each of these blocks is added to what comes out.
    dropout : float
        Probability that a map is left out in training.
    bins : int
        DC and Nyquist included.
    denoiser : int, optional
        The Denoiser's units. Default: half as many as bins.
    sequence, context : int
        Frames that it is made to see at a time; of these, those at either end for which it does not
        answer. The paper's network never sees a context, so a sequence's first and last frames have
        silence for neighbours; with 60 and 10, say, they do not.

    Raises
    ------
    ValueError
        If a size is not a whole number of at least 1, `bins` are too few for three poolings,
        `dropout` is not from 0 to less than 1, or `context` leaves no frame of the sequence.
    """

    name: ClassVar[str] = "dws"
    paper: ClassVar[str] = "Pyykkönen, Mimilakis, Drossos, Virtanen 2020"

    def __init__(
        self,
        blocks: int = 7,
        channels: int = 256,
        skips: bool = False,
        dropout: float = 0.1,
        bins: int = 2049,
        denoiser: int | None = None,
        sequence: int = 40,
        context: int = 0,
    ) -> None:
        widths = {"denoiser": denoiser} if denoiser is not None else {}
        check_positive_integers(
            blocks=blocks, channels=channels, bins=bins, sequence=sequence, **widths
        )
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must be at least 0 and less than 1, not {dropout!r}")
        last = widths_of(bins)[-1]
        if last < 1:
            raise ValueError(f"{bins} bins are too few for three poolings by {POOLING}")
        super().__init__(bins, denoiser, sequence, context)
        self.skips = skips
        self.context = self.look_ahead = KERNEL // 2 * (blocks + 3)

        def block(inputs: int, pooling: int) -> DepthwiseSeparableBlock:
            return DepthwiseSeparableBlock(inputs, channels, pooling, dropout)

        self.encoder = block(1, POOLING)
        self.latent = nn.ModuleList(block(channels, 1) for _ in range(blocks))
        self.up = nn.ConvTranspose2d(channels, channels, (2, 1), stride=(2, 1), padding=(2, 0))
        self.decoder = nn.Sequential(block(channels, POOLING), block(channels, POOLING))
        self.reduce = nn.Conv2d(channels, REDUCED, kernel_size=1, bias=False)
        self.mask = nn.Linear(REDUCED * last, bins)
        self.apply(initialise_linear)

    def masker(self, magnitude: Tensor) -> Tensor:
        """See `MaskerDenoiser`."""
        maps = self.encoder(magnitude.transpose(1, 2)[:, None])
        for block in self.latent:
            maps = maps + block(maps) if self.skips else block(maps)
        maps = self.reduce(self.decoder(self.up(maps)))
        features = maps.permute(0, 3, 1, 2).flatten(2)  # of each frame
        return relu(self.mask(self.crop_context(features)))


def widths_of(bins: int) -> tuple[int, int, int, int]:
    """Count the bins after the encoder, the upsampling, and both blocks of the decoder.

    >>> widths_of(2049)
    (409, 814, 162, 32)
    """
    encoded = bins // POOLING
    up = 2 * encoded - 4
    return encoded, up, up // POOLING, up // POOLING // POOLING
