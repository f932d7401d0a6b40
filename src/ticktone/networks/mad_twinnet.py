"""MaD TwinNet: a recurrent Masker, a Denoiser, and a twin that the Masker's decoder is held to.

Drossos, Mimilakis, Serdyuk, Schuller, Virtanen and Bengio, "MaD TwinNet: masker-denoiser
architecture with twin networks for monaural sound source separation", IJCNN 2018; for percussion,
Drossos, Magron, Mimilakis and Virtanen, "Harmonic-percussive source separation with deep neural
networks and phase recovery", IWAENC 2018, section 2.
"""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn, relu

from ticktone.networks.blocks import check_positive_integers
from ticktone.networks.mask_network import TrainingOutput
from ticktone.networks.masker_denoiser import MaskerDenoiser, initialise_linear, two_masks

RESIDUALS = ("aligned", "reversed", "flipped")


class TwinNet(nn.Module):
    """The decoder's twin: it runs backwards in time, and makes a mask of its own.

    Serdyuk, Ke, Sordoni, Trischler, Pal and Bengio, "Twin networks: matching the future for
    sequence generation", ICLR 2018.

    Parameters
    ----------
    inputs, hidden, bins : int
        As the decoder's.
    """

    def __init__(self, inputs: int, hidden: int, bins: int) -> None:
        super().__init__()
        self.decoder = nn.GRU(inputs, hidden, batch_first=True)
        self.mask = nn.Linear(hidden, bins)
        self.affine = nn.Linear(hidden, hidden)

    def forward(self, encoded: Tensor) -> Tensor:
        """Return its states, in order of time.

        [shape=(batch, frames, inputs)] to [shape=(batch, frames, hidden)].
        """
        states: Tensor = self.decoder(encoded.flip(1))[0]
        return states.flip(1)

    def distance(self, decoded: Tensor, states: Tensor) -> Tensor:
        """Return the distance of the decoder's states, through an affine map, from the twin's.

        Equation (2) of Drossos et al. 2018, as a mean over frames. Its gradient goes to the map and
        the decoder: the twin is not drawn towards them.

        Parameters
        ----------
        decoded, states : Tensor [shape=(batch, frames, hidden)]

        Returns
        -------
        Tensor [shape=()]
        """
        apart = self.affine(decoded).float() - states.detach().float()
        distance: Tensor = torch.linalg.vector_norm(apart, dim=-1).mean()
        return distance


class MaDTwinNet(MaskerDenoiser):
    """A bidirectional encoder, a decoder that runs forwards, a mask, and a Denoiser.

    The encoder sees the lower bins of a whole sequence; the decoder, whose state begins at zero,
    all frames but the context. The defaults are the paper's and give 27 195 538 parameters,
    and 45 755 923 in training, where there is a `TwinNet` too.

    Parameters
    ----------
    bins : int
        DC and Nyquist included.
    encoder_bins : int
        The lower ones, which the encoder sees; it has as many units in either direction.
    decoder : int, optional
        The decoder's units. Default: twice `encoder_bins`.
    denoiser : int, optional
        The Denoiser's units. Default: half as many as bins.
    sequence, context : int
        Frames that it is made to see at a time; of these, those at either end that only the encoder
        sees.
    residual : str
        How the encoder's input is added to its output. ``"aligned"``: to both directions, frame by
        frame. The code published by the paper's authors does otherwise for the backward
        direction: ``"reversed"``, the code tagged as the paper's, turns the sum round in time;
        ``"flipped"``, their later code, turns the input round in time and in frequency, and then
        adds.

    Raises
    ------
    ValueError
        If a size is not a whole number of at least 1, `encoder_bins` are more than `bins`,
        `context` leaves no frame of the sequence, or there is no such residual.
    """

    name: ClassVar[str] = "mad-twinnet"
    paper: ClassVar[str] = "Drossos, Magron, Mimilakis, Virtanen 2018"
    weights: ClassVar[Mapping[str, float]] = {
        **{"masker": 1.0, "twin": 1.0},
        **{"states": 0.5, "diagonal": 1e-2, "denoiser": 1e-4},
    }
    training_only: ClassVar[tuple[str, ...]] = ("twin",)

    def __init__(
        self,
        bins: int = 2049,
        encoder_bins: int = 744,
        decoder: int | None = None,
        denoiser: int | None = None,
        sequence: int = 60,
        context: int = 10,
        residual: str = "aligned",
    ) -> None:
        inputs = 2 * encoder_bins
        hidden = inputs if decoder is None else decoder
        widths = {"denoiser": denoiser} if denoiser is not None else {}
        check_positive_integers(
            bins=bins, encoder_bins=encoder_bins, decoder=hidden, sequence=sequence, **widths
        )
        if encoder_bins > bins:
            raise ValueError(f"encoder_bins ({encoder_bins}) are more than bins ({bins})")
        if residual not in RESIDUALS:
            raise ValueError(f"residual must be one of {', '.join(RESIDUALS)}, not {residual!r}")
        super().__init__(bins, denoiser, sequence, context)
        self.context = self.look_ahead = None  # a recurrent layer knows of all that it is shown
        self.encoder_bins, self.residual = encoder_bins, residual
        self.encoder = nn.GRU(encoder_bins, encoder_bins, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(inputs, hidden, batch_first=True)
        self.mask = nn.Linear(hidden, bins)
        self.twin = TwinNet(inputs, hidden, bins)
        self.apply(initialise_linear)
        self.apply(_initialise_gru)

    def masker(self, magnitude: Tensor) -> Tensor:
        """See `MaskerDenoiser`."""
        return relu(self.mask(self._decode(self._encode(magnitude))))

    def training_output(self, x: Tensor) -> TrainingOutput:
        """See `MaskNetwork`.

        The twin's mask is held to the target as well (``twin``). Penalties are the `distance` of
        the decoder's states from the twin's (``states``), the absolute values on the main diagonal
        of the mask's matrix (``diagonal``), and the squares of the Denoiser's last matrix
        (``denoiser``), both sums.
        """
        magnitude = x[:, 0].transpose(1, 2)
        encoded = self._encode(magnitude)
        decoded, states = self._decode(encoded), self.twin(encoded)
        mask, twin = relu(self.mask(decoded)), relu(self.twin.mask(states))
        return TrainingOutput(
            masks=two_masks(self.denoise(mask, magnitude)),
            auxiliary_masks={"masker": two_masks(mask), "twin": two_masks(twin)},
            penalties={
                "states": self.twin.distance(decoded, states),
                "diagonal": self.mask.weight.diagonal().abs().sum(),
                "denoiser": self.denoiser.decoder.weight.square().sum(),
            },
        )

    def _encode(self, magnitude: Tensor) -> Tensor:
        """[shape=(batch, frames, bins)] to [shape=(batch, frames - 2 * edge, 2 * encoder_bins)]."""
        magnitude = magnitude[..., : self.encoder_bins]
        forward, backward = self.crop_context(self.encoder(magnitude)[0]).chunk(2, dim=-1)
        lower = self.crop_context(magnitude)
        if self.residual == "aligned":
            second = backward + lower
        elif self.residual == "reversed":
            second = (backward + lower).flip(1)
        else:
            second = backward + lower.flip((1, 2))
        return torch.cat((forward + lower, second), dim=-1)

    def _decode(self, encoded: Tensor) -> Tensor:
        decoded: Tensor = self.decoder(encoded)[0]
        return decoded


def _initialise_gru(module: nn.Module) -> None:
    """Initialise as the paper's authors' code does: the three gates' matrices are one to it."""
    if isinstance(module, nn.GRU):
        for name, parameter in module.named_parameters():
            if "bias" in name:
                nn.init.zeros_(parameter)
            elif "_hh" in name:
                nn.init.orthogonal_(parameter)
            else:
                nn.init.xavier_normal_(parameter)
