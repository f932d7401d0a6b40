"""How well a network does on whole songs, in the pipeline that users' recordings go through."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from ticktone.datasets import Song
from ticktone.evaluation.measures import sdr
from ticktone.methods.base import Magnitude, Method
from ticktone.methods.network import NetworkStage, frames_ahead
from ticktone.networks.mask_network import MaskNetwork
from ticktone.separator import Separator
from ticktone.stft import STFT
from ticktone.training.excerpt import excerpt, length_at, rate_step
from ticktone.training.inference import MagnitudeToMasks, patches_of
from ticktone.training.losses import Loss
from ticktone.training.normalisation import Normalisation, Scaling
from ticktone.training.recipe import ExampleSettings
from ticktone.training.spectra import seen_by, spectra_of, targeted

PARTS = ("harmonic", "percussive")


@dataclass(frozen=True)
class TorchMethod(Method):
    """A network in training as a method, run just as it will be run once it is exported.

    Parameters
    ----------
    network : MaskNetwork
        In evaluation mode, on any device.
    normalisation : Normalisation or Scaling
    stft : STFT
    """

    name: ClassVar[str] = "network in training"
    paper: ClassVar[str] = "none"

    network: MaskNetwork
    normalisation: Normalisation | Scaling
    stft: STFT

    def stages(self, sample_rate: int) -> tuple[NetworkStage]:
        """Give the one stage, for recordings at the recipe's sample rate."""
        network = self.network
        patch, margin = patches_of(network)
        ahead = margin
        if network.look_ahead is not None:
            ahead = frames_ahead(network.look_ahead, network.grid, margin)
        return (NetworkStage(self._masks, self.stft, patch, margin, ahead),)

    @torch.inference_mode()
    def _masks(self, magnitude: Magnitude) -> Magnitude:
        """[shape=(batch, 1, bins, frames)] to [shape=(batch, 2, bins, frames)]."""
        given = torch.tensor(magnitude).to(next(self.network.parameters()).device)
        masks: Magnitude = MagnitudeToMasks(self.network, self.normalisation)(given).cpu().numpy()
        return masks


@dataclass(frozen=True)
class Scores:
    """What validation says.

    Parameters
    ----------
    loss : float
        Over all patches that have nothing to learn in common, the last of a song filled up with
        silence. Nothing is clipped.
    sdr_harmonic, sdr_percussive : float
        dB; the mean over songs. NaN if there is none.
    """

    loss: float
    sdr_harmonic: float
    sdr_percussive: float


def validate(
    method: TorchMethod,
    songs: Iterable[Song],
    settings: ExampleSettings,
    loss: Loss,
    add: Callable[[Sequence[float]], list[float]] = list,
    stop: Callable[[], bool] = lambda: False,
) -> Scores | None:
    """Score a network on whole songs.

    Parameters
    ----------
    method : TorchMethod
    songs : iterable of Song
        This process's share.
    settings : ExampleSettings
    loss : Loss
    add : callable
        Adds the sums of all processes.
    stop : callable
        Asked before each song whether to give up.

    Returns
    -------
    Scores, optional
        None if any process gave up.
    """
    # patches, their losses; songs and their SDRs, for either part; processes that gave up
    sums = [0.0] * 7
    for song in songs:
        if stop():
            sums[6] = 1
            break
        sources = _whole(song, settings)
        for patches in _patches(sources, settings):
            sums[0] += len(patches)
            sums[1] += len(patches) * _loss(method, patches, settings.target, loss)
        ratios = song_sdr(method, sources, settings.sample_rate)
        for place, ratio in zip((2, 4), ratios, strict=True):
            if math.isfinite(ratio):
                sums[place] += 1
                sums[place + 1] += ratio
    sums = add(sums)
    if sums[6]:
        return None
    means = [sums[n + 1] / sums[n] if sums[n] else math.nan for n in (0, 2, 4)]
    return Scores(*means)


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


def _whole(song: Song, settings: ExampleSettings) -> NDArray[np.float32]:
    """Read both sources of a song. [shape=(2, samples)]."""
    step = rate_step(song, settings.sample_rate)
    samples = length_at(song, settings.sample_rate)
    return np.stack([excerpt(song, part, 0, samples, step) for part in PARTS])


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
    spectra = spectra_of(method.stft, torch.from_numpy(patches).to(device))
    spectra = targeted(method.stft, spectra, target, clip=0)
    seen = seen_by(method.network, method.normalisation, spectra.mixture.abs()[:, None])
    return loss(method.network(seen), spectra).item()
