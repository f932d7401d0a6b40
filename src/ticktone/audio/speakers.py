"""Where the speakers of a recording's channels stand, by the bits of WAVE_FORMAT_EXTENSIBLE."""

from pathlib import Path

from ticktone.audio.formats import Format
from ticktone.audio.probe import probe
from ticktone.audio.wave_header import channel_mask

MASK_COMMENT = "waveformatextensible_channel_mask"  # of FLAC files
# The positions that FLAC, Vorbis and Opus take for granted, by the number of channels (RFC 9639,
# section 9.1.3; RFC 7845, section 5.1.1.2).
_USUAL = {3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x70F, 8: 0x63F}
# By ffmpeg's names for those whose channels come in the order of the bits.
_NAMED = {
    **{"2.1": 0xB, "3.0": 0x7, "3.0(back)": 0x103, "3.1": 0xF},
    **{"4.0": 0x107, "quad": 0x33, "quad(side)": 0x603, "4.1": 0x10F},
    **{"5.0": 0x37, "5.0(side)": 0x607, "5.1": 0x3F, "5.1(side)": 0x60F},
    **{"6.0": 0x707, "6.0(front)": 0x6C3, "hexagonal": 0x137},
    **{"6.1": 0x70F, "6.1(back)": 0x13F, "6.1(front)": 0x6CB},
    **{"7.0": 0x637, "7.0(front)": 0x6C7, "octagonal": 0x737},
    **{"7.1": 0x63F, "7.1(wide)": 0xFF, "7.1(wide-side)": 0x6CF},
}


def stated_mask(path: Path, format: Format, channels: int) -> int | None:
    """Return the positions that a sound file states, or that its codec fixes; None without any.

    Parameters
    ----------
    path : Path
    format : Format
        The file's.
    channels : int
    """
    if format.container in ("WAV", "WAVEX", "RF64", "W64"):
        return channel_mask(path)
    if format.container == "FLAC":
        return _of_flac(path)
    if format.subtype in ("VORBIS", "OPUS"):
        return _USUAL.get(channels)
    if channels <= 2:
        return None
    found = probe(path)
    return None if found is None else _NAMED.get(str(found.stream.get("channel_layout")))


def usual_mask(format: Format, channels: int) -> int | None:
    """Return what is meant by a sound file that states no positions; None if nothing is."""
    return _USUAL.get(channels) if format.container == "FLAC" else None


def _of_flac(path: Path) -> int | None:
    from mutagen.flac import FLAC

    try:
        stated = FLAC(path).get(MASK_COMMENT)
        return int(stated[0], 0) if stated else None
    except Exception:  # it is damaged, and the reader's to refuse
        return None
