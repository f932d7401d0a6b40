"""What type checkers know of methods: how many parts they give, and by which options."""

from typing import Literal, TypedDict

from ticktone.phase.recovery import Phase

# Those that never leave a residual. Other names, and methods of one's own, may.
TwoPartMethod = Literal[
    "best",
    "fast",
    "live",
    "anisotropic",
    "diffusion",
    "kam",
    "nmf",
    "3w-mdensenet",
    "3w-unet",
    "dws",
    "folded-3w-unet",
    "folded-3w-unet-causal",
    "folded-3w-unet-int8",
    "folded-3w-unet-small",
    "mad-twinnet",
    "mdensenet",
    "unet",
]


class SeparatorOptions(TypedDict, total=False):
    """Of `ticktone.Separator`, whatever the method."""

    phase: str | Phase
    complement: bool
    threads: int | None
    block_frames: int | None


class MedianOptions(SeparatorOptions, total=False):
    """Of `ticktone.methods.median.Median`, but for `margin`, which may leave a residual."""

    power: float
    window_length: int | None
    hop_length: int | None
    harmonic_seconds: float
    percussive_hertz: float
    harmonic_frames: int | None
    percussive_bins: int | None


class HPROptions(SeparatorOptions, total=False):
    """Of `ticktone.methods.hpr.HPR`, but for `residual`, which says whether there is one."""

    beta: float
    harmonic_window: int | None
    percussive_window: int | None
    harmonic_seconds: float
    percussive_hertz: float
