"""The parts of a recording: their names in one order, and their sum at other levels."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from numpy.typing import NDArray

from ticktone.errors import TicktoneError, unknown
from ticktone.options import check_number

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # which knows defaults, as Python 3.13 does

    from ticktone.tensors import Tensor

    AudioT = TypeVar("AudioT", bound="NDArray[Any] | Tensor", default=NDArray[Any])
else:
    from typing import TypeVar

    AudioT = TypeVar("AudioT")

Audio = NDArray[Any]

PARTS = ("harmonic", "percussive", "residual")  # the one order of the parts, everywhere
SOURCES = PARTS[:2]  # what a mixture is made of; a residual is none of them
REMIX = "remix"  # the name of the parts mixed at other levels
STRETCH = "stretch"  # and of what has another speed or pitch
STEM = "stem"  # and of a file of recording and parts together
MAX_GAIN = 40.0  # dB; more is a slip of the finger


class Separation(NamedTuple, Generic[AudioT]):
    """The parts of a recording: a tuple with names.

    Attributes
    ----------
    harmonic, percussive : ndarray or torch.Tensor
        Of the recording's type, shape and dtype.

    Examples
    --------
    >>> harmonic, percussive = parts = Separation("what rings", "what hits")
    >>> parts.percussive
    'what hits'
    """

    harmonic: AudioT
    percussive: AudioT


class SeparationWithResidual(NamedTuple, Generic[AudioT]):
    """The parts of a recording by a method that leaves a residual: a tuple with names.

    Attributes
    ----------
    harmonic, percussive, residual : ndarray or torch.Tensor
        Of the recording's type, shape and dtype.

    Examples
    --------
    >>> SeparationWithResidual("what rings", "what hits", "noise").residual
    'noise'
    """

    harmonic: AudioT
    percussive: AudioT
    residual: AudioT


Parts = Separation | SeparationWithResidual  # of arrays


def as_parts(signals: Sequence[Audio]) -> Parts:
    """Return two or three signals as parts, in the order of `PARTS`.

    >>> as_parts([1, 2])
    Separation(harmonic=1, percussive=2)
    """
    return Separation(*signals) if len(signals) == 2 else SeparationWithResidual(*signals)


def check_gains(gains: Mapping[str, float]) -> None:
    """Refuse gains that are not numbers of dB up to `MAX_GAIN`, or minus infinity, or of no part.

    Raises
    ------
    TicktoneError
    """
    for part, gain in gains.items():
        if part not in PARTS:
            raise TicktoneError(unknown("part", part, PARTS))
        check_number(f"the gain of the {part} part", gain)
        if not gain <= MAX_GAIN:
            raise TicktoneError(
                f"a gain of {gain} dB for the {part} part is out of range; "
                f"give {MAX_GAIN:g} dB at most, or -inf to leave the part out"
            )


def mix_parts(parts: Parts, gains: Mapping[str, float]) -> Audio:
    """Return the sum of the parts at the given gains.

    Parameters
    ----------
    parts : Separation or SeparationWithResidual
    gains : mapping of str to float
        In dB, by the part's name; minus infinity leaves a part out. A part not named keeps its
        level.

    Returns
    -------
    ndarray [shape=(samples,) or (channels, samples)]
        Of the parts' shape and dtype.

    Examples
    --------
    >>> import numpy as np
    >>> parts = Separation(np.full(2, 0.5), np.full(2, 0.25))
    >>> mix_parts(parts, {"percussive": -np.inf})
    array([0.5, 0.5])
    """
    scaled = (
        part * part.dtype.type(10 ** (gains.get(name, 0.0) / 20))
        for name, part in zip(parts._fields, parts, strict=True)
    )
    mixed: Audio = sum(scaled, next(scaled))
    return mixed
