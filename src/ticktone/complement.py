"""Parts that sum to the recording to the bit, and raw estimates that need not.

Each function here turns a block of estimates into a block of parts; all arrays are
[shape=(channels, samples)] and of the mixture's dtype.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ticktone.parts import Audio

# Makes the parts of a block from the mixture, the harmonic estimates (as many as were asked for),
# the percussive one, and the quantisation step of where the parts go (None: floating point).
Assembly = Callable[[Audio, Sequence[Audio], Audio, float | None], list[Audio]]


def complement_of_percussive(
    mixture: Audio, harmonics: Sequence[Audio], percussive: Audio, step: float | None
) -> list[Audio]:
    """Return two parts: the percussive estimate, and everything else as the harmonic part.

    They sum to the mixture to the bit, if its samples lie on the grid of the louder part's
    floating point (as 24-bit PCM does, below full scale); no two floats sum to any other.
    """
    if step is not None:
        percussive = np.rint(percussive / step) * step
    harmonic = mixture - percussive
    return [harmonic, mixture - harmonic]  # again, for what the first subtraction rounded


def nearest_to_both(
    mixture: Audio, harmonics: Sequence[Audio], percussive: Audio, step: float | None
) -> list[Audio]:
    """Return the two parts that sum to the mixture and are nearest to both estimates.

    Half of what the estimates leave of the mixture goes to each (least squares). Where a phase of
    their own lets the estimates not sum to it, both are heard so; where they do, this is
    `complement_of_percussive`.
    """
    error = mixture - sum(harmonics, np.zeros((), mixture.dtype)) - percussive
    return complement_of_percussive(mixture, (), percussive + error / 2, step)


def complement_of_both(
    mixture: Audio, harmonics: Sequence[Audio], percussive: Audio, step: float | None
) -> list[Audio]:
    """Return three parts: both estimates, and everything else as the residual.

    They sum to the mixture as those of `complement_of_percussive` do.
    """
    parts = [harmonics[0], percussive]
    if step is not None:
        parts = [np.rint(part / step) * step for part in parts]
    else:
        # Adding and taking away a larger number rounds to that number's grid.
        larger = 2 * (abs(mixture) + abs(parts[0]) + abs(parts[1]))
        parts = [(larger + part) - larger for part in parts]
    return [*parts, mixture - (parts[0] + parts[1])]


def raw_two(
    mixture: Audio, harmonics: Sequence[Audio], percussive: Audio, step: float | None
) -> list[Audio]:
    """Return both estimates as they are, as papers score them."""
    return [sum(harmonics, np.zeros((), mixture.dtype)), percussive]


def raw_three(
    mixture: Audio, harmonics: Sequence[Audio], percussive: Audio, step: float | None
) -> list[Audio]:
    """Return both estimates as they are, and what they leave of the mixture."""
    return [harmonics[0], percussive, mixture - harmonics[0] - percussive]
