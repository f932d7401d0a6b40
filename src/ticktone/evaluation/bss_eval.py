"""BSS Eval, by the libraries that the papers used.

Vincent, Gribonval, Févotte, "Performance measurement in blind audio source separation", 2006;
Stöter, Liutkus, Ito, "The 2018 signal separation evaluation campaign", LVA/ICA 2018 (version 4).
Both functions score images: the distortion is all of `estimate - source`, and no filter is
forgiven. Estimates are compared with the source that they are meant for; no permutation is tried.
"""

import importlib
import importlib.util
import warnings
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import TicktoneError
from ticktone.evaluation.scores import Values

METRICS = ("SDR", "SIR", "SAR", "ISR")
_RETURNED = ("SDR", "ISR", "SIR", "SAR")  # the order in which both libraries return them
_MODULES = {"museval": "museval.metrics", "mir_eval": "mir_eval.separation"}

Sound = NDArray[np.float32]


def version_4(sources: Sound, estimates: Sound, window: int, hop: int) -> dict[str, Values]:
    """Compute BSS Eval 4 by museval: filters of 512 taps, estimated once for the whole song.

    Parameters
    ----------
    sources, estimates : ndarray [shape=(sources, channels, samples)]
        None of the sources silent throughout.
    window, hop : int
        Samples. A song shorter than a window is one window; what does not fill a window is left
        out.

    Returns
    -------
    dict of ndarray [shape=(sources, windows)]
        dB. NaN in windows where a source or an estimate is silent.

    Raises
    ------
    TicktoneError
        If museval is not installed.
    """
    *scores, _ = _library("museval").bss_eval(  # as `museval.evaluate` calls it
        _for_libraries(sources),
        _for_libraries(estimates),
        compute_permutation=False,
        window=window,
        hop=hop,
        framewise_filters=False,
        bsseval_sources_version=False,
    )
    return _named(scores)


def version_3_framewise(
    sources: Sound, estimates: Sound, window: int, hop: int
) -> dict[str, Values]:
    """Compute BSS Eval 3 by mir_eval's `bss_eval_images_framewise`: filters anew in each window.

    Parameters, shapes, errors and silence are those of `version_4`.
    """
    library = _library("mir_eval")
    with warnings.catch_warnings():
        # "deprecated ... will be removed in 0.9", which the extra's pin takes care of
        warnings.simplefilter("ignore", FutureWarning)
        scores = library.bss_eval_images_framewise(
            *(_for_libraries(sources), _for_libraries(estimates)),
            window=window,
            hop=hop,
            compute_permutation=False,
        )
    named = _named(scores[:4])
    # In silent windows mir_eval 0.8 sets all but ISR, which holds whatever was in memory.
    named["ISR"] = np.where(np.isnan(named["SDR"]), np.nan, named["ISR"])
    return named


def import_library(library: str) -> ModuleType:
    """Import the module of a library of the extra `evaluate` that holds its BSS Eval.

    Parameters
    ----------
    library : {"museval", "mir_eval"}

    Raises
    ------
    TicktoneError
        If it is not installed.
    """
    try:
        importlib.import_module(library)
        return importlib.import_module(_MODULES[library])
    except ImportError:
        raise TicktoneError(
            f"this protocol needs {library}; install it by: pip install 'ticktone[evaluate]'"
        ) from None


@cache
def _library(library: str) -> Any:
    """Load a copy of the library's module that is ours alone, and runs with NumPy 2.4.

    Where a window's equations have no unique solution, both libraries look for
    `numpy.linalg.linalg.LinAlgError`, which NumPy 2.4 no longer has, to find one nevertheless. The
    copy is given a NumPy that has it; NumPy itself, and the library as others import it, stay as
    they are.
    """
    specification = import_library(library).__spec__
    assert specification is not None
    assert specification.loader is not None
    copy: Any = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(copy)
    copy.np = _NumPyWithOldNames()
    return copy


class _LinalgWithOldNames:
    """`numpy.linalg`, with itself as its attribute `linalg`."""

    linalg = np.linalg

    def __getattr__(self, name: str) -> Any:
        return getattr(np.linalg, name)


class _NumPyWithOldNames:
    """`numpy`, with `numpy.linalg.linalg`."""

    linalg = _LinalgWithOldNames()

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def _for_libraries(sound: Sound) -> NDArray[np.float64]:
    """[shape=(sources, channels, samples)] to [shape=(sources, samples, channels)], as both ask.

    The last source comes first there: the last bits of what the libraries compute depend on the
    order, and results from before harmonic came first are to stay comparable.
    """
    return np.swapaxes(sound[::-1], 1, 2).astype(np.float64)


def _named(scores: Any) -> dict[str, Values]:
    return {
        name: np.atleast_2d(values)[::-1] for name, values in zip(_RETURNED, scores, strict=True)
    }
