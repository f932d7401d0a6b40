"""Protocols: how a song is scored and how songs become one figure, our own and the papers'."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import TicktoneError, unknown
from ticktone.evaluation.bss_eval import METRICS, import_library, version_3_framewise, version_4
from ticktone.evaluation.measures import sdr, si_sdr
from ticktone.evaluation.scores import Scores, Values, finite
from ticktone.parts import SOURCES

STATISTICS = ("mean", "median")
GRID = 2**16  # steps to full scale: the mean of two channels of 16 bits lies on it

Sound = NDArray[np.float32]
BSSEval = Callable[[Sound, Sound, int, int], dict[str, Values]]


@dataclass(frozen=True)
class Protocol:
    """A way to evaluate.

    Parameters
    ----------
    name : str
    paper : str
    shown : tuple of str
        The metrics of the table.
    statistic : {"mean", "median"}
        Over songs, or over windows where these are pooled.
    pooled : bool
        Whether the windows of all songs are thrown together. If not, a song counts by the median
        of its windows.
    complement : bool
        Whether estimates of a method sum to the mixture; see `EstimatorSpec.open`.
    bss_eval : callable, optional
        One of `ticktone.evaluation.bss_eval`. Default: SDR and SI-SDR of the whole song.
    library : str, optional
        Which it needs.
    window, hop : float
        Seconds. 0: the whole song.
    """

    name: str
    paper: str
    shown: tuple[str, ...]
    statistic: str
    pooled: bool
    complement: bool
    bss_eval: BSSEval | None = None
    library: str | None = None
    window: float = 0.0
    hop: float = 0.0

    def check(self) -> None:
        """Refuse to go on without the library that the protocol needs.

        Raises
        ------
        TicktoneError
            If it is missing.
        """
        if self.library is not None:
            import_library(self.library)

    def settings(self) -> dict[str, Any]:
        """Return all that a song's scores depend on, apart from song and method."""
        library = self.library and f"{self.library} {version(self.library)}"
        return {
            "protocol": self.name,
            "library": library,
            "window": self.window,
            "hop": self.hop,
            "complement": self.complement,
            "grid": None if self.bss_eval is None else GRID,
        }

    def on_grid(self, sources: Sound) -> Sound:
        """Return the sources as the protocol scores them: for BSS Eval, on the papers' grid.

        Its filters cancel one another where the sources have no content at all, as decoded OGG and
        MP3 have none above some 16 kHz, and blow up what little a window's ends have there: SIR
        and SAR then mean nothing. The papers' data sets are of 16 bits, whose rounding restrains
        that. Theirs, mixed to mono or not, lie on this grid and stay as they are.
        """
        if self.bss_eval is None:
            return sources
        return (np.rint(sources * GRID) / GRID).astype(np.float32)

    def score(self, sources: Sound, estimates: Sound, sample_rate: int) -> Scores:
        """Compute the scores of the estimates of one song.

        Parameters
        ----------
        sources, estimates : ndarray [shape=(2, channels, samples)]
            Harmonic and percussive. Sources that are not silent throughout.
        sample_rate : int
            Hz.

        Returns
        -------
        Scores

        Raises
        ------
        ValueError
            If the shapes differ, or a source is silent throughout and so has no score.
        """
        if sources.ndim != 3 or len(sources) != len(SOURCES):
            raise ValueError(f"sources have shape {sources.shape}, expected (2, channels, samples)")
        if sources.shape != estimates.shape:
            raise ValueError(
                f"estimates have shape {estimates.shape}, sources {sources.shape}; "
                "make them equally long before scoring"
            )
        sources = self.on_grid(sources)
        if silent := silent_parts(sources):
            raise ValueError(f"the {' and '.join(silent)} source is silent and has no score")
        seconds = sources.shape[-1] / sample_rate
        if self.bss_eval is None:
            return Scores(_whole(sources, estimates), seconds, seconds)
        window, hop = (round(s * sample_rate) for s in (self.window, self.hop))
        if not estimates.any(axis=(1, 2)).all():  # for which the libraries have an error only
            count = max(1, (sources.shape[-1] - window + hop) // hop)
            nothing = np.full(count, np.nan)
            return Scores(
                {p: dict.fromkeys(METRICS, nothing) for p in SOURCES}, self.window, self.hop
            )
        found = self.bss_eval(sources, estimates, window, hop)
        values = {
            part: {metric: finite(found[metric][index]) for metric in METRICS}
            for index, part in enumerate(SOURCES)
        }
        # Where there are not two windows, version 3 takes the whole song, version 4 the first one.
        count = len(values[SOURCES[0]]["SDR"])
        whole = count == 1 and (seconds < self.window or self.bss_eval is version_3_framewise)
        return Scores(values, seconds if whole else self.window, self.hop)


def silent_parts(sources: Sound) -> list[str]:
    """Return the parts whose source is silent throughout."""
    return [part for part, source in zip(SOURCES, sources, strict=True) if not source.any()]


def _whole(sources: Sound, estimates: Sound) -> dict[str, dict[str, Values]]:
    return {
        part: {
            "SDR": finite(np.array([sdr(source, estimate)])),
            "SI-SDR": finite(np.array([si_sdr(source, estimate)])),
        }
        for part, source, estimate in zip(SOURCES, sources, estimates, strict=True)
    }


_ALL = (
    Protocol(
        name="sdr",
        paper="whole songs",
        shown=("SDR", "SI-SDR"),
        statistic="mean",
        pooled=False,
        complement=True,
    ),
    Protocol(
        name="lordelo2019",
        paper="Lordelo, Benetos, Dixon, Ahlbäck 2019",
        shown=("SDR", "SIR", "SAR"),
        statistic="mean",
        pooled=False,
        complement=False,
        bss_eval=version_4,
        library="museval",
        window=1.0,
        hop=1.0,
    ),
    Protocol(
        name="drossos2018",
        paper="Drossos, Magron, Mimilakis, Virtanen 2018",
        shown=("SDR", "SIR", "SAR"),
        statistic="median",
        pooled=True,
        complement=False,
        bss_eval=version_3_framewise,
        library="mir_eval",
        window=30.0,
        hop=15.0,
    ),
)


def protocols() -> dict[str, Protocol]:
    """Return the protocols by name."""
    return {protocol.name: protocol for protocol in _ALL}


def find_protocol(name: str) -> Protocol:
    """Return a protocol by name.

    Raises
    ------
    TicktoneError
        If there is none (near matches are named).
    """
    try:
        return protocols()[name]
    except KeyError:
        raise TicktoneError(unknown("protocol", name, protocols())) from None
