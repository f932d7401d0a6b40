"""Blocks of samples checked as they arrive, so that a fault is named where it lies."""

from collections.abc import Iterable, Iterator

import numpy as np

from ticktone.errors import TicktoneError
from ticktone.limits import LARGEST, MAX_RATE, MIN_RATE
from ticktone.parts import Audio


def check_sample_rate(sample_rate: int) -> None:
    """Refuse a sample rate that no recording has.

    Raises
    ------
    ValueError
    """
    if not MIN_RATE <= sample_rate <= MAX_RATE:
        raise ValueError(
            f"the sample rate must be between {MIN_RATE} and {MAX_RATE} Hz, not {sample_rate}"
        )


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

    def __init__(self, blocks: Iterable[Audio], sample_rate: int) -> None:
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
            shape = block.shape[:-1]
            if shape == (0,):
                raise ValueError("audio has no channels")
            self.is_mono = block.ndim == 1
            block = np.atleast_2d(block)
            self._refuse_impossible(block, offset)
            offset += block.shape[-1]
            if block.shape[-1]:
                yield block

    def _refuse_impossible(self, block: Audio, offset: int) -> None:
        possible = np.abs(block) <= LARGEST  # and not NaN; what passes outlives a cast to float32
        if not possible.all():
            sample, channel = np.argwhere(~possible.T)[0]
            value, index = block[channel, sample], offset + sample
            beyond = ", beyond +-1e6" if np.isfinite(value) else ""
            raise TicktoneError(
                f"sample {index} of channel {channel + 1} (at {index / self.sample_rate:.3f} s) is "
                f"{value:g}{beyond}; repair the recording, or replace it by 0 if silence will do"
            )
