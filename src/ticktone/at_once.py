"""One recording, or a batch, by one call."""

from typing import Any, Literal, Unpack, overload

from ticktone.methods import DEFAULT
from ticktone.methods.base import Method
from ticktone.parts import AudioT, Separation, SeparationWithResidual, check_gains, mix_parts
from ticktone.separator import Separator
from ticktone.signatures import HPROptions, MedianOptions, TwoPartMethod
from ticktone.splitter import Progress
from ticktone.tensors import as_array


@overload
def separate(
    audio: AudioT, sample_rate: float, method: TwoPartMethod = ..., **options: Any
) -> Separation[AudioT]: ...
@overload
def separate(
    audio: AudioT,
    sample_rate: float,
    method: Literal["median", "classic"],
    *,
    progress: Progress | None = ...,
    **options: Unpack[MedianOptions],
) -> Separation[AudioT]: ...
@overload
def separate(
    audio: AudioT,
    sample_rate: float,
    method: Literal["hpr"],
    *,
    residual: Literal[False],
    progress: Progress | None = ...,
    **options: Unpack[HPROptions],
) -> Separation[AudioT]: ...
@overload
def separate(
    audio: AudioT,
    sample_rate: float,
    method: Literal["hpr"],
    *,
    residual: Literal[True] = ...,
    progress: Progress | None = ...,
    **options: Unpack[HPROptions],
) -> SeparationWithResidual[AudioT]: ...
@overload
def separate(
    audio: AudioT, sample_rate: float, method: str | Method = ..., **options: Any
) -> Separation[AudioT] | SeparationWithResidual[AudioT]: ...
def separate(
    audio: Any,
    sample_rate: float,
    method: str | Method = DEFAULT,
    *,
    progress: Progress | None = None,
    **options: Any,
) -> Any:
    """Split a recording into its harmonic and its percussive part.

    Parameters
    ----------
    audio : ndarray or torch.Tensor [shape=(samples,), (channels, samples) or (batch, channels, \
samples)]
        float32 or float64, finite and within +-1e6. In a batch each recording is separated by
        itself. More than 64 channels of fewer samples than channels are taken for a mistake: for
        soundfile's arrays, which are (samples, channels).
    sample_rate : int
        Hz, from 1 kHz to 1.5 MHz.
    method : str or Method
        One of `ticktone.methods()`, `best`, `fast`, `live` or `classic`, or a method of your own.
    progress : callable, optional
        Called with the fraction done, from 0 to 1, every few seconds of sound. What it raises ends
        the work.
    **options
        The method's, and `Separator`'s.

    Returns
    -------
    Separation or SeparationWithResidual
        `(harmonic, percussive)`, and `residual` where the method has one, each of the audio's
        type, shape and dtype. They sum to `audio`: to
        the bit if it came from 16- or 24-bit PCM, else to what floating point can express.

    Raises
    ------
    TicktoneError
        If there is no such method or option, or the audio has samples that are not as above.
    TypeError, ValueError
        If the audio's dtype, shape or sample rate is not as above.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(np.arange(44_100) * 0.05).astype(np.float32)
    >>> harmonic, percussive = separate(tone, 44_100)
    >>> bool(np.allclose(harmonic + percussive, tone, rtol=0, atol=1e-7))
    True
    """
    return Separator(method, **options).separate(audio, sample_rate, progress=progress)


def remix(
    audio: AudioT,
    sample_rate: float,
    *,
    harmonic: float = 0.0,
    percussive: float = 0.0,
    residual: float = 0.0,
    method: str | Method = DEFAULT,
    progress: Progress | None = None,
    **options: Any,
) -> AudioT:
    """Change the levels of the harmonic and of the percussive part of a recording.

    Parameters
    ----------
    audio, sample_rate
        As `separate`.
    harmonic, percussive, residual : float
        Gains in dB; minus infinity leaves the part out. The residual's counts where there is one.
    method, progress, **options
        As `separate`.

    Returns
    -------
    ndarray
        Of the audio's type, shape and dtype; the audio itself at 0 dB, but for rounding.

    Raises
    ------
    TicktoneError, TypeError, ValueError
        As `separate`, or if a gain is not a number or plus infinity.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(np.arange(44_100) * 0.05).astype(np.float32)
    >>> bool(np.allclose(remix(tone, 44_100), tone, rtol=0, atol=1e-7))
    True
    """
    gains = {"harmonic": harmonic, "percussive": percussive, "residual": residual}
    check_gains(gains)
    array, restore = as_array(audio)
    parts = Separator(method, **options).separate(array, sample_rate, progress=progress)
    mixed: AudioT = restore(mix_parts(parts, gains))
    return mixed
