"""A recipe: everything that a training depends on, in one file.

The defaults are those of Lordelo, Benetos, Dixon and Ahlbäck, "Investigating kernel shapes and
skip connections for deep learning-based harmonic-percussive separation", WASPAA 2019, section 4,
and where the paper is silent, our choice; the files in ``recipes/`` say which is which.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from ticktone.errors import OptionError, TicktoneError, naming
from ticktone.options import from_table, read_pairs, setting
from ticktone.training.example_settings import Augmentation, ExampleSettings


@dataclass(frozen=True)
class NetworkChoice:
    """Which network.

    Parameters
    ----------
    name : str
        One of `ticktone.networks.networks()`.
    options : dict
        Its own.
    pretrained : str, optional
        A checkpoint of the same network in another training, to begin with its weights (averaged
        where they were) and its normalisation; ``examples.range`` must be away then.
    """

    name: str = "3w-mdensenet"
    options: dict[str, Any] = field(default_factory=dict)
    pretrained: str | None = None


@dataclass(frozen=True)
class Data:
    """Which songs; see `ticktone.datasets.open_dataset`.

    Parameters
    ----------
    path : tuple of str
        One folder or several. With ``augmentation.mixing`` songs of one part alone are learnt
        from too: they are always mixed with another place that has the other part.
    weights : tuple of float
        Each folder's share of the examples. Default: according to how long their songs are.
    voices : tuple of str
        Folders of singing and speech, for ``augmentation.voice``; all that is in them is harmonic.
    kind : str, optional
    subset : str, optional
        The songs to learn from. Default: all but those held out for validation.
    percussive : tuple of str
        Patterns of the names of percussive files, in folders of stems.
    cache : str, optional
        A folder for decoded stems.
    """

    path: tuple[str, ...] = ()
    weights: tuple[float, ...] = setting((), above=0)
    voices: tuple[str, ...] = ()
    kind: str | None = None
    subset: str | None = None
    percussive: tuple[str, ...] = ()
    cache: str | None = None


@dataclass(frozen=True)
class LossSettings:
    """What is made small; see `ticktone.training.losses`.

    Parameters
    ----------
    name : str
    lambda_percussive, lambda_harmonic : float
        Weights of the two sources.
    low_bins : int
        How many of the lowest bins the error counts less in. Only ``error_norm`` heeds it.
    low_weight : float
        The weight of the error's energy there: little for a network whose low end is refined.
    weights : dict
        Weights of the other things that a network is trained by, which its class lists.
    """

    name: str = setting(
        "masked_mse",
        choices=("masked_mse", "masked_l1", "log_l1", "error_norm", "si_sdr", "generalised_kl"),
    )
    lambda_percussive: float = setting(0.5, least=0)
    lambda_harmonic: float = setting(0.5, least=0)
    low_bins: int = setting(0, least=0)
    low_weight: float = setting(1.0, least=0)
    weights: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Optimiser:
    """Adam.

    Parameters
    ----------
    learning_rate : float
    weight_decay : float
        Strength of the L2 penalty.
    gradient_clip : float
        Greatest L2 norm of all gradients together; longer ones are shortened to it. 0: none.
    ema : float
        How much of the averaged weights survives a step; 0 averages nothing. Where there are
        averaged weights, they are the ones validated and exported.
    """

    learning_rate: float = setting(1e-3, above=0)
    weight_decay: float = setting(0.0, least=0)
    gradient_clip: float = setting(0.0, least=0)
    ema: float = setting(0.0, least=0, most=0.999999)


@dataclass(frozen=True)
class Schedule:
    """How long it goes on, and when the learning rate falls.

    Parameters
    ----------
    decay : str
        ``"plateau"``: the learning rate falls when validation says so. ``"linear"``: it falls with
        every step, to reach zero at the end of the last of `epochs`; validation then has no say in
        it, and training does not end before.
    warmup : int
        Steps over which the learning rate rises from zero at the beginning.
    freeze : int
        Epochs after which batch normalisation uses its running statistics, as it does once it is
        trained, and these stand still; 0: never. Networks learn to lean on the statistics of the
        batch they are in, which users' recordings have not (Wu and Johnson, "Rethinking 'Batch' in
        BatchNorm", 2021).
    patience : int
        Validations in a row without a new best after which the learning rate falls.
    factor : float
        By which it falls.
    stop_after : int
        Validations in a row without a new best after which training ends.
    steps : int
        To an epoch. 0: as many as the material gives without repetition.
    epochs : int
        At most; 0: no limit.
    seconds : float
        At most, in one go; a training that is resumed has as many again. 0: no limit.
    """

    decay: str = setting("plateau", choices=("plateau", "linear"))
    warmup: int = setting(0, least=0)
    freeze: int = setting(0, least=0)
    patience: int = setting(3, least=1)
    factor: float = setting(0.5, above=0, most=1)
    stop_after: int = setting(15, least=1)
    steps: int = setting(0, least=0)
    epochs: int = setting(0, least=0)
    seconds: float = setting(0.0, least=0)


@dataclass(frozen=True)
class ValidationSettings:
    """Which songs are held out, and what they decide.

    Parameters
    ----------
    path : tuple of str
        Other folders, of which nothing is learnt: all of their songs.
    subset : str, optional
        Or: of the same data set.
    songs : tuple of str
        Or: these songs, by name.
    fraction : float
        Or: this share of the songs of each folder, chosen by `ticktone.datasets.split`. If no
        songs are held out, the training loss decides.
    every : int
        Epochs from a validation to the next.
    score : str
        ``"loss"``, or ``"sdr"``: the mean of both sources' signal-to-distortion ratio.
    """

    path: tuple[str, ...] = ()
    subset: str | None = None
    songs: tuple[str, ...] = ()
    fraction: float = setting(0.2, least=0, most=0.9)
    every: int = setting(1, least=1)
    score: str = setting("loss", choices=("loss", "sdr"))


@dataclass(frozen=True)
class Machine:
    """Chance and arithmetic.

    Parameters
    ----------
    seed : int
        Of everything that is random.
    precision : str
        ``"auto"``: the network in bfloat16 on CUDA, else in float32. ``"bfloat16"``: everywhere,
        which halves the time on CPUs that have it (AVX-512 BF16, AMX). ``"float32"``: everywhere,
        and without TF32. The STFT and the loss are in float32 always.
    compile : bool
        Whether PyTorch compiles the network first, which takes minutes and a C++ compiler and then
        saves a third of the time.
    """

    seed: int = setting(0, least=0)
    precision: str = setting("auto", choices=("auto", "bfloat16", "float32"))
    compile: bool = False


@dataclass(frozen=True)
class Recipe:
    """A training in full; each attribute is a section of the file."""

    network: NetworkChoice = field(default_factory=NetworkChoice)
    data: Data = field(default_factory=Data)
    examples: ExampleSettings = field(default_factory=ExampleSettings)
    augmentation: Augmentation = field(default_factory=Augmentation)
    loss: LossSettings = field(default_factory=LossSettings)
    optimiser: Optimiser = field(default_factory=Optimiser)
    schedule: Schedule = field(default_factory=Schedule)
    validation: ValidationSettings = field(default_factory=ValidationSettings)
    machine: Machine = field(default_factory=Machine)

    def __post_init__(self) -> None:
        try:
            self.examples.stft  # noqa: B018, it checks its lengths
        except ValueError as error:
            raise TicktoneError(f"examples.hop_length or examples.window_length: {error}") from None
        if self.examples.stft.size % 2:
            length = "fft_length" if self.examples.fft_length else "window_length"
            raise TicktoneError(f"examples.{length} must be even")
        if self.examples.frames <= 2 * self.examples.context:
            raise TicktoneError("examples.frames must be more than twice examples.context")
        if self.data.weights and len(self.data.weights) != len(self.data.path):
            raise TicktoneError(
                f"data.weights has {len(self.data.weights)} numbers for "
                f"{len(self.data.path)} folders in data.path"
            )
        if self.examples.range and len(self.examples.range) != 2:
            raise TicktoneError("examples.range must be two numbers, lowest first")
        if self.examples.range and self.network.pretrained:
            raise TicktoneError(
                "examples.range comes from network.pretrained; leave one of them away"
            )
        if self.examples.level and self.network.pretrained:
            raise TicktoneError(
                "examples.level comes from network.pretrained; leave one of them away"
            )
        if self.augmentation.voice and not self.data.voices:
            raise TicktoneError("augmentation.voice needs voices; add: --set data.voices=FOLDER")
        if self.schedule.decay == "linear" and not self.schedule.epochs:
            raise TicktoneError("schedule.decay = linear needs schedule.epochs")
        for name in ("gain", "speed"):
            low, high = getattr(self.augmentation, name)
            if low > high:
                raise TicktoneError(
                    f"augmentation.{name} must be lowest first, not [{low:g}, {high:g}]"
                )

    def as_table(self) -> dict[str, Any]:
        """Return plain tables, from which `recipe_from` makes the recipe again."""
        return asdict(self)


def read_recipe(path: str | PathLike[str], overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe.

    Parameters
    ----------
    path : path-like
        A TOML file.
    overrides : iterable of str
        ``section.key=value``, stronger than the file.

    Raises
    ------
    TicktoneError
        If the file cannot be read, or has an unknown key (near matches are named), a value of
        another type or one that is out of range.
    """
    path = Path(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise TicktoneError(f"cannot be read: {reason}", path) from None
    except tomllib.TOMLDecodeError as error:
        raise TicktoneError(f"is not TOML: {error}", path) from None
    try:
        changed = read_pairs(overrides, Recipe, table)
    except OptionError as error:
        raise TicktoneError(f"--set {error}") from None
    with naming(path):
        return from_table(Recipe, changed)


def recipe_from(table: dict[str, Any]) -> Recipe:
    """Make a recipe of tables, such as a checkpoint holds."""
    return from_table(Recipe, _without_nothing(table))


def _without_nothing(table: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is None, which TOML does not have."""
    return {
        key: _without_nothing(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }
