"""Two passes and a residual: Driedger, Müller and Disch, ISMIR 2014, section 3.

"Extending harmonic-percussive separation of audio signals". A long window finds what is harmonic;
in what it leaves, a short window finds what is percussive; what neither claims is the residual.
"""

from dataclasses import dataclass
from typing import ClassVar

from ticktone.methods.base import Magnitude, Method, Stage
from ticktone.methods.median import medians, odd
from ticktone.options import LONGEST, check_options, setting
from ticktone.parts import PARTS
from ticktone.stft import STFT, scaled_length


@dataclass(frozen=True)
class HPRStage(Stage):
    """Divide by binary masks that leave out what is not clearly one or the other.

    Parameters
    ----------
    stft : STFT
    frames, bins : int
        Kernel lengths: of the harmonic median over time, of the percussive one over frequency.
    beta : float
        Separation factor.
    """

    stft: STFT
    frames: int
    bins: int
    beta: float

    @property
    def context(self) -> int:
        """Half a kernel, in frames."""
        return self.frames // 2

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """Apply equations 5 and 6; ties, which beta = 1 alone has, are percussive.

        See `ticktone.methods.base.Stage`.
        """
        harmonic, percussive = medians(magnitude, self.frames, self.bins)
        is_harmonic = harmonic > self.beta * percussive
        is_percussive = (percussive >= self.beta * harmonic) & (percussive > 0)
        return (magnitude * is_harmonic)[..., wanted], (magnitude * is_percussive)[..., wanted]


@dataclass(frozen=True, kw_only=True)
class HPR(Method):
    """Iterative harmonic-percussive-residual decomposition (Driedger et al. 2014).

    Parameters
    ----------
    beta : float
        Separation factor of both passes, at least 1: how many times as strong as the other a
        median must be for a bin to be harmonic, or percussive.
    residual : bool
        Whether the residual is a part of its own, or goes to the harmonic part.
    harmonic_window, percussive_window : int, optional
        Samples in the first and the second pass's window. Default: the powers of two nearest to
        93 ms and 5.8 ms (4096 and 256 at 44.1 kHz). The hop is a quarter of either.
    harmonic_seconds, percussive_hertz : float
        Kernel lengths: of the median over time, of the median over frequency.

    Raises
    ------
    ValueError
        If an option is out of its range.
    """

    name: ClassVar[str] = "hpr"
    paper: ClassVar[str] = "Driedger, Müller, Disch 2014"

    beta: float = setting(2.0, least=1, most=LONGEST)
    residual: bool = True
    harmonic_window: int | None = setting(None, least=4, most=LONGEST)
    percussive_window: int | None = setting(None, least=4, most=LONGEST)
    harmonic_seconds: float = setting(0.2, above=0, most=LONGEST)
    percussive_hertz: float = setting(500.0, above=0, most=LONGEST)

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def parts(self) -> tuple[str, ...]:
        """See `ticktone.methods.base.Method`."""
        return PARTS if self.residual else PARTS[:2]

    def stages(self, sample_rate: int) -> tuple[HPRStage, HPRStage]:
        """See `ticktone.methods.base.Method`."""
        long = self.harmonic_window or scaled_length(4096, sample_rate)
        short = self.percussive_window or scaled_length(256, sample_rate)
        return self._stage(long, sample_rate), self._stage(short, sample_rate)

    def _stage(self, window: int, sample_rate: int) -> HPRStage:
        stft = STFT(window, window // 4)
        frames = odd(self.harmonic_seconds * sample_rate / stft.hop_length)
        bins = odd(self.percussive_hertz * stft.size / sample_rate)
        return HPRStage(stft, frames, bins, self.beta)
