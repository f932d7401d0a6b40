"""How long an MP3 file says it is."""

import os
from pathlib import Path

from ticktone.errors import TicktoneError

_FRAME = 4096  # bytes; no MPEG frame is longer
_BYTES_GIVEN = 2  # a flag in a Xing header


def tells_its_length(descriptor: int, path: Path) -> bool:
    """Tell whether a file's first frame is a Xing, Info or VBRI header, which gives its length.

    Without one, libsndfile guesses the length from the first frame's bit rate, wrongly.

    Raises
    ------
    TicktoneError
        If another file with a header follows, of which libsndfile would not read a sample.
    """
    start = 0
    while (tag := os.pread(descriptor, 10, start))[:3] == b"ID3":
        start += 10 + sum(byte << 7 * place for place, byte in enumerate(reversed(tag[6:10])))
    first = os.pread(descriptor, _FRAME, start)
    place = max(first.find(b"Xing"), first.find(b"Info"))
    if place < 0:
        return b"VBRI" in first
    flags = int.from_bytes(first[place + 4 : place + 8])
    if flags & _BYTES_GIVEN:
        skipped = 12 if flags & 1 else 8  # the number of frames comes first
        length = int.from_bytes(first[place + skipped : place + skipped + 4])
        following = os.pread(descriptor, _FRAME, start + length)
        if b"Xing" in following or b"Info" in following:
            raise TicktoneError("is several MP3 files in a row; convert it to WAV first", path)
    return True
