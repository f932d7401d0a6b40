"""Validation: a network's loss and SDR on whole songs, separated as users' recordings are."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ticktone.datasets import Song
from ticktone.evaluation.measures import sdr
from ticktone.methods.base import Magnitude, Method
from ticktone.methods.network import NetworkStage, frames_ahead
from ticktone.methods.patch_views import Patches
from ticktone.networks.mask_network import MaskNetwork
from ticktone.parts import SOURCES
from ticktone.separator import Separator
from ticktone.stft import STFT
from ticktone.training.example_settings import ExampleSettings
from ticktone.training.excerpt import excerpt, length_at_rate, resampling_step
from ticktone.training.inference import MagnitudeToMasks, patches_of
from ticktone.training.losses import Loss
from ticktone.training.normalisation import AnyNormalisation
from ticktone.training.spectra import compute_spectra, network_input, training_targets


@dataclass(frozen=True)
class TorchMethod(Method):
    """A network in training as a method, run just as it will be run once it is exported.

    Parameters
    ----------
    network : MaskNetwork
        In evaluation mode, on any device.
    normalisation : Normalisation, LevelNormalisation, Scaling or LevelScaling
    stft : STFT
    """

    name: ClassVar[str] = "network in training"
    paper: ClassVar[str] = "none"

    network: MaskNetwork
    normalisation: AnyNormalisation
    stft: STFT

    def stages(self, sample_rate: int) -> tuple[NetworkStage]:
        """Return the one stage, for recordings at the recipe's sample rate."""
        network = self.network
        patch, margin = patches_of(network)
        ahead = margin
        if network.look_ahead is not None:
            ahead = frames_ahead(network.look_ahead, network.grid, margin)
        multiple = network.grid if ahead and not network.edge else 0
        return (NetworkStage(self._masks, self.stft, Patches(patch, margin, ahead, multiple)),)

    @torch.inference_mode()
    def _masks(self, magnitude: Magnitude) -> Magnitude:
        """[shape=(batch, 1, bins, frames)] to [shape=(batch, 2, bins, frames)]."""
        tensor = torch.tensor(magnitude).to(next(self.network.parameters()).device)
        masks: Tensor = MagnitudeToMasks(self.network, self.normalisation)(tensor)
        return masks.cpu().numpy()


@dataclass(frozen=True)
class ValidationScores:
    """The result of a validation.

    Parameters
    ----------
    loss : float
        Over all patches that have nothing to learn in common, the last of a song filled up with
        silence. Nothing is clipped.
    sdr_harmonic, sdr_percussive : float
        dB; the mean over songs. NaN if there is none.
    songs : tuple of (float, float)
        Harmonic and percussive SDR of each song, dB; NaN where a source is silent.
    """

    loss: float
    sdr_harmonic: float
    sdr_percussive: float
    songs: tuple[tuple[float, float], ...] = ()

    def by_folder(self, folders: Sequence[str]) -> dict[str, tuple[float, float]]:
        """Return each folder's mean harmonic and percussive SDR, dB, where there are several.

        Parameters
        ----------
        folders : sequence of str
            The folder of each song.

        Examples
        --------
        >>> scores = ValidationScores(0.1, 5.0, 3.0, ((4.0, 1.0), (5.0, 3.0), (6.0, 5.0)))
        >>> scores.by_folder(["validation", "validation", "development"])
        {'validation': (4.5, 2.0), 'development': (6.0, 5.0)}
        >>> scores.by_folder(["validation"] * 3)
        {}
        """
        names = list(dict.fromkeys(folders))
        if len(names) < 2:
            return {}
        found = {}
        for name in names:
            pairs = [
                pair for pair, folder in zip(self.songs, folders, strict=True) if folder == name
            ]
            harmonic, percussive = (_mean(ratios) for ratios in zip(*pairs, strict=True))
            found[name] = (harmonic, percussive)
        return found


def _mean(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return sum(finite) / len(finite) if finite else math.nan


def validate(
    method: TorchMethod,
    songs: Sequence[Song],
    settings: ExampleSettings,
    loss: Loss,
    *,
    share: slice = slice(None),
    add: Callable[[Sequence[float]], list[float]] = list,
    stop: Callable[[], bool] = lambda: False,
) -> ValidationScores | None:
    """Score a network on whole songs.

    Parameters
    ----------
    method : TorchMethod
    songs : sequence of Song
    settings : ExampleSettings
    loss : Loss
    share : slice
        The songs that this process scores.
    add : callable
        Adds the numbers of all processes, one by one.
    stop : callable
        Asked before each song whether to give up.

    Returns
    -------
    ValidationScores, optional
        None if any process gave up.

    Raises
    ------
    TicktoneError
        If a file is damaged.
    """
    patch_count = loss_sum = given_up = 0.0
    ratios = np.zeros((len(songs), len(SOURCES)))
    scored = np.zeros((len(songs), len(SOURCES)))  # 1: its SDR is known
    for index in range(len(songs))[share]:
        if stop():
            given_up = 1
            break
        sources = _read_sources(songs[index], settings)
        for patches in _patches(sources, settings):
            patch_count += len(patches)
            loss_sum += len(patches) * _loss(method, patches, settings.target, loss)
        found = np.array(song_sdr(method, sources, settings.sample_rate))
        scored[index] = np.isfinite(found)
        ratios[index] = np.where(np.isfinite(found), found, 0)
    numbers = [patch_count, loss_sum, given_up, *ratios.ravel().tolist(), *scored.ravel().tolist()]
    patch_count, loss_sum, given_up, *rest = add(numbers)
    if given_up:
        return None
    ratios, scored = np.array(rest).reshape(2, len(songs), len(SOURCES))
    ratios[scored == 0] = np.nan
    harmonic, percussive = (_mean(column) for column in ratios.T.tolist())
    return ValidationScores(
        loss_sum / patch_count if patch_count else math.nan,
        harmonic,
        percussive,
        tuple((float(h), float(p)) for h, p in ratios),
    )


def song_sdr(
    method: TorchMethod, sources: NDArray[np.float32], sample_rate: int
) -> tuple[float, float]:
    """Separate a song as users do, but for the complement, and score both parts.

    Parameters
    ----------
    method : TorchMethod
    sources : ndarray [shape=(2, samples)]
        Harmonic and percussive.
    sample_rate : int
        Hz.

    Returns
    -------
    harmonic, percussive : float
        dB; NaN for a source that is silent.
    """
    separator = Separator(method, complement=False)
    parts = separator.separate(sources[0] + sources[1], sample_rate)
    harmonic, percussive = (sdr(*pair) for pair in zip(sources, parts[:2], strict=True))
    return harmonic, percussive


def _read_sources(song: Song, settings: ExampleSettings) -> NDArray[np.float32]:
    """Read both sources of a song. [shape=(2, samples)]."""
    step = resampling_step(song, settings.sample_rate)
    samples = length_at_rate(song, settings.sample_rate)
    return np.stack([excerpt(song, part, 0, samples, step) for part in SOURCES])


def _patches(
    sources: NDArray[np.float32], settings: ExampleSettings
) -> Iterator[NDArray[np.float32]]:
    """Cut a song into batches of patches. [shape=(batch, 2, samples)]."""
    count = max(1, -(-sources.shape[-1] // settings.stride))
    whole = (count - 1) * settings.stride + settings.samples
    padded = np.pad(sources, ((0, 0), (0, max(0, whole - sources.shape[-1]))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, settings.samples, axis=-1)
    patches = windows[:, :: settings.stride].swapaxes(0, 1)[:count]
    for first in range(0, count, settings.batch):
        yield patches[first : first + settings.batch].copy()


@torch.inference_mode()
def _loss(method: TorchMethod, patches: NDArray[np.float32], target: str, loss: Loss) -> float:
    device = next(method.network.parameters()).device
    spectra = compute_spectra(method.stft, torch.from_numpy(patches).to(device))
    spectra = training_targets(method.stft, spectra, target, clip=0)
    inputs = network_input(method.network, method.normalisation, spectra.mixture.abs()[:, None])
    return loss(method.network(inputs), spectra).item()
