"""Both sources keep the mixture's phase, as nearly every method's paper has it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ticktone.phase.recovery import Magnitude, Phase, Recovery, Spectrogram
from ticktone.stft import STFT


def mixture_phase(
    mixture: Spectrogram,
    magnitude: Magnitude,
    parts: tuple[Magnitude, Magnitude],
    wanted: Sequence[int],
) -> list[Spectrogram]:
    """Return each part with the mixture's phase; see `ticktone.phase.recovery.Recovery`."""
    heard = np.maximum(magnitude, np.float32(1e-30))  # a silent bin stays silent
    return [mixture * (parts[part] / heard) for part in wanted]


@dataclass(frozen=True)
class Mixture(Phase):
    """The mixture's phase for both sources."""

    is_the_mixtures = True

    def start(self, stft: STFT) -> Recovery:
        """See `ticktone.phase.recovery.Phase`; one frame tells nothing about the next."""
        return mixture_phase
