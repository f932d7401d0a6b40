"""The order of channels in Vorbis and Opus, which libsndfile hands on as it is.

Everywhere else here, and in all other containers, they are in the order of WAVE_FORMAT_EXTENSIBLE.
"""

from ticktone.audio.headers import Bytes

# For each number of channels, where each of Vorbis's lies among WAVE's: of 5.1, front left,
# centre, front right, both at the back, LFE (Vorbis I, section 4.3.9; RFC 7845, section 5.1.1.2).
_VORBIS = {
    3: (0, 2, 1),
    5: (0, 2, 1, 3, 4),
    6: (0, 2, 1, 4, 5, 3),
    7: (0, 2, 1, 5, 6, 4, 3),
    8: (0, 2, 1, 6, 7, 4, 5, 3),
}
_FAMILY = 18  # bytes into the header of Opus: how its channels are mapped
_SPEAKERS = 1  # of the families, that of Vorbis's order


def coded_order(subtype: str, channels: int) -> list[int] | None:
    """Return where each coded channel lies among WAVE's; None if the order is the same.

    Parameters
    ----------
    subtype : str
        In soundfile's words.
    channels : int

    Examples
    --------
    >>> coded_order("VORBIS", 6), coded_order("PCM_16", 6)
    ([0, 2, 1, 4, 5, 3], None)
    """
    if subtype not in ("VORBIS", "OPUS") or channels not in _VORBIS:
        return None
    return list(_VORBIS[channels])


def decoded_order(subtype: str, channels: int, file: Bytes) -> list[int] | None:
    """Return where each of WAVE's channels lies among those coded in a file; None if it is there.

    Opus may also hold channels that belong to no speakers, in an order of their own.
    """
    order = coded_order(subtype, channels)
    if order is None:
        return None
    if subtype == "OPUS":
        first = file.at(0, 512)  # the first page holds the header alone
        head = first.find(b"OpusHead")
        if first[head + _FAMILY : head + _FAMILY + 1] != bytes([_SPEAKERS]):
            return None
    return [order.index(channel) for channel in range(channels)]
