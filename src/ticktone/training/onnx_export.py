"""From a checkpoint to what ships: one .onnx file that needs no PyTorch, and its card."""

import hashlib
import io
import warnings
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomli_w
import torch
from torch import nn

from ticktone.datasets import Song
from ticktone.errors import TicktoneError
from ticktone.methods.live_low_end import REFINABLE, can_refine
from ticktone.models.card import PROVENANCE, Card, song_list
from ticktone.networks.mask_network import MaskNetwork
from ticktone.stft import REFERENCE_RATE, STFT
from ticktone.storage.atomic import write_whole
from ticktone.training.checkpoint import Checkpoint, network_from
from ticktone.training.half import in_half_precision
from ticktone.training.inference import MagnitudeToMasks, patches_of
from ticktone.training.normalisation import AnyNormalisation, normalisation_from
from ticktone.training.quantise import magnitudes_of, quantise
from ticktone.training.recipe import recipe_from

OPSET = 17  # old enough for every ONNX Runtime that we allow


def export(
    checkpoint: Checkpoint,
    path: Path,
    *,
    patch_frames: int | None = None,
    margin_frames: int | None = None,
    refine: bool = False,
    calibration: Iterable[Song] | None = None,
    half_precision: bool = False,
    licence: str = "",
    data: str = "",
) -> Card:
    """Write a checkpoint's network as ONNX, and its card beside it.

    Parameters
    ----------
    checkpoint : Checkpoint
        As `ticktone.training.checkpoint.load` gives it.
    path : Path
        Of the .onnx file; the card is beside it, with the ending .toml.
    patch_frames, margin_frames : int, optional
        As `ticktone.methods.network.Network` will use them. Default: what the network is made for,
        or about 128 and 32.
    refine : bool
        Whether `Network` will refine the low end unless told otherwise.
    calibration : iterable of Song, optional
        Makes the network compute in eight bits, with ranges that are wide enough for these songs.
    half_precision : bool
        Whether weights are stored in sixteen bits: half the file, and parts that differ from those
        of the whole weights by -80 dB.
    licence, data : str
        Of the weights; what they were trained on, in words.

    Raises
    ------
    TicktoneError
        As `export_network`.
    """
    examples = recipe_from(checkpoint["recipe"]).examples
    return export_network(
        network_from(checkpoint),
        normalisation_from(checkpoint["normalisation"]),
        path,
        name=checkpoint["network"]["name"],
        sample_rate=examples.sample_rate,
        stft=examples.stft,
        patch_frames=patch_frames,
        margin_frames=margin_frames,
        refine=refine,
        calibration=calibration,
        half_precision=half_precision,
        licence=licence,
        training=_training(checkpoint, data),
        scores=_scores(checkpoint),
    )


def export_network(
    network: MaskNetwork,
    normalisation: AnyNormalisation,
    path: Path,
    *,
    name: str,
    sample_rate: int = REFERENCE_RATE,
    stft: STFT = STFT(1024, 512),  # noqa: B008  (it never changes)
    patch_frames: int | None = None,
    margin_frames: int | None = None,
    refine: bool = False,
    calibration: Iterable[Song] | None = None,
    half_precision: bool = False,
    licence: str = "",
    training: dict[str, Any] | None = None,
    scores: dict[str, Any] | None = None,
) -> Card:
    """Write a network as ONNX, and its card beside it.

    Parameters
    ----------
    network : MaskNetwork
        In evaluation mode, on the CPU.
    normalisation : Normalisation, LevelNormalisation, Scaling or LevelScaling
    path : Path
        Of the .onnx file; the model is called by its stem.
    name : str
        Of the architecture.
    sample_rate, stft, patch_frames, margin_frames, refine, licence, training, scores
        What its card will say.
    calibration : iterable of Song, optional
    half_precision : bool
        As in `export`.

    Returns
    -------
    Card

    Raises
    ------
    TicktoneError
        If the files cannot be written, a length is not on the network's grid, the network looks
        further than its layers say, or it is causal and its frames cannot be refined.
    """
    patch, margin = patches_of(network)
    patch_frames = patch if patch_frames is None else patch_frames
    margin_frames = margin if margin_frames is None else margin_frames
    for frames, least in ((patch_frames, network.grid), (margin_frames, network.edge)):
        if frames < least or frames % network.grid:
            raise TicktoneError(
                f"patches and margins must be multiples of {network.grid} frames, at least "
                f"{least}, not {frames}"
            )
    causal = network.look_ahead is not None and network.look_ahead < network.grid
    if refine and causal and not network.edge and not can_refine(sample_rate, stft):
        raise TicktoneError(f"cannot be refined: {REFINABLE}", path)
    if network.context is not None and network.look_ahead is not None:
        reaches = (network.context, network.look_ahead)
        _check_context(network, reaches, stft.bins - (not network.sees_nyquist))
    frames = 2 * network.edge + 20
    module = MagnitudeToMasks(network, normalisation).eval()
    content = as_onnx(module, stft.bins, frames)
    if calibration is not None:
        content = quantise(content, magnitudes_of(calibration, stft, sample_rate))
    if half_precision:
        content = in_half_precision(content)
    told, names = song_list(training or {})
    all_shown = patch_frames + margin_frames - 1
    card = Card(
        name=path.stem,
        network=name,
        paper=network.paper,
        licence=licence,
        sha256=hashlib.sha256(content).hexdigest(),
        sample_rate=sample_rate,
        window_length=stft.window_length,
        hop_length=stft.hop_length,
        patch_frames=patch_frames,
        margin_frames=margin_frames,
        context=all_shown if network.context is None else network.context,
        look_ahead=all_shown if network.look_ahead is None else network.look_ahead,
        grid=network.grid,
        parameters=network.parameters_in_use,
        fft_length=stft.fft_length or 0,
        window=stft.window,
        refine=refine,
        least_margin=network.edge,
        normalisation={"kind": normalisation.kind, **asdict(normalisation)},
        training=told,
        scores=scores or {},
    )
    if names:
        folder = path.parent / PROVENANCE
        folder.mkdir(exist_ok=True)
        write_whole(folder / f"{told['songs_sha256']}.txt", lambda file: file.write(names))
    write_whole(path, lambda file: file.write(content))
    write_whole(path.with_suffix(".toml"), lambda file: tomli_w.dump(asdict(card), file))
    return card


def as_onnx(module: nn.Module, bins: int, frames: int, maps: int = 1) -> bytes:
    """Return the content of an .onnx file that takes any batch and any number of frames.

    Parameters
    ----------
    module : Module
        From magnitudes [shape=(batch, maps, bins, frames)] to masks, in evaluation mode.
    bins : int
    frames : int
        Any number that it takes.
    maps : int
    """
    axes = {0: "batch", 3: "frames"}
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the newer exporter needs onnxscript
        warnings.filterwarnings("ignore", "Constant folding")  # ONNX Runtime does that itself
        # The states begin at zero for as many examples as there are, which a test confirms.
        warnings.filterwarnings("ignore", "Exporting a model to ONNX with a batch_size other than")
        # Recurrent layers compare their input's shape with what they expect: it will not change.
        warnings.filterwarnings("ignore", module=r"torch\.nn\.modules\.rnn")
        torch.onnx.export(
            module,
            (torch.zeros(1, maps, bins, frames),),
            file,  # type: ignore[arg-type]  # which this exporter takes
            dynamo=False,
            opset_version=OPSET,
            input_names=["magnitude"],
            output_names=["masks"],
            dynamic_axes={"magnitude": axes, "masks": axes},
        )
    return file.getvalue()


@torch.no_grad()
def _check_context(network: MaskNetwork, reaches: tuple[int, int], bins: int) -> None:
    """Change the first or last frame; no mask may change that should not depend on it."""
    frames = max(reaches) + 2 * network.grid + 2 * network.edge
    x = torch.rand(1, 1, bins, frames, generator=torch.Generator().manual_seed(0))
    before = network(x)
    for place, reach in zip((0, frames - 1), reaches, strict=True):
        other = x.clone()
        other[..., place] = 1 - x[..., place]
        changed = (network(other) != before).any(dim=2).any(dim=1)[0].nonzero() + network.edge
        far = int((changed - place).abs().max()) if len(changed) else 0
        if far > reach:
            raise TicktoneError(f"the network looks {far} frames far, its layers say {reach}")


def _training(checkpoint: Checkpoint, data: str) -> dict[str, Any]:
    songs = checkpoint["songs"]["training"] + checkpoint["songs"]["voices"]
    return {
        "data": data,
        "songs": len(songs),
        "hours": round(sum(samples / rate for _, samples, rate in songs) / 3600, 2),
        "names": sorted(name for name, _, _ in songs),
        "steps": checkpoint["step"],
        "epochs": checkpoint["sampler"]["epoch"],
        "seconds": round(checkpoint["seconds"], 1),
        "ticktone": checkpoint["ticktone"],
        "recipe": _publishable(checkpoint["recipe"]),
    }


def _publishable(recipe: dict[str, Any]) -> dict[str, Any]:
    """Keep of folders and runs only their names: where they lie is nobody's business."""
    table: dict[str, Any] = _without_none(recipe)
    for section, key in (("data", "path"), ("data", "voices"), ("validation", "path")):
        table[section][key] = [Path(folder).name for folder in table[section][key]]
    table["data"].pop("cache", None)
    if pretrained := table["network"].get("pretrained"):
        table["network"]["pretrained"] = "/".join(Path(pretrained).parts[-2:])
    return table


def _scores(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return the scores that validation found for these weights."""
    history, sampler = checkpoint["history"], checkpoint["sampler"]
    if not history or sampler["step"] or history[-1]["validation_loss"] is None:
        return {}  # these very weights have not been validated
    names = ("epoch", "validation_loss", "sdr_percussive", "sdr_harmonic")
    return _without_none({name: history[-1][name] for name in names})


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    """TOML has no word for nothing."""
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }
