"""What the site's engine must know of a model, from its card."""

from pathlib import Path
from typing import Any

from ticktone.errors import TicktoneError
from ticktone.methods import refinement as low_end
from ticktone.methods.alike import ALIKE, SILENT
from ticktone.methods.network import Network, NetworkStage
from ticktone.methods.patch_views import Patches
from ticktone.methods.refinement import LowEndRefinement
from ticktone.models import check_sum
from ticktone.models.refiner import read_low_end
from ticktone.stft import STFT

# Kinds of normalisation, each a step of the network itself: the engine has nothing to do.
INSIDE = (
    "log1p, then [minimum, maximum] to [0, 1]",
    "to one level, then log1p, then [minimum, maximum] to [0, 1]",
    "times factor",
    "to one level, then times factor",
)


def model_settings(method: Network) -> dict[str, Any]:
    """Return a model's settings as the engine reads them.

    Parameters
    ----------
    method : Network

    Returns
    -------
    dict
        Of what JSON holds; `site.d.ts` names the fields. Lengths are in samples or frames, the
        latency in seconds.

    Raises
    ------
    TicktoneError
        If the model cannot be read, or needs what the engine does not do.
    """
    card = method.card
    check_sum(method.path, card.sha256)
    (stage,) = method.stages(card.sample_rate)
    assert isinstance(stage, NetworkStage)
    if stage.stft.before:
        raise TicktoneError("sees two windows at once, which the site does not", method.path)
    kind = card.normalisation.get("kind")
    if kind not in INSIDE:
        raise TicktoneError(f"normalises by {kind!r}, which the site does not know", method.path)
    refinement = method.refinement(card.sample_rate)
    return {
        "name": card.name,
        "paper": card.paper,
        "file": f"{card.sha256[:16]}.onnx",
        "sample_rate": card.sample_rate,
        "stft": _transform(stage.stft, method.path),
        **_patches(stage.patches),
        "one_mask": stage.one_mask,
        "alike": ALIKE,
        "silent": SILENT,
        "latency": method.latency(card.sample_rate),
        "normalisation": kind,
        "refinement": None if refinement is None else _refinement(refinement, method.path),
    }


def _refinement(refinement: Any, model: Path) -> dict[str, Any]:
    assert isinstance(refinement, LowEndRefinement)
    card, _ = read_low_end()
    return {
        "file": f"{card.sha256[:16]}.onnx",
        "stft": _transform(refinement.stft, model),
        "decimation": refinement.decimation,
        "frames": low_end.FRAMES,
        "bins": low_end.BINS,
        "low": low_end.LOW,
        **_patches(low_end.PATCHES),
        "one_mask": refinement.one_mask,
        "alike": ALIKE,
        "silent": SILENT,
    }


def _patches(patches: Patches) -> dict[str, int]:
    return {
        "patch": patches.length,
        "margin": patches.before,
        "ahead": patches.after,
        "multiple": patches.multiple,
    }


def _transform(stft: STFT, model: Path) -> dict[str, Any]:
    if stft.size & (stft.size - 1):
        raise TicktoneError(
            f"has frames of {stft.size} samples; the site transforms powers of two", model
        )
    return {
        "window_length": stft.window_length,
        "hop_length": stft.hop_length,
        "fft_length": stft.size,
        "window": stft.window,
    }
