"""Blocks of samples checked as they arrive, so that a fault is named where it lies."""

from collections.abc import Iterable, Iterator
from numbers import Real

import numpy as np

from ticktone.errors import ShapeError, TicktoneError
from ticktone.limits import LARGEST, MANY_CHANNELS, MAX_RATE, MIN_RATE
from ticktone.parts import Audio


def check_sample_rate(sample_rate: float) -> int:
    """Return a sample rate; refuse those that no recording has.

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If it is out of range or no whole number.
    """
    rate: object = sample_rate
    if isinstance(rate, bool) or not isinstance(rate, Real):
        raise TypeError(f"the sample rate must be a number (Hz), not {rate!r}")
    if not MIN_RATE <= sample_rate <= MAX_RATE or sample_rate != int(sample_rate):
        raise ValueError(
            f"the sample rate must be a whole number from {MIN_RATE} to {MAX_RATE} Hz, "
            f"not {sample_rate}"
        )
    return int(sample_rate)


class CheckedBlocks:
    """Blocks as `(channels, samples)`, each refused if it is not as it should be.

    Parameters
    ----------
    blocks : iterable of ndarray [shape=(samples,) or (channels, samples)]
    sample_rate : int
        Hz.

    Attributes
    ----------
    is_mono : bool
        Whether the blocks that came last had no axis of channels.
    """

    def __init__(self, blocks: Iterable[Audio], sample_rate: float) -> None:
        self.blocks, self.sample_rate, self.is_mono = blocks, sample_rate, False

    def __iter__(self) -> Iterator[Audio]:
        """Yield them, none of them empty.

        Raises
        ------
        TicktoneError, TypeError, ValueError
            As `ticktone.separate`, when the block at fault is reached.
        """
        shape: tuple[int, ...] | None = None
        offset = 0
        for samples in self.blocks:
            block = np.asarray(samples)
            block = block.astype(block.dtype.newbyteorder("="), copy=False)
            if block.dtype not in (np.float32, np.float64):
                raise TypeError(
                    f"audio must be float32 or float64, not {block.dtype}; "
                    "integer PCM is divided by its full scale first (32768 for 16 bits)"
                )
            if block.ndim not in (1, 2) or (shape is not None and block.shape[:-1] != shape):
                expected = "(samples,) or (channels, samples)" if shape is None else (*shape, "n")
                raise ValueError(f"audio has shape {block.shape}, expected {expected}")
            if shape is None and block.ndim == 2:
                self._refuse_transposed(block)
            shape = block.shape[:-1]
            if shape == (0,):
                raise ValueError("audio has no channels")
            self.is_mono = block.ndim == 1
            block = np.atleast_2d(block)
            self._refuse_outliers(block, offset)
            offset += block.shape[-1]
            if block.shape[-1]:
                yield block

    @staticmethod
    def _refuse_transposed(block: Audio) -> None:
        """Refuse soundfile's (samples, channels) by the first block; the last may be short."""
        channels, samples = block.shape
        if channels > MANY_CHANNELS and 0 < samples < channels:
            raise ShapeError(
                f"audio has shape {block.shape}, which would be {channels} channels of {samples} "
                "samples; if it is (samples, channels), as soundfile has it, transpose it: audio.T"
            )

    def _refuse_outliers(self, block: Audio, offset: int) -> None:
        within = np.abs(block) <= LARGEST  # which NaN is not
        if not within.all():
            sample, channel = np.argwhere(~within.T)[0]
            value, index = block[channel, sample], offset + sample
            if np.isfinite(value):
                raise TicktoneError(
                    f"sample {index} of channel {channel + 1} (at {index / self.sample_rate:.3f} s)"
                    f" is {value:g}, beyond {LARGEST:g}; full scale is 1: divide the recording"
                )
            raise TicktoneError(
                f"sample {index} of channel {channel + 1} (at {index / self.sample_rate:.3f} s) is "
                f"{value:g}; repair the recording, or replace it by 0 if silence will do"
            )
