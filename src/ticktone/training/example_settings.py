"""What an example of a training is, and how it is varied: two sections of a recipe."""

from dataclasses import dataclass

from ticktone.options import setting
from ticktone.stft import STFT, WINDOWS


@dataclass(frozen=True)
class ExampleSettings:
    """What one example is. All is mono.

    Parameters
    ----------
    sample_rate : int
        Hz; songs at another rate are resampled.
    window_length, hop_length : int
        Samples.
    fft_length : int
        Samples; 0: `window_length`.
    window : str
        ``"hann"`` (periodic) or ``"symmetric hamming"``.
    frames : int
        STFT frames to an example.
    context : int
        Of these, how many at either end are only shown: neighbouring examples overlap by them. The
        network says how many there must be.
    target : str
        What is to be estimated of a source of magnitude V in a mixture of magnitude X:
        ``"source"``, V; ``"harmonic_mean"``, 2 X V / (X + V), as published with MaD TwinNet;
        ``"minimum"``, the lesser of X and V.
    clip : float
        Greatest magnitude, divided by the root of the FFT's length, that mixture and target have in
        training; what is louder is cut. In use nothing is. 0: none.
    batch : int
        Examples to a step, over all processes.
    readers : int
        Threads that read from disk. The result does not depend on them.
    range : tuple of float
        Lowest and highest log1p magnitude, which become 0 and 1. Default: measured on the training
        songs, as in the paper, which takes its time where there are many. Networks that see
        linear magnitudes need none.
    level : float
        To which the magnitudes of each example are brought before, so that no mask depends on how
        loud a recording is; see `LevelNormalisation` and `LevelScaling` in
        `ticktone.training.normalisation`. 0: not at all. `range` is not measured then: [0, 1] by
        default, where the network has one.
    """

    sample_rate: int = setting(44_100, least=1)
    window_length: int = setting(1024, least=4)
    hop_length: int = setting(512, least=1)
    fft_length: int = setting(0, least=0)
    window: str = setting("hann", choices=WINDOWS)
    frames: int = setting(128, least=1)
    context: int = setting(0, least=0)
    target: str = setting("source", choices=("source", "harmonic_mean", "minimum"))
    clip: float = setting(0.0, least=0)
    batch: int = setting(16, least=1)
    readers: int = setting(4, least=1)
    range: tuple[float, ...] = setting((), least=0)
    level: float = setting(0.0, least=0)

    @property
    def stft(self) -> STFT:
        """The transform."""
        return STFT(self.window_length, self.hop_length, self.fft_length or None, self.window)

    @property
    def samples(self) -> int:
        """Samples on which an example's frames depend."""
        return (self.frames - 1) * self.hop_length + self.stft.size

    @property
    def stride(self) -> int:
        """Samples from an example to the next that has nothing to learn in common with it."""
        return (self.frames - 2 * self.context) * self.hop_length


@dataclass(frozen=True)
class Augmentation:
    """How examples are varied; by default, as in the paper, not at all.

    Parameters
    ----------
    mixing : float
        Probability that the percussive part comes from another place, mostly another song.
    voice : float
        Probability that a voice is added to the harmonic part.
    gain : tuple of float
        Lowest and highest gain in dB, drawn for each source.
    equaliser : float
        Greatest boost or cut in dB of a smooth random frequency response, drawn for each source.
    polarity : float
        Probability that a source is turned upside down.
    speed : tuple of float
        Lowest and highest speed, and with it pitch, of an example.
    silence : float
        Probability that one of the two sources is silent.
    """

    mixing: float = setting(0.0, least=0, most=1)
    voice: float = setting(0.0, least=0, most=1)
    gain: tuple[float, float] = setting((0.0, 0.0), least=-60, most=60)
    equaliser: float = setting(0.0, least=0, most=40)
    polarity: float = setting(0.0, least=0, most=1)
    speed: tuple[float, float] = setting((1.0, 1.0), least=0.25, most=4)
    silence: float = setting(0.0, least=0, most=1)
