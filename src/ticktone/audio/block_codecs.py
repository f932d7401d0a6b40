"""Encodings that hold samples in blocks only, and fill up the last with silence."""

import io
from dataclasses import replace

import numpy as np
import soundfile

from ticktone.audio.formats import Format

_IN_BLOCKS = (
    *("IMA_ADPCM", "MS_ADPCM", "VOX_ADPCM", "GSM610", "G721_32", "G723_24", "G723_40"),
    *(f"NMS_ADPCM_{bits}" for bits in (16, 24, 32)),
)


def block_length(format: Format, sample_rate: int, channels: int) -> int:
    """Return what the lengths of files of a format are multiples of, in samples.

    Found by writing one sample: it depends on container, sample rate and channels.

    Parameters
    ----------
    format : Format
    sample_rate : int
        Hz.
    channels : int

    Examples
    --------
    >>> block_length(Format("AIFF", "IMA_ADPCM", "aiff"), 44_100, 2)
    64
    >>> block_length(Format("AIFF", "PCM_16", "aiff"), 44_100, 2)
    1
    """
    if format.subtype not in _IN_BLOCKS:
        return 1
    file = io.BytesIO()
    try:
        soundfile.write(
            *(file, np.zeros((1, channels)), sample_rate, format.subtype), format=format.container
        )
        file.seek(0)
        return int(soundfile.info(file).frames)
    except soundfile.LibsndfileError:
        return 1  # it cannot be written at all, as its writer will say


def of_exact_length(format: Format, sample_rate: int, channels: int, frames: int | None) -> Format:
    """Return a format, or 16-bit PCM in the same container where it would change the length.

    Parameters
    ----------
    format : Format
    sample_rate : int
        Hz.
    channels : int
    frames : int or None
        Samples in each channel, if that is known.
    """
    if frames is None or frames % block_length(format, sample_rate, channels) == 0:
        return format
    return replace(format, subtype="PCM_16")
