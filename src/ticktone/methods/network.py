"""Any exported network, by ONNX Runtime: patches of magnitude in, masks out."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cache, cached_property, partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import OptionError, TicktoneError
from ticktone.limits import LARGEST
from ticktone.methods.alike import alike
from ticktone.methods.base import Magnitude, Method, Refinement, Stage
from ticktone.methods.live_low_end import REFINABLE, TRANSFORM, LiveMasks, can_refine
from ticktone.methods.onnx_session import open_session
from ticktone.methods.patch_views import Patches, PatchView
from ticktone.methods.refinement import make_refinement
from ticktone.models import Card, check_sum, models, read_card
from ticktone.models.refiner import LIVE_PATH, PATH
from ticktone.options import LONGEST, check_options, setting
from ticktone.stft import STFT

PATCH_FRAMES, MARGIN_FRAMES = 128, 32  # the paper's patches, and our margin beside them
# Input values in one run of a network. A network's layers need some hundred times their size.
PATCH_VALUES = 513 * 256
RUNS = 4  # of a network side by side; further threads share the work within each

Masks = NDArray[np.float32]

_LOADING = Lock()  # so that threads do not load a network each


def patches_on(grid: int) -> tuple[int, int]:
    """Return the usual lengths of patch and margin, rounded up to a network's grid."""
    patch, margin = (-(-frames // grid) * grid for frames in (PATCH_FRAMES, MARGIN_FRAMES))
    return patch, margin


def frames_ahead(look_ahead: int, grid: int, margin: int) -> int:
    """Return the frames that a network must be shown after a patch, a margin at the most.

    Patches end on the grid, where the last frame of a network of several convolutions a scale looks
    the least far ahead. (Of one a scale, the last but one may look two frames further: its masks
    are then off by what a frame at the very edge of its view tells, about 1e-5.)
    """
    return min(margin, look_ahead // grid * grid)


def _can_be_divided(masks: Masks) -> bool:
    """Return whether masks stay below `LARGEST`, as they are and divided by their sum.

    Of those that ship, some answer a little below 0 or above 1.
    """
    if not masks.size or masks.min() >= 0:
        return not masks.size or bool(masks.max() <= LARGEST)
    largest = np.abs(masks).max(axis=1)
    return bool((largest <= LARGEST * np.clip(masks.sum(axis=1), 1e-12, 1)).all())


@cache
def _pool(threads: int, process: int) -> ThreadPoolExecutor:
    """Keep a process's threads: new ones for each block take more and more memory."""
    return ThreadPoolExecutor(threads, "ticktone-network")


@dataclass(frozen=True)
class NetworkStage(Stage):
    """Multiply the magnitude by the masks that a network gives for it.

    Parameters
    ----------
    network : callable
        Magnitude [shape=(batch, 1, bins, frames)] to masks [shape=(batch, 2, bins, frames)],
        harmonic and percussive; or only those of the middle frames, the patch's at least.
    stft : STFT
    patches : Patches
        What it is shown.
    one_mask : bool, optional
        Whether all channels share the masks of their mean magnitude. None: in those patches in
        which they are `alike`.
    sum_to_one : bool
        Whether both masks are divided by their sum.
    threads : int
        How many runs of the network there may be at a time.
    """

    network: Callable[[Magnitude], Masks]
    stft: STFT
    patches: Patches
    one_mask: bool | None = False
    sum_to_one: bool = True
    threads: int = 1

    @property
    def context(self) -> int:
        """The margin before a patch."""
        return self.patches.before

    @property
    def grid(self) -> int:
        """Patches begin at multiples of their length."""
        return self.patches.length

    @property
    def look_ahead(self) -> int:
        """The margin after a patch."""
        return self.patches.after

    def divide(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`."""
        harmonic, percussive = self.divide_batch(magnitude[np.newaxis], wanted)
        return harmonic[0], percussive[0]

    def divide_batch(
        self, magnitude: Magnitude, wanted: slice = slice(None)
    ) -> tuple[Magnitude, Magnitude]:
        """See `ticktone.methods.base.Stage`; the network is shown patches of all recordings."""
        start, stop, _ = wanted.indices(magnitude.shape[-1])
        places = self.patches.within(start, stop)
        views = [self.patches.view(place, magnitude.shape[-1]) for place in places]
        found = [
            self._masks(magnitude, list(some)) for _, some in groupby(views, attrgetter("shape"))
        ]
        joined = np.concatenate(found, axis=-1)
        begin = start - places.start * self.patches.length
        joined = joined[..., begin : begin + stop - start]
        if self.sum_to_one:
            joined = joined / np.maximum(joined.sum(axis=0), 1e-12)
        harmonic, percussive = magnitude[..., start:stop] * joined
        return harmonic, percussive

    def _masks(self, magnitude: Magnitude, views: list[PatchView]) -> Masks:
        """Return the masks of neighbouring patches of which as many frames are shown.

        [shape=(batch, channels, bins, all frames)] to [shape=(2, batch, channels, bins, frames)].
        """
        patches = np.stack([view.cut(magnitude) for view in views], axis=1)
        batch, _, channels, bins, length = patches.shape
        shared = self._shared(patches)
        shown = (patches[shared].mean(axis=1), patches[~shared].reshape(-1, bins, length))
        masks = self._run(np.concatenate(shown)[:, np.newaxis], views[0].before)
        # In memory frame by frame, as spectrograms are: what follows is faster.
        masks = np.swapaxes(masks, -1, -2)
        joined = np.empty((*patches.shape[:3], *masks.shape[1:]), np.float32)
        joined[shared] = masks[: shared.sum(), np.newaxis]
        joined[~shared] = masks[shared.sum() :].reshape(-1, channels, *masks.shape[1:])
        joined = joined.transpose(3, 0, 2, 1, 4, 5).reshape(2, batch, channels, -1, bins)
        return np.swapaxes(joined, -1, -2)

    def _shared(self, patches: Magnitude) -> NDArray[np.bool_]:
        """Return in which patches the channels share their masks. [shape=(batch, patches)]."""
        if self.one_mask is None and patches.shape[2] > 1:
            return alike(patches)
        return np.full(patches.shape[:2], bool(self.one_mask))

    def _run(self, patches: Magnitude, before: int) -> Masks:
        """Run the network over a few patches at a time, in every thread; cut the margins off."""
        values = patches.shape[-2] * patches.shape[-1]
        size = max(1, PATCH_VALUES // values)  # whatever the threads, or last digits would differ
        some = [patches[start : start + size] for start in range(0, len(patches), size)]
        inner = partial(self._inner_masks, before=before)
        if self.threads == 1 or len(some) == 1:
            return np.concatenate([inner(each) for each in some])
        pool = _pool(self.threads, os.getpid())
        return np.concatenate(list(pool.map(inner, some)))

    def _inner_masks(self, patches: Magnitude, before: int) -> Masks:
        masks = self.network(patches)
        first = before - (patches.shape[-1] - masks.shape[-1]) // 2
        return masks[..., first : first + self.patches.length]


@dataclass(frozen=True, kw_only=True)
class Network(Method):
    """A trained network (.onnx) with its card (.toml beside it).

    Parameters
    ----------
    model : str
        Name of one that ships with ticktone, or path of an .onnx file.
    one_mask : bool, optional
        Whether the channels of a recording share one pair of masks, made from their mean
        magnitude, rather than having one each: faster, and no worse unless drums and the rest lie
        apart from each other (docs/our-network.md has the figures). Default: in those patches whose
        channels are alike, as nearly all are in ordinary stereo.
    sum_to_one : bool
        Whether both masks are divided by their sum, so that each estimate gains from what the
        network says of the other. If not, they are as the network gives them, as in Lordelo et
        al. 2019.
    refine : bool, optional
        Whether the low end is divided anew in a longer window; see
        `ticktone.methods.refinement`, and of causal networks `ticktone.methods.live_low_end`.
        Default: as its card says.
    patch_frames, margin_frames : int, optional
        Frames that the network answers for at a time, and frames it is shown to either side (of a
        causal network: before them). Default: as its card says.
    threads : int
        To run the network in: several patches at a time, each in one thread, which takes no more
        of the processor than one thread alone, where threads that share a patch wait for each
        other.

    Raises
    ------
    TicktoneError
        If the model or its card cannot be read, or do not belong together.
    """

    model: str
    one_mask: bool | None = None
    sum_to_one: bool = True
    refine: bool | None = None
    patch_frames: int | None = setting(None, most=LONGEST)
    margin_frames: int | None = setting(None, most=LONGEST)
    threads: int = setting(1, least=1)

    def __post_init__(self) -> None:
        check_options(self)
        grid = self.card.grid
        for name, least in (("patch_frames", 1), ("margin_frames", self.card.least_margin)):
            value = getattr(self, name)
            if value is not None and (value < least or value % grid):
                raise OptionError(
                    f"{name} must be a multiple of {grid}, at least {least}, not {value}"
                )
        causal = self._refines and self.card.is_causal
        if causal and not can_refine(self.card.sample_rate, self.card.stft):
            raise OptionError(f"refine must be false: {REFINABLE}")

    def __getstate__(self) -> dict[str, Any]:
        """Return the options alone: ONNX Runtime's session cannot be pickled or copied."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    @cached_property
    def path(self) -> Path:
        """Path of the .onnx file."""
        return models().get(self.model) or Path(self.model)

    @cached_property
    def card(self) -> Card:
        """The model's."""
        return read_card(self.path)

    @property
    def name(self) -> str:
        """The model's."""
        return self.card.name

    @property
    def paper(self) -> str:
        """Paper of the network."""
        return self.card.paper

    @property
    def sample_rate(self) -> int:
        """Hz; recordings of other rates are resampled there and back."""
        return self.card.sample_rate

    def stages(self, sample_rate: int) -> tuple[Stage, ...]:
        """See `ticktone.methods.base.Method`."""
        card = self.card
        patch = self.patch_frames or card.patch_frames
        margin = card.margin_frames if self.margin_frames is None else self.margin_frames
        ahead = frames_ahead(card.look_ahead, card.grid, margin)
        masks: Callable[[Magnitude], Masks] = self._masks
        stft = card.stft
        if self._refines and card.is_causal:
            masks = live = LiveMasks(self._masks, margin)
            stft, margin = TRANSFORM, live.context
        # Those with a least margin are made for one length; causal ones cannot know an end.
        multiple = card.grid if ahead and not card.least_margin else 0
        patches = Patches(patch, margin, ahead, multiple)
        threads = min(self.threads, RUNS)
        return (NetworkStage(masks, stft, patches, self.one_mask, self.sum_to_one, threads),)

    def refinement(self, sample_rate: int) -> Refinement | None:
        """See `ticktone.methods.base.Method`."""
        if not self._refines or self.card.is_causal:
            return None
        return make_refinement(self.card.sample_rate, self.one_mask)

    @property
    def refiner(self) -> Path | None:
        """Path of the network that divides the low end anew, if any does."""
        if not self._refines:
            return None
        return LIVE_PATH if self.card.is_causal else PATH

    @property
    def _refines(self) -> bool:
        return self.card.refine if self.refine is None else self.refine

    def _masks(self, magnitude: Magnitude) -> Masks:
        try:
            with _LOADING:
                session = self._session
            masks: Masks = session.run(None, {"magnitude": magnitude})[0]
        except TicktoneError:
            raise
        except Exception as error:
            raise self._misfit(str(error).splitlines()[0]) from None
        batch, _, bins, frames = magnitude.shape
        fits = isinstance(masks, np.ndarray) and masks.ndim == 4 and masks.dtype == np.float32
        least = frames - 2 * self.card.least_margin
        expected = (batch, 2, bins)
        if not fits or masks.shape[:3] != expected or not least <= masks.shape[3] <= frames:
            shape = getattr(masks, "shape", None)
            raise self._misfit(f"its masks have shape {shape}, expected {(*expected, frames)}")
        if not np.isfinite(masks).all():
            raise TicktoneError("its masks are not finite; export it again", self.path)
        if not _can_be_divided(masks):
            raise self._misfit(
                f"its masks lie from {masks.min():.3g} to {masks.max():.3g}, expected 0 to 1"
            )
        return masks

    def _misfit(self, reason: str) -> TicktoneError:
        return TicktoneError(f"does not fit its card: {reason}", self.path)

    @cached_property
    def _session(self) -> Any:
        content = check_sum(self.path, self.card.sha256)
        return open_session(self.path, content, -(-self.threads // RUNS))
