"""The networks we ship, and any other exported one: NAME.onnx beside NAME.toml, its card."""

import hashlib
import tomllib
from dataclasses import dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, get_origin

from ticktone.errors import TicktoneError
from ticktone.stft import STFT, WINDOWS


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is to be known of a model.

    Attributes
    ----------
    name : str
    network : str
        The architecture, one of `ticktone.networks.networks()`.
    paper : str
    licence : str
        Of the weights.
    sha256 : str
        Of the .onnx file.
    sample_rate : int
        Hz.
    window_length, hop_length : int
        Samples, of the STFT.
    patch_frames, margin_frames : int
        Frames that the network answers for at a time, and frames it is shown to either side (of a
        causal network: before them).
    context, look_ahead, grid : int
        Frames before and after it on which a frame's masks depend, and frames to whose multiples
        the network's input must be aligned, all derived from its layers.
    parameters : int
        Those that are in the file.
    fft_length : int
        Samples, of the STFT; 0: `window_length`.
    window : str
        Of the STFT, one of `ticktone.stft.WINDOWS`.
    refine : bool
        Whether the low end is divided anew in a longer window, unless told otherwise; see
        `ticktone.methods.refinement`.
    least_margin : int
        Frames that the network must be shown to either side, for which it does not answer.
    normalisation : dict
        What the network does to the magnitude before its first layer.
    training, scores : dict
        The material, recipe and length of the training; what the model reached on what.
    """

    name: str
    network: str
    paper: str
    licence: str
    sha256: str
    sample_rate: int
    window_length: int
    hop_length: int
    patch_frames: int
    margin_frames: int
    context: int
    look_ahead: int
    grid: int
    parameters: int
    fft_length: int = 0
    window: str = "hann"
    refine: bool = False
    least_margin: int = 0
    normalisation: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)

    @property
    def stft(self) -> STFT:
        """The transform whose magnitude the model takes."""
        return STFT(self.window_length, self.hop_length, self.fft_length or None, self.window)


def models() -> dict[str, Path]:
    """List the models that ship with ticktone: name -> path of the .onnx file."""
    return {path.stem: path for path in sorted(_shipped().glob("*.onnx"))}


def _shipped() -> Path:
    return Path(str(files(__name__)))


def read_card(model: Path) -> Card:
    """Read the card beside an .onnx file.

    Raises
    ------
    TicktoneError
        If there is none, or it lacks something or says something of the wrong type.
    """
    path = model.with_suffix(".toml")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TicktoneError(
            "has no card; put the .toml that was exported with it beside it", model
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TicktoneError(f"cannot be read ({error}); export the model again", path) from None
    kinds: dict[str, Any] = {item.name: get_origin(item.type) or item.type for item in fields(Card)}
    optional = {"fft_length", "window", "refine", "least_margin"}
    optional |= {"normalisation", "training", "scores"}
    for name in kinds.keys() - optional - content.keys():
        raise TicktoneError(f"says no {name}; export the model again", path)
    for name, value in content.items():
        if name not in kinds:
            raise TicktoneError(f"says {name!r}, which no card does; export again", path)
        if type(value) is not kinds[name]:
            raise TicktoneError(
                f"says {name} = {value!r}, which is not of type {kinds[name].__name__}", path
            )
    card = Card(**content)
    for name in ("sample_rate", "window_length", "hop_length", "patch_frames", "grid"):
        if getattr(card, name) < 1:
            raise TicktoneError(f"says {name} = {getattr(card, name)}, which cannot be", path)
    if card.window not in WINDOWS:
        raise TicktoneError(f"says window = {card.window!r}, which cannot be", path)
    if (
        card.margin_frames < max(0, card.least_margin)
        or card.patch_frames % card.grid
        or card.margin_frames % card.grid
    ):
        raise TicktoneError(
            f"says patches of {card.patch_frames} and margins of {card.margin_frames} frames, "
            f"which are not on its grid of {card.grid} or less than {card.least_margin}",
            path,
        )
    return card


def check_sum(model: Path, card: Card) -> bytes:
    """Read an .onnx file and check that it is the one its card was written for.

    Raises
    ------
    TicktoneError
        If it cannot be read or is another.
    """
    try:
        content = model.read_bytes()
    except OSError as error:
        raise TicktoneError(f"cannot be read: {error.strerror}", model) from None
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise TicktoneError(
            "is not the file that its card was written for (sha256 differs); export it again, or "
            "install ticktone again",
            model,
        )
    return content
