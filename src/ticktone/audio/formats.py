"""Which container and which samples a part is written in."""

from dataclasses import dataclass

import soundfile

from ticktone.errors import TicktoneError

# Containers that soundfile writes, by the extensions they go by; the first is our own choice.
EXTENSIONS = {
    "WAV": ("wav", "wave", "bwf"),
    "FLAC": ("flac",),
    "OGG": ("ogg", "oga", "opus"),
    "MP3": ("mp3",),
    "AIFF": ("aiff", "aif", "aifc"),
    "CAF": ("caf",),
    "W64": ("w64",),
    "RF64": ("rf64", "wav"),
    "WAVEX": ("wav",),
    "AU": ("au", "snd"),
    "SVX": ("svx", "8svx", "16sv", "iff"),
    "NIST": ("nist", "sph"),
    "IRCAM": ("sf", "ircam"),
    "PAF": ("paf", "fap"),
}
# Others that soundfile reads. Not mat, which nearly always holds other things than sound.
_OTHERS = ("mp2", "mp1", "mpga", "rifx", "voc", "pvf", "htk", "sds", "avr", "wve", "xi")
THROUGH_FFMPEG = (
    *("m4a", "m4b", "m4r", "mp4", "m4v", "mov", "qt", "3gp", "3g2", "f4a", "f4v", "flv"),
    *("mka", "mkv", "webm", "weba", "avi", "wma", "wmv", "asf", "ogv", "ogm", "ogx", "spx"),
    *("aac", "adts", "ac3", "ec3", "eac3", "dts", "dtshd", "thd", "truehd", "mlp", "amr", "awb"),
    *("ape", "wv", "tta", "tak", "mpc", "mp+", "mpp", "shn", "oma", "aa3", "at3", "dsf", "dff"),
    *("mpg", "mpeg", "vob", "ts", "mts", "m2t", "m2ts", "mxf", "nut", "rm", "rmvb", "ra", "wtv"),
    *("bw64", "xwma", "vqf", "qcp", "gxf"),
)
READABLE = {ext for exts in EXTENSIONS.values() for ext in exts}
READABLE |= {*_OTHERS, *THROUGH_FFMPEG}

PCM_BITS = {
    **{"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32},
    **{f"ALAC_{bits}": bits for bits in (16, 20, 24, 32)},
}
UNLIMITED = ("FLOAT", "DOUBLE", "VORBIS", "OPUS", "MPEG_LAYER_III")  # may exceed full scale
# What libsndfile reads but does not write, and what is nearest to it.
_READ_ONLY = {f"MPEG_LAYER_{layer}": "MPEG_LAYER_III" for layer in ("I", "II")}
# What libsndfile writes wrongly: other samples in ALAC where sound does not compress, one sample
# too many in VOC, lengths in tens in PAF, nothing in DWVW and WAV of MP3, no last
# packet in SDS.
_WRONG = {
    "CAF": ("ALAC_16", "ALAC_20", "ALAC_24", "ALAC_32"),
    "VOC": ("ULAW", "ALAW"),
    "PAF": ("PCM_24",),
    "AIFF": ("DWVW_12",),
    "WAV": ("MPEG_LAYER_III",),
    "SDS": ("PCM_S8", "PCM_16", "PCM_24"),
}
# The first bytes of containers.
_MAGIC = {
    b"RIFF": "WAV",
    b"RIFX": "WAV",
    b"RF64": "RF64",
    b"BW64": "RF64",
    b"riff": "W64",
    b"FORM": "AIFF",
    b"fLaC": "FLAC",
    b"OggS": "OGG",
    b"caff": "CAF",
    b".snd": "AU",
}
FORMATS = ("same", "wav", "flac", "ogg", "mp3")
_UNCODED = (*PCM_BITS, "FLOAT", "DOUBLE")
_LOSSLESS = "PCM_24"  # for a source that has no bit depth of its own, as MP3


@dataclass(frozen=True)
class Format:
    """A container and a sample format, in soundfile's words, and the extension to write."""

    container: str
    subtype: str
    extension: str

    @property
    def step(self) -> float | None:
        """The quantisation step, 1 being full scale; None where samples are not PCM."""
        bits = PCM_BITS.get(self.subtype)
        return None if bits is None else 2.0 ** (1 - bits)


def output_format(
    source: Format, container: str = "same", subtype: str | None = None, float_: bool = False
) -> Format:
    """Choose the format of the parts of a file.

    Parameters
    ----------
    source : Format
        The file's own.
    container : str
        One of `FORMATS`; "same" is the file's own, or FLAC if that can only be read or holds
        too few bits.
    subtype : str, optional
        In soundfile's words (PCM_16, VORBIS, ...). Default: the file's own, or the nearest that
        the container holds.
    float_ : bool
        Write 32-bit floating point, which has no full scale to exceed.

    Raises
    ------
    TicktoneError
        If the container cannot hold the subtype.
    """
    check_format(container, subtype, float_)
    name = source.container if container == "same" else container.upper()
    held = held_by(name)
    if not held or (container == "same" and _most_bits(held) < PCM_BITS.get(source.subtype, 0)):
        name, held = "FLAC", held_by("FLAC")
    wanted = "FLOAT" if float_ else subtype and subtype.upper()
    same = name == source.container
    if wanted is None and same and source.subtype in held:
        wanted = _READ_ONLY.get(source.subtype, source.subtype)
    elif wanted is None:
        wanted = _nearest(source.subtype, name, held)
    elif wanted not in held:
        raise TicktoneError(
            f"{name} holds no {wanted} samples; it holds: {', '.join(held)}"
            + ("; --format wav holds floating point" if wanted in ("FLOAT", "DOUBLE") else "")
        )
    return Format(name, wanted, output_extension(name, source.extension if same else ""))


def held_by(container: str) -> list[str]:
    """List what a container holds that libsndfile writes right, in soundfile's words."""
    wrong = _WRONG.get(container, ())
    if container not in soundfile.available_formats():
        return []
    return [name for name in soundfile.available_subtypes(container) if name not in wrong]


def _most_bits(subtypes: list[str]) -> int:
    return max(64 if name == "DOUBLE" else PCM_BITS.get(name, 0) for name in subtypes)


def check_format(container: str, subtype: str | None, float_: bool) -> None:
    """Refuse a container that is not one of `FORMATS`, and a subtype beside `float_`.

    Raises
    ------
    TicktoneError
    """
    if container not in FORMATS:
        raise TicktoneError(f"unknown format {container!r}; there are: {', '.join(FORMATS)}")
    if float_ and subtype is not None:
        raise TicktoneError("--float and --subtype exclude each other")


def output_extension(container: str, own: str) -> str:
    """Keep a file's own extension where its container goes by it, else give the usual one."""
    usual = EXTENSIONS.get(container, (container.lower(),))
    return own if own.lower() in usual else usual[0]


def container_of(magic: bytes) -> str | None:
    """Return the container that "same" means, by a file's first bytes; None if unsure."""
    if magic[:3] == b"ID3" or (magic[:1] == b"\xff" and magic[1:2] >= b"\xe0"):
        return "MP3"
    return _MAGIC.get(magic[:4])


def _nearest(subtype: str, container: str, held: list[str]) -> str:
    """Choose for another container: the same samples, or ones that can express as much."""
    if subtype in held and subtype in _UNCODED:
        return subtype
    for candidate in ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32"):
        if candidate in held and PCM_BITS[candidate] >= PCM_BITS.get(subtype, 24):
            return candidate
    return _LOSSLESS if _LOSSLESS in held else str(soundfile.default_subtype(container))
