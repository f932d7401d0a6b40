"""The card of a model: what is known of it, checked before it is believed."""

import hashlib
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ticktone.errors import OptionError, TicktoneError
from ticktone.limits import MAX_RATE, MIN_RATE
from ticktone.options import check_options, from_table, limits, setting
from ticktone.stft import STFT, WINDOWS

PROVENANCE = "provenance"  # folder beside the cards: lists of songs, each by its own sha256
MAX_FRAMES = 2**13  # that a network is shown at a time: a gigabyte or two
MAX_OVERLAP = 32  # of windows: more is work without end
_FAR = 2**20  # frames
_LENGTHS = limits(least=4, most=2**16)  # samples


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
        `ticktone.methods.refinement` and `ticktone.methods.live_low_end`.
    least_margin : int
        Frames that the network must be shown to either side, for which it does not answer.
    normalisation : dict
        What the network does to the magnitude before its first layer.
    training, scores : dict
        The material, recipe and length of the training (its songs' names are in a list of their
        own, which `training_songs` reads); what the model reached on what.

    Raises
    ------
    OptionError
        If a field is of another type or out of its range, or fields contradict each other.
    """

    name: str
    network: str
    paper: str
    licence: str
    sha256: str
    sample_rate: int = field(metadata=limits(least=MIN_RATE, most=MAX_RATE))
    window_length: int = field(metadata=_LENGTHS)
    hop_length: int = field(metadata=limits(least=1, most=2**15))
    patch_frames: int = field(metadata=limits(least=1, most=MAX_FRAMES))
    margin_frames: int = field(metadata=limits(least=0, most=MAX_FRAMES))
    context: int = field(metadata=limits(least=0, most=_FAR))
    look_ahead: int = field(metadata=limits(least=0, most=_FAR))
    grid: int = field(metadata=limits(least=1, most=MAX_FRAMES))
    parameters: int = field(metadata=limits(least=0))
    fft_length: int = setting(0, least=0, most=2**16)
    window: str = setting("hann", choices=WINDOWS)
    refine: bool = False
    least_margin: int = setting(0, least=0, most=MAX_FRAMES)
    normalisation: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_options(self)
        for name in ("name", "network", "paper", "licence"):
            if not getattr(self, name).isprintable():  # it is shown in tables
                raise OptionError(f"{name} must be one line, not {getattr(self, name)!r}")
        try:
            self.stft  # noqa: B018, it checks its lengths
        except ValueError as error:
            raise OptionError(str(error)) from None
        if self.stft.size % 2:
            raise OptionError(f"the window must have an even length, not {self.stft.size}")
        if self.hop_length * MAX_OVERLAP < self.window_length:
            raise OptionError(
                f"hop_length must be at least {self.window_length // MAX_OVERLAP} for a window of "
                f"{self.window_length} samples, not {self.hop_length}"
            )
        if self.patch_frames % self.grid or self.margin_frames % self.grid:
            raise OptionError(
                f"patches of {self.patch_frames} and margins of {self.margin_frames} frames "
                f"are not on its grid of {self.grid}"
            )
        if self.margin_frames < self.least_margin:
            raise OptionError(
                f"margin_frames must be at least least_margin ({self.least_margin}), "
                f"not {self.margin_frames}"
            )
        if self.patch_frames + 2 * self.margin_frames > MAX_FRAMES:
            raise OptionError(f"a patch and its margins must be at most {MAX_FRAMES} frames long")
        for name, score in self.scores.items():
            if isinstance(score, bool) or not isinstance(score, int | float):
                raise OptionError(f"scores.{name} must be a number, not {score!r}")
            if not math.isfinite(score):
                raise OptionError(f"scores.{name} must be a number, not {score!r}")
        if not isinstance(self.training.get("data", ""), str):
            raise OptionError(f"training.data must be text, not {self.training['data']!r}")
        names, digest = self.training.get("names", []), self.training.get("songs_sha256", "0" * 64)
        if not isinstance(names, list):
            raise OptionError(f"training.names must be a list, not {names!r}")
        if not re.fullmatch("[0-9a-f]{64}", str(digest)):
            raise OptionError(
                f"training.songs_sha256 must be 64 hexadecimal digits, not {digest!r}"
            )

    @property
    def is_causal(self) -> bool:
        """Whether it need not be shown anything after a patch."""
        return self.look_ahead < self.grid and not self.least_margin

    @property
    def stft(self) -> STFT:
        """The transform whose magnitude the model takes."""
        return STFT(self.window_length, self.hop_length, self.fft_length or None, self.window)


def read_card(model: Path) -> Card:
    """Read the card beside an .onnx file.

    Raises
    ------
    TicktoneError
        If there is none, or it lacks something, or says something that cannot be.
    """
    path = model.with_suffix(".toml")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TicktoneError(
            "has no card; put the .toml that was exported with it beside it", model
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise TicktoneError(f"cannot be read ({error}); export the model again", path) from None
    try:
        return from_table(Card, content)
    except OptionError as error:
        raise TicktoneError(f"{error}; export the model again", path) from None


def training_songs(model: Path) -> tuple[str, ...]:
    """Return the names of the songs that the model beside this card was trained on.

    Cards that were trained on the same songs share one list, `provenance/SHA256.txt` beside them.

    Parameters
    ----------
    model : Path
        Of the .onnx file.

    Raises
    ------
    TicktoneError
        If the card or its list cannot be read, or the list is another than the card's.
    """
    return listed_songs(model, read_card(model).training)


def listed_songs(model: Path, training: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the songs that a card's account of its training lists.

    Raises
    ------
    TicktoneError
        If the list cannot be read, or is another than the card's.
    """
    if (names := training.get("names")) is not None:  # as exports had them at first
        return tuple(map(str, names))
    digest = training.get("songs_sha256")
    if digest is None:
        return ()
    path = model.parent / PROVENANCE / f"{digest}.txt"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TicktoneError(f"cannot be read: {error.strerror}", path) from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise TicktoneError("is not the list that the card names (sha256 differs)", path)
    return tuple(content.decode().splitlines())


def song_list(training: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the songs' names from what a card says of a training.

    Returns
    -------
    training : dict
        With ``songs_sha256`` in place of ``names``.
    content : bytes
        Of the list; empty if there are no names.
    """
    if "names" not in training:
        return dict(training), b""
    lines = "".join(f"{' '.join(name.splitlines())}\n" for name in training["names"])
    content = lines.encode(errors="surrogateescape")  # the bytes of names that are not UTF-8
    rest = {key: value for key, value in training.items() if key != "names"}
    return {**rest, "songs_sha256": hashlib.sha256(content).hexdigest()}, content


def check_sum(model: Path, sha256: str) -> bytes:
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
    if hashlib.sha256(content).hexdigest() != sha256:
        raise TicktoneError(
            "is not the file that its card was written for (sha256 differs); export it again, or "
            "install ticktone again",
            model,
        )
    return content
