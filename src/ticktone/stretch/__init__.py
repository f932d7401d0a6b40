"""Time-stretching and pitch-shifting by separation: each part in the way that suits it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ticktone.methods.base import Method
    from ticktone.parts import AudioT
    from ticktone.splitter import Progress


def stretch(
    audio: "AudioT",
    sample_rate: int,
    speed: float = 1.0,
    *,
    pitch: float = 0.0,
    keep_drums: bool = False,
    lock_attacks: bool = True,
    method: "str | Method | None" = None,
    progress: "Progress | None" = None,
    **options: Any,
) -> "AudioT":
    """Play a recording at another speed without changing its pitch, or at another pitch.

    The harmonic part goes through a phase vocoder, the percussive one is laid down in short
    frames, so that tones stay pure and attacks sharp.

    Parameters
    ----------
    audio : ndarray or torch.Tensor [shape=(samples,) or (channels, samples)]
        float32 or float64, finite.
    sample_rate : int
        Hz.
    speed : float
        0.25 to 4; 2 plays twice as fast.
    pitch : float
        Semitones, -12 to 12.
    keep_drums : bool
        Whether the percussive part keeps its pitch.
    lock_attacks : bool
        Whether each attack sounds once, as it was; if not, as in the paper.
    method : str or Method, optional
        What finds the parts: one of `ticktone.methods()`, or a method of your own.
    progress : callable, optional
        As `ticktone.separate`.
    **options
        The method's, and `Separator`'s.

    Returns
    -------
    ndarray or torch.Tensor [shape=(samples,) or (channels, samples)]
        `round(samples / speed)` samples of the audio's type and dtype. At speed 1 and pitch 0 the
        sum of the parts, which is the audio: see `ticktone.separate`.

    Raises
    ------
    TicktoneError
        If the speed or pitch is out of range, and as `ticktone.separate`.
    TypeError, ValueError
        As `ticktone.separate`.

    References
    ----------
    J. Driedger, M. Müller, S. Ewert, "Improving time-scale modification of music signals using
    harmonic-percussive separation", IEEE Signal Processing Letters 21(1), 2014.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(np.arange(44_100) * 0.05).astype(np.float32)
    >>> stretch(tone, 44_100, 0.8, method="median").shape
    (55125,)
    """
    from ticktone.methods import DEFAULT
    from ticktone.separator import Separator
    from ticktone.stretch.stretcher import Stretcher, StretchSettings

    settings = StretchSettings(speed, pitch, keep_drums, lock_attacks)
    separator = Separator(DEFAULT if method is None else method, **options)
    return Stretcher(settings, separator).stretch(audio, sample_rate, progress)
