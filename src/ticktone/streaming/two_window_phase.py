"""A phase at work on what a transform makes, whether of one window or of two."""

from collections.abc import Sequence

import numpy as np

from ticktone.phase.mixture import mixture_phase
from ticktone.phase.recovery import Magnitude, Phase, Recovery, Spectrogram
from ticktone.stft import STFT
from ticktone.two_windows import TwoWindows


def start_recovery(phase: Phase, stft: STFT) -> Recovery:
    """Return the state of a phase for a recording whose frames this transform makes.

    A longer window's low bins keep the mixture's phase, for their frames do not follow from each
    other as those of one window do.
    """
    if not isinstance(stft, TwoWindows):
        return phase.start(stft)
    of_short = phase.start(stft.short)
    short, low = np.s_[..., : stft.short.bins, :], np.s_[..., stft.short.bins :, :]

    def recover(
        mixture: Spectrogram,
        magnitude: Magnitude,
        parts: tuple[Magnitude, Magnitude],
        wanted: Sequence[int],
    ) -> list[Spectrogram]:
        harmonic, percussive = parts
        above = of_short(
            mixture[short], magnitude[short], (harmonic[short], percussive[short]), wanted
        )
        below = mixture_phase(
            mixture[low], magnitude[low], (harmonic[low], percussive[low]), wanted
        )
        return [np.concatenate(pair, axis=-2) for pair in zip(above, below, strict=True)]

    return recover
