"""The parts of a recording put together again at other levels."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from ticktone.errors import TicktoneError
from ticktone.methods import DEFAULT
from ticktone.methods.base import Method
from ticktone.separator import Parts, separate


def remix(
    audio: NDArray[Any],
    sample_rate: int,
    *,
    harmonic: float = 0.0,
    percussive: float = 0.0,
    residual: float = 0.0,
    method: str | Method = DEFAULT,
    **options: Any,
) -> NDArray[Any]:
    """Change the levels of what rings and what hits.

    Parameters
    ----------
    audio : ndarray [shape=(samples,) or (channels, samples)]
    sample_rate : int
        Hz.
    harmonic, percussive, residual : float
        Gains in dB; minus infinity leaves the part out. The residual's counts where there is one.
    method, **options
        As `ticktone.separate`.

    Returns
    -------
    ndarray
        Of the audio's shape and dtype; the audio itself at 0 dB and 0 dB.

    Raises
    ------
    TicktoneError, TypeError, ValueError
        As `ticktone.separate`, or if a gain is not a number or plus infinity.
    """
    gains = {"harmonic": harmonic, "percussive": percussive, "residual": residual}
    check_gains(gains)
    return mix_parts(separate(audio, sample_rate, method, **options), gains)


def check_gains(gains: Mapping[str, float]) -> None:
    """Refuse gains that are not finite numbers of dB or minus infinity.

    Raises
    ------
    TicktoneError
    """
    for part, gain in gains.items():
        if not gain < 200:
            raise TicktoneError(
                f"a gain of {gain} dB for the {part} part is out of range; "
                "give dB below 200, or -inf to leave the part out"
            )


def mix_parts(parts: Parts, gains: Mapping[str, float]) -> NDArray[Any]:
    """Sum the parts at the given gains (dB, by name), each 0 dB where not given."""
    scaled = (
        part * part.dtype.type(10 ** (gains.get(name, 0.0) / 20))
        for name, part in zip(parts._fields, parts, strict=True)
    )
    mixed: NDArray[Any] = sum(scaled, next(scaled))
    return mixed
