"""What is evaluated: methods by name with their options, and the two ends between which they lie.

Three ways to come by estimates share one form: told both sources and the sample rate, they answer
with estimates of both. Methods look at the sum of the sources only; the ends look at each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import TicktoneError, unknown
from ticktone.methods import make_method, methods
from ticktone.phase import DEFAULT as DEFAULT_PHASE
from ticktone.separator import Separator
from ticktone.stft import STFT, scaled_length

PARTS = ("percussive", "harmonic")  # in the order of the papers' tables
FLOOR, CEILING = "gain", "oracle"

Sources = NDArray[np.float32]


@dataclass(frozen=True)
class Estimator:
    """A method of evaluation; plain data, so that any process can use it.

    Parameters
    ----------
    label : str
        What it is called in tables and folders.
    method : str
        "gain", "oracle", one of `ticktone.methods()` or the path of an .onnx file.
    options : mapping
        The method's, and ``phase``, one of `ticktone.phase.phases()`.
    """

    label: str
    method: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_end(self) -> bool:
        """Whether it is the floor or the ceiling."""
        return self.method in (FLOOR, CEILING)

    def open(self, complement: bool, threads: int = 1) -> "Estimates":
        """Make ready to estimate.

        Parameters
        ----------
        complement : bool
            Whether the estimates of a method sum to the mixture, as users get them, or are raw, as
            papers score them.
        threads : int

        Raises
        ------
        TicktoneError
            If there is no such method, option or phase.
        """
        if self.method == FLOOR:
            return Gain()
        if self.method == CEILING:
            return Oracle()
        options = dict(self.options)
        phase = str(options.pop("phase", DEFAULT_PHASE))
        method = make_method(self.method, threads=threads, **options)
        separator = Separator(method, phase=phase, complement=complement, threads=threads)
        return OfMethod(separator, phase)


class Estimates:
    """Estimates of both sources."""

    def estimate(self, sources: Sources, sample_rate: int) -> Sources:
        """Estimate the sources of a song.

        Parameters
        ----------
        sources : ndarray [shape=(2, channels, samples)]
            Percussive and harmonic.
        sample_rate : int
            Hz.

        Returns
        -------
        ndarray [shape=(2, channels, samples)]
        """
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """Give all that the estimates depend on, apart from the song."""
        raise NotImplementedError


class Gain(Estimates):
    """The floor: the mixture times a constant, the best one in the sense of least squares."""

    def estimate(self, sources: Sources, sample_rate: int) -> Sources:
        """See `Estimates`."""
        mixture = sources.sum(axis=0).astype(np.float64)
        energy = np.vdot(mixture, mixture)
        gain = np.vdot(mixture, sources[0].astype(np.float64)) / energy if energy else 0.0
        return np.stack([gain * mixture, (1 - gain) * mixture]).astype(np.float32)

    def settings(self) -> dict[str, Any]:
        """See `Estimates`."""
        return {"method": FLOOR}


class Oracle(Estimates):
    """The ceiling, nearly, of any mask: the ideal ratio mask P / (P + H) on magnitudes.

    The window is the power of two nearest to 46 ms (2048 at 44.1 kHz), the hop a quarter of it.
    """

    def estimate(self, sources: Sources, sample_rate: int) -> Sources:
        """See `Estimates`."""
        window = scaled_length(2048, sample_rate)
        stft = STFT(window, window // 4)
        mixture = sources.sum(axis=0)
        percussive, harmonic = (abs(stft.forward(source)) for source in sources)
        mask = percussive / (percussive + harmonic + np.float32(1e-12))
        estimate = stft.inverse(stft.forward(mixture) * mask, mixture.shape[-1])
        return np.stack([estimate, mixture - estimate])

    def settings(self) -> dict[str, Any]:
        """See `Estimates`."""
        return {"method": CEILING}


class OfMethod(Estimates):
    """What a method makes of the mixture; a residual counts as harmonic.

    Parameters
    ----------
    separator : Separator
    phase : str
        The name of its phase.
    """

    def __init__(self, separator: Separator, phase: str) -> None:
        self.separator, self.phase = separator, phase

    def estimate(self, sources: Sources, sample_rate: int) -> Sources:
        """See `Estimates`."""
        return self.separate(sources.sum(axis=0), sample_rate)

    def separate(self, mixture: NDArray[np.float32], sample_rate: int) -> Sources:
        """Separate a mixture [shape=(channels, samples)] into what `Estimates` gives."""
        parts = self.separator.separate(mixture, sample_rate)
        return np.stack([parts.percussive, sum(parts[2:], start=parts.harmonic)])

    def settings(self) -> dict[str, Any]:
        """See `Estimates`. Threads are left out, as nothing depends on them."""
        method: Any = self.separator.method  # a dataclass, as all that have a name
        options = {name: _plain(value) for name, value in asdict(method).items()}
        options.pop("threads", None)
        found: dict[str, Any] = {"method": method.name, "options": options, "phase": self.phase}
        if (card := getattr(method, "card", None)) is not None:
            del options["model"]  # wherever it lies, it is known by its content
            for_people = ("paper", "licence", "training", "scores")
            told = asdict(card).items()
            found["model"] = {name: value for name, value in told if name not in for_people}
        return found


def _plain(value: Any) -> Any:
    """Make a value survive JSON: infinity does not, in every reader."""
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value


def choose(wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Estimator]:
    """Name what is to be evaluated; floor and ceiling are always there, first and last.

    Parameters
    ----------
    wanted : sequence of (str, mapping)
        Each a method's name or path, and its options; see `Estimator`.

    Raises
    ------
    TicktoneError
        If there is no such method, or two would have the same label, or floor or ceiling are given
        options, of which they have none.
    """
    found: dict[str, Estimator] = {}
    for name, options in wanted:
        if name in (FLOOR, CEILING):
            if options:
                raise TicktoneError(f"{name} has no options, and is always scored; leave it away")
            continue
        if name not in methods() and not name.endswith(".onnx"):
            raise TicktoneError(unknown("method", name, (*methods(), FLOOR, CEILING)))
        short = Path(name).stem if name.endswith(".onnx") else name
        words = (f"{option}={str(value).lower()}" for option, value in options.items())
        label = ":".join([short, *words])
        if label in (*found, FLOOR, CEILING):
            raise TicktoneError(
                f"two methods would be called {label!r} in table and results; name each once, or "
                "rename one model"
            )
        found[label] = Estimator(label, name, options)
    ends = (Estimator(name, name) for name in (FLOOR, CEILING))
    return [next(ends), *found.values(), next(ends)]
