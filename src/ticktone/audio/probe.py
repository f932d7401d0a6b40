"""What a file is, as ffprobe tells it."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ticktone.audio.formats import PCM_BITS, Format

SECONDS = 60  # that ffprobe may take for the head of a file
# What holds sound or films. Not playlists and manifests (concat, hls, dash, sdp, ...), which would
# lead to other files.
_DEMUXERS = (
    "3dostr,aa,aac,ac3,acm,adp,ads,adx,aea,aiff,aix,amr,amrnb,amrwb,apc,ape,aptx,aptx_hd,asf,ast,"
    "au,avi,avr,binka,bfstm,brstm,caf,codec2,dhav,dsf,dss,dts,dtshd,dv,eac3,epaf,flac,flv,fsb,"
    "genh,gxf,hca,hcom,iff,ircam,iss,kux,kvag,live_flv,loas,lvf,matroska,webm,mca,mlp,mmf,mods,"
    "mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,msf,mtaf,musx,mxf,nistsphere,nsp,nsv,nut,"
    "nuv,ogg,oma,paf,pva,pvf,qcp,rm,roq,rsd,rso,sbc,sds,shn,sln,sol,sox,spdif,svag,svs,swf,tak,"
    "truehd,tta,ty,vag,vividas,voc,vpk,vqf,w64,wav,wsd,wsaud,wtv,wv,wve,xa,xvag,xwma"
)
# Only such files, so that nothing in them can lead to others.
SAFELY = ("-protocol_whitelist", "file,pipe,subfile", "-format_whitelist", _DEMUXERS)

# Containers that soundfile reads and writes, by ffmpeg's names.
_CONTAINERS = {name.lower(): name for name in ("WAV", "FLAC", "MP3", "AIFF", "W64", "CAF", "AU")}
_CODED = {
    ("mp3", "mp3"): Format("MP3", "MPEG_LAYER_III", "mp3"),
    ("ogg", "vorbis"): Format("OGG", "VORBIS", "ogg"),
    ("ogg", "opus"): Format("OGG", "OPUS", "opus"),
}
_LOSSLESS = ("flac", "alac", "wavpack", "ape", "tta", "tak", "shorten", "mlp", "truehd")
# Demuxers that learn the length from the header, not from the bit rate or the file's end.
_TELLING = {"mov", "asf", "ape", "wv", "tta", "tak", "mpc8", "flac", "wav", "aiff", "w64", "caf"}
_TELLING |= {"avi", "matroska", "dsf", "iff", "au", "mpc", "flv"}


@dataclass(frozen=True)
class Probe:
    """What a file holds.

    Parameters
    ----------
    container : str
        ffmpeg's short name.
    kind : str
        In words; empty if ffprobe does not know.
    stream : dict
        Of the first sound; empty if there is none.
    others : tuple of str
        What else is there, such as "video (h264)".
    duration : float or None
        Seconds of sound, as the header says.
    error : str
        Why ffprobe does not know it.
    tracks : int
        How many recordings it holds side by side.
    """

    container: str
    kind: str
    stream: dict[str, Any] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    duration: float | None = None
    error: str = ""
    tracks: int = 0

    def format(self, extension: str) -> Format:
        """Return the file's format in soundfile's words, for "same" to be as near as can be."""
        codec = str(self.stream.get("codec_name", ""))
        if (self.container, codec) in _CODED:
            known = _CODED[self.container, codec]
            return Format(known.container, known.subtype, extension)
        subtype = "CODED"
        bits = int(self.stream.get("bits_per_raw_sample", 0) or 0)
        bits = bits or int(self.stream.get("bits_per_sample", 0) or 0)
        if codec.startswith(("pcm_f32", "pcm_f64")):
            subtype = "FLOAT" if codec.startswith("pcm_f32") else "DOUBLE"
        elif codec.startswith(("pcm_s", "pcm_u")) or codec in _LOSSLESS:
            subtype = {8: "PCM_S8", 16: "PCM_16", 24: "PCM_24", 32: "PCM_32"}.get(bits, "CODED")
            if codec.startswith("pcm_u8"):
                subtype = "PCM_U8"
        uncoded = subtype in PCM_BITS or subtype in ("FLOAT", "DOUBLE")
        container = _CONTAINERS.get(self.container, "FFMPEG") if uncoded else "FFMPEG"
        return Format(container, subtype, extension)

    @property
    def is_wide(self) -> bool:
        """Whether 32-bit floating point would lose bits of it."""
        return self.format("").subtype in ("PCM_32", "DOUBLE")


def probe(path: Path) -> Probe | None:
    """Return what a file is; None without ffprobe, or if it does not answer."""
    program = shutil.which("ffprobe")
    if program is None:
        return None
    shown = (
        "format=format_name,format_long_name,duration:stream_tags=DURATION:stream=codec_type,"
        "codec_name,bits_per_raw_sample,bits_per_sample,duration,channel_layout:"
        "stream_disposition=attached_pic"
    )
    command = [program, "-v", "error", *SAFELY, "-show_entries", shown, "-of", "json"]
    try:
        done = subprocess.run(
            [*command, "-i", f"file:{path}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        told = json.loads(done.stdout or b"{}")
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if done.returncode or "format" not in told:
        other = re.search(rb"\[([\w,]+) @ 0x[0-9a-f]+\] Format not on whitelist", done.stderr)
        if other is not None:
            return Probe(other[1].decode(), other[1].decode())
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        reason = re.sub(r"\[[^]]* @ 0x[0-9a-f]+\] ", "", lines[0]).removeprefix(f"file:{path}: ")
        return Probe("", "", error=reason)
    return _probe(told["format"], told.get("streams", []))


def _probe(container: dict[str, Any], streams: list[dict[str, Any]]) -> Probe:
    sounds = [stream for stream in streams if stream.get("codec_type") == "audio"]
    others = [stream for stream in streams if stream.get("codec_type") != "audio"]
    films = [x for x in others if not x.get("disposition", {}).get("attached_pic")]
    name = str(container.get("format_name", "")).split(",")[0]
    stream = sounds[0] if sounds else {}
    duration = _seconds(stream.get("duration")) or _seconds(stream.get("tags", {}).get("DURATION"))
    if duration is None and len(sounds) == 1 and not films:
        duration = _seconds(container.get("duration"))
    return Probe(
        name,
        str(container.get("format_long_name", name)),
        stream,
        tuple(f"{x.get('codec_type', 'data')} ({x.get('codec_name', '?')})" for x in others),
        duration if name in _TELLING else None,
        tracks=len(sounds),
    )


def _seconds(text: object) -> float | None:
    """Read seconds, or hours, minutes and seconds, as ffprobe writes them."""
    try:
        parts = [float(part) for part in str(text).split(":")]
    except ValueError:
        return None
    return sum((part * 60**place for place, part in enumerate(reversed(parts))), 0.0)
