"""BSS Eval, by the libraries that the papers used.

Vincent, Gribonval, Févotte, "Performance measurement in blind audio source separation", 2006;
Stöter, Liutkus, Ito, "The 2018 signal separation evaluation campaign", LVA/ICA 2018 (version 4).
Both functions score images: the distortion is all of `estimate - source`, and no filter is
forgiven. Estimates are held to the source that they are meant for; no permutation is tried.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import TicktoneError
from ticktone.evaluation.scores import Values

METRICS = ("SDR", "SIR", "SAR", "ISR")
_RETURNED = ("SDR", "ISR", "SIR", "SAR")  # the order in which both libraries give them

Sound = NDArray[np.float32]


def version_4(sources: Sound, estimates: Sound, window: int, hop: int) -> dict[str, Values]:
    """Score by museval: distortion filters of 512 taps, estimated once for the whole song.

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
    """
    museval = need("museval")
    sounds = _for_libraries(sources), _for_libraries(estimates)
    with _numpys_old_name():
        return _named(museval.evaluate(*sounds, win=window, hop=hop))


def version_3_framewise(
    sources: Sound, estimates: Sound, window: int, hop: int
) -> dict[str, Values]:
    """Score by mir_eval's `bss_eval_images_framewise`: filters anew in each window.

    Parameters, shapes and silence are those of `version_4`.
    """
    mir_eval = need("mir_eval")
    with warnings.catch_warnings(), _numpys_old_name():
        # "deprecated ... will be removed in 0.9", which the extra's pin takes care of
        warnings.simplefilter("ignore", FutureWarning)
        scores = mir_eval.separation.bss_eval_images_framewise(
            *(_for_libraries(sources), _for_libraries(estimates)),
            window=window,
            hop=hop,
            compute_permutation=False,
        )
    named = _named(scores[:4])
    # In silent windows mir_eval 0.8 sets all but ISR, which holds whatever was in memory.
    named["ISR"] = np.where(np.isnan(named["SDR"]), np.nan, named["ISR"])
    return named


def need(library: str) -> ModuleType:
    """Import a library of the extra `evaluate`.

    Raises
    ------
    TicktoneError
        If it is not installed.
    """
    try:
        if library == "museval":
            import museval as found
        else:
            import mir_eval.separation

            found = mir_eval
    except ImportError:
        raise TicktoneError(
            f"this protocol needs {library}; install it by: pip install 'ticktone[evaluate]'"
        ) from None
    module: ModuleType = found
    return module


@contextmanager
def _numpys_old_name() -> Iterator[None]:
    """Let both libraries find `numpy.linalg.linalg.LinAlgError`, which NumPy 2.4 has no more.

    They look for it where a window's equations have no unique solution, to find one nevertheless.
    """
    if hasattr(np.linalg, "linalg"):
        yield
        return
    vars(np.linalg)["linalg"] = np.linalg
    try:
        yield
    finally:
        del vars(np.linalg)["linalg"]


def _for_libraries(sound: Sound) -> NDArray[np.float64]:
    """[shape=(sources, channels, samples)] to [shape=(sources, samples, channels)], as both ask."""
    return np.swapaxes(sound, 1, 2).astype(np.float64)


def _named(scores: Any) -> dict[str, Values]:
    return {name: np.atleast_2d(values) for name, values in zip(_RETURNED, scores, strict=True)}
