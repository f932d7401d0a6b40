"""What is evaluated: methods by name with their options, and the two bounds around them.

Three kinds of estimators share one form: from both sources and the sample rate to estimates of
both. Methods use the sum of the sources alone; the bounds, floor and ceiling, use each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import TicktoneError, unknown
from ticktone.methods import make_method, methods, resolve
from ticktone.methods.network import Network
from ticktone.models.refiner import read_low_end
from ticktone.options import refuse_taken
from ticktone.phase import DEFAULT as DEFAULT_PHASE
from ticktone.separator import Separator
from ticktone.stft import STFT, scaled_length

FLOOR, CEILING = "gain", "oracle"

Sources = NDArray[np.float32]


@dataclass(frozen=True)
class EstimatorSpec:
    """A method to evaluate, or a bound; plain data, so that any process can use it.

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
    def is_bound(self) -> bool:
        """Whether it is the floor or the ceiling."""
        return self.method in (FLOOR, CEILING)

    def open(self, complement: bool, threads: int = 1) -> "SourceEstimator":
        """Return an estimator that is ready.

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
            return ConstantGain()
        if self.method == CEILING:
            return IdealRatioMask()
        options = dict(self.options)
        phase = str(options.pop("phase", DEFAULT_PHASE))
        refuse_taken(options, self.method, "threads")
        method = make_method(self.method, threads=threads, **options)
        separator = Separator(method, phase=phase, complement=complement, threads=threads)
        return MethodEstimator(separator, phase)


class SourceEstimator:
    """Estimates both sources of a song."""

    def estimate(self, sources: Sources, sample_rate: int) -> Sources:
        """Estimate the sources of a song.

        Parameters
        ----------
        sources : ndarray [shape=(2, channels, samples)]
            Harmonic and percussive.
        sample_rate : int
            Hz.

        Returns
        -------
        ndarray [shape=(2, channels, samples)]
        """
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """Return all that the estimates depend on, apart from the song."""
        raise NotImplementedError


class ConstantGain(SourceEstimator):
    """The floor: the mixture times a constant, the best one in the sense of least squares."""

    def estimate(self, sources: Sources, sample_rate: int) -> Sources:
        """See `SourceEstimator`."""
        mixture = sources.sum(axis=0).astype(np.float64)
        energy = np.vdot(mixture, mixture)
        _, percussive = sources
        gain = np.vdot(mixture, percussive.astype(np.float64)) / energy if energy else 0.0
        return np.stack([(1 - gain) * mixture, gain * mixture]).astype(np.float32)

    def settings(self) -> dict[str, Any]:
        """See `SourceEstimator`."""
        return {"method": FLOOR}


class IdealRatioMask(SourceEstimator):
    """The ceiling, nearly, of any mask: the ideal ratio mask P / (P + H) on magnitudes.

    The window is the power of two nearest to 46 ms (2048 at 44.1 kHz), the hop a quarter of it.
    """

    def estimate(self, sources: Sources, sample_rate: int) -> Sources:
        """See `SourceEstimator`."""
        window = scaled_length(2048, sample_rate)
        stft = STFT(window, window // 4)
        mixture = sources.sum(axis=0)
        harmonic, percussive = (abs(stft.forward(source)) for source in sources)
        mask = percussive / (percussive + harmonic + np.float32(1e-12))
        estimate = stft.inverse(stft.forward(mixture) * mask, mixture.shape[-1])
        return np.stack([mixture - estimate, estimate])

    def settings(self) -> dict[str, Any]:
        """See `SourceEstimator`."""
        return {"method": CEILING}


class MethodEstimator(SourceEstimator):
    """A method, which separates the mixture; a residual counts as harmonic.

    Parameters
    ----------
    separator : Separator
    phase : str
        The name of its phase.
    """

    def __init__(self, separator: Separator, phase: str) -> None:
        self.separator, self.phase = separator, phase

    def estimate(self, sources: Sources, sample_rate: int) -> Sources:
        """See `SourceEstimator`."""
        return self.separate(sources.sum(axis=0), sample_rate)

    def separate(self, mixture: NDArray[np.float32], sample_rate: int) -> Sources:
        """Separate a mixture. [shape=(channels, samples)] to [shape=(2, channels, samples)]."""
        parts = self.separator.separate(mixture, sample_rate)
        return np.stack([sum(parts[2:], start=parts.harmonic), parts.percussive])

    def settings(self) -> dict[str, Any]:
        """See `SourceEstimator`. Threads are left out, as nothing depends on them."""
        method: Any = self.separator.method  # a dataclass, as all that have a name
        options = {name: _plain(value) for name, value in asdict(method).items()}
        options.pop("threads", None)
        found: dict[str, Any] = {"method": method.name, "options": options, "phase": self.phase}
        if isinstance(method, Network):
            del options["model"]  # wherever it lies, it is known by its content
            for_people = ("paper", "licence", "training", "scores")
            card = asdict(method.card).items()
            found["model"] = {name: value for name, value in card if name not in for_people}
            if method.refiner is not None:
                found["refined_by"] = read_low_end(method.refiner)[0].sha256
        return found


def _plain(value: Any) -> Any:
    """Return a value that survives JSON: infinity does not, in every reader."""
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value


def choose(wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> list[EstimatorSpec]:
    """Return what is to be evaluated; floor and ceiling are always there, first and last.

    Parameters
    ----------
    wanted : sequence of (str, mapping)
        Each a method's name or path, and its options; see `EstimatorSpec`.

    Raises
    ------
    TicktoneError
        If there is no such method, or two would have the same label, or floor or ceiling are given
        options, of which they have none.
    """
    found: dict[str, EstimatorSpec] = {}
    for name, options in wanted:
        name = resolve(name)
        if name in (FLOOR, CEILING):
            if options:
                raise TicktoneError(f"{name} has no options, and is always scored; omit it")
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
        found[label] = EstimatorSpec(label, name, options)
    ends = (EstimatorSpec(name, name) for name in (FLOOR, CEILING))
    return [next(ends), *found.values(), next(ends)]
