"""How many kilobits a second the lossy formats get: no worse than the recording, or as asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ticktone.errors import TicktoneError

BEST = 0.1  # libsndfile's compression level, 0 to 1, where nothing else is asked for
LOSSY = ("MPEG_LAYER_III", "VORBIS", "OPUS")  # what is written of those that have a bit rate
_LEAST_MP3 = 192  # kbit/s of a part where the recording is MP3; it is coded twice
# kbit/s that MPEG-1, MPEG-2 and MPEG-2.5 know, by the least sample rate of each.
_MP3 = {
    32_000: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    16_000: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    0: (8, 16, 24, 32, 40, 48, 56, 64),
}
# Nominal kbit/s of a channel at 44.1 kHz, by quality 0, 1, ... 10.
_VORBIS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 250)
_OPUS = (6, 256)  # kbit/s of a channel


def source_bitrate(path: Path) -> float | None:
    """Return a lossy recording's kbit/s; None if nothing here can tell."""
    try:
        from mutagen import File

        info = File(path).info
        bits = getattr(info, "bitrate", 0) or 8 * path.stat().st_size / info.length
    except Exception:  # whatever is wrong with its tags, it is the reader's to refuse a file
        return None
    return float(bits / 1000)


def encoder_settings(
    subtype: str,
    sample_rate: int,
    channels: int,
    wanted: float | None = None,
    source: float | None = None,
) -> Mapping[str, Any]:
    """Return what `soundfile.SoundFile` is to be told about the quality.

    Parameters
    ----------
    subtype : str
        In soundfile's words.
    sample_rate, channels : int
    wanted : float, optional
        kbit/s that were asked for: exactly with MP3, nearly with Opus, on average with Vorbis.
    source : float, optional
        kbit/s of the recording, if it is lossy: the parts get no fewer.

    Raises
    ------
    TicktoneError
        If the format has no bit rate, or not this one.
    """
    match subtype:
        case "MPEG_LAYER_III":
            known = next(rates for least, rates in _MP3.items() if sample_rate >= least)
            if wanted is None and source is None:
                return {"compression_level": BEST}
            if wanted is None:
                least = max(source or 0, _LEAST_MP3)
                rate = next((rate for rate in known if rate >= int(least)), known[-1])
            else:
                _check(wanted, "MP3", known[0], known[-1])
                rate = min(known, key=lambda rate: abs(rate - wanted))
            level = (known[-1] - rate) / (known[-1] - known[0])
            return {"compression_level": min(level, 0.999), "bitrate_mode": "CONSTANT"}
        case "VORBIS":
            nominal = np.array(_VORBIS) * channels
            if wanted is not None:
                _check(wanted, "Ogg Vorbis", nominal[0], nominal[-1])
                return {"compression_level": 1 - float(np.interp(wanted, nominal, _qualities()))}
            return {"compression_level": 0.0 if (source or 0) > nominal[-2] else BEST}
        case "OPUS":
            least, most = (rate * channels for rate in _OPUS)
            if wanted is not None:
                _check(wanted, "Opus", least, most)
                return {"compression_level": (most - wanted) / (most - least)}
            level = (most - (source or 0)) / (most - least)
            return {"compression_level": min(max(level, 0.0), BEST)}
    if wanted is not None:
        raise TicktoneError(f"{subtype} has no bit rate; --bitrate is for --format mp3 or ogg")
    return {}


def _qualities() -> Any:
    return np.linspace(0, 1, len(_VORBIS))


def _check(wanted: float, name: str, least: float, most: float) -> None:
    if not least <= wanted <= most:
        raise TicktoneError(
            f"a bit rate of {wanted:g} kbit/s is none of {name}'s here; give {least:g} to {most:g}"
        )
