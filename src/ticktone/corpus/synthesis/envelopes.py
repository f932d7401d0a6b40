"""How sounds begin and end."""

import numpy as np
from numpy.typing import NDArray


def decay(
    samples: int, sample_rate: int, time_constant: float, attack: float = 0.0005
) -> NDArray[np.float64]:
    """Compute a rise in a straight line, and an exponential fall. [shape=(samples,)].

    Parameters
    ----------
    samples : int
    sample_rate : int
        Hz.
    time_constant : float
        Seconds in which it falls to 37 %.
    attack : float
        Seconds of the rise.
    """
    time = np.arange(samples) / sample_rate
    rise = np.minimum(1, time / max(attack, 1e-6))
    fall: NDArray[np.float64] = rise * np.exp(-np.maximum(0, time - attack) / time_constant)
    return fall


def adsr(
    samples: int,
    held: int,
    sample_rate: int,
    attack: float,
    decay: float,
    sustain: float,
    release: float,
) -> NDArray[np.float32]:
    """Compute attack, decay, sustain and release. [shape=(samples,)].

    Parameters
    ----------
    samples : int
    held : int
        Samples until the key is let go.
    sample_rate : int
        Hz.
    attack : float
        Seconds, in a straight line up to 1.
    decay, release : float
        Time constants in seconds, of exponential falls.
    sustain : float
        0 to 1.

    Returns
    -------
    ndarray [shape=(samples,)]
        The last few milliseconds fall to 0, whatever the release.
    """
    time = np.arange(samples, dtype=np.float32) / np.float32(sample_rate)
    envelope = sustain + (1 - sustain) * np.exp(-np.maximum(0, time - attack) / np.float32(decay))
    envelope *= np.minimum(1, time / np.float32(max(attack, 1e-4)))
    if held < samples:
        envelope[held:] *= np.exp(-(time[held:] - time[held]) / np.float32(release))
    fade = min(samples, max(1, round(0.005 * sample_rate)))
    envelope[samples - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return np.asarray(envelope, np.float32)


def fade_ends(sound: NDArray[np.float64], sample_rate: int, seconds: float = 0.004) -> None:
    """Fade out the end of a sound [shape=(samples,)], in place."""
    fade = min(len(sound), max(1, round(seconds * sample_rate)))
    sound[len(sound) - fade :] *= np.linspace(1, 0, fade)
