"""The header of an AIFF file with an odd number of bytes of samples."""

import struct
from pathlib import Path

from ticktone.audio.chunks import walk

_COUNT = 2  # where COMM tells how many samples there are in a channel


def exclude_padding(path: Path, frames: int) -> None:
    """Write the true length into a finished file, where libsndfile counts the byte that pads it.

    Parameters
    ----------
    path : Path
        An AIFF or AIFC file of one byte a sample, and of an odd number of them.
    frames : int
        Samples in each channel.
    """
    with path.open("r+b") as file:
        for chunk in walk(file):
            if chunk.name == b"COMM":
                file.seek(chunk.offset + _COUNT)
                file.write(struct.pack(">I", frames))
            elif chunk.name == b"SSND":
                file.seek(chunk.offset - 4)
                file.write(struct.pack(">I", chunk.size - 1))
                return
