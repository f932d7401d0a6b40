"""Tags and pictures read from any kind of sound file, by its content: mutagen knows most kinds."""

import json
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ticktone.audio.probe import SAFELY
from ticktone.audio.tag_names import ASF, MP4
from ticktone.audio.tags import Comments, Tags, add, as_id3, from_id3

_BARE = ("MP3", "AAC", "AC3", "TrueAudio", "TAK")  # kinds to which ID3 or APEv2 is added
_PATIENCE = 10  # seconds that ffprobe and ffmpeg are given
_MIMES = {"mjpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}
_FRONT = 3  # cover, among the types of pictures


def read_tags(path: Path, ask_ffprobe: bool = False) -> Tags:
    """Read a file's tags, by its content and not by its name.

    Parameters
    ----------
    path : Path
    ask_ffprobe : bool
        Whether to, where mutagen does not know the kind of file.

    Raises
    ------
    Exception
        Of any kind, where the tags are damaged.
    """
    from mutagen import File
    from mutagen import id3 as frames
    from mutagen.mp3 import HeaderNotFoundError

    try:
        file = File(path)
    except HeaderNotFoundError:  # what follows an ID3 tag is no MP3
        return from_id3(frames.ID3(path))
    if file is None:
        return _asked_of_ffmpeg(path) if ask_ffprobe else Tags()
    tags: Any = file.tags
    if tags is None and type(file).__name__ in _BARE:
        with suppress(frames.ID3NoHeaderError):
            tags = frames.ID3(path)
    if isinstance(tags, frames.ID3):
        found = from_id3(tags)
        if type(file).__name__ in _BARE:
            with suppress(Exception):  # one that is damaged costs itself
                _add_missing(found, _take_ape(Tags(), _ape_tags(path)))
        return found
    found = Tags()
    match type(file).__name__:
        case kind if kind in _BARE:
            _take_ape(found, _ape_tags(path))
        case "MP4":
            _take_mp4(found, tags or {})
            if not found.comments and not found.pictures and ask_ffprobe:
                return _asked_of_ffmpeg(path)  # QuickTime has other places for them
        case "ASF":
            _take_asf(found, tags or [])
        case "MonkeysAudio" | "WavPack" | "APEv2File" | "Musepack" | "OptimFROG":
            _take_ape(found, tags or {})
        case _:
            _take_vorbis(found, tags or [])
            found.pictures += getattr(file, "pictures", [])
            found.cuesheet = getattr(file, "cuesheet", None)
            with suppress(Exception):  # some programs put one before FLAC, whole or damaged
                before = from_id3(frames.ID3(path))
                before.id3 = None
                _add_missing(found, before)
    return found


def _add_missing(found: Tags, others: Tags) -> None:
    """Add what a second tag of a file says and the first does not."""
    missing = {name: x for name, x in others.comments.items() if name not in found.comments}
    pictures = [] if found.pictures else others.pictures
    if found.id3 is not None:
        added = as_id3(Tags(missing, pictures))
        for frame in added.values():
            found.id3.add(frame)
    found.comments.update(missing)
    found.pictures += pictures


def _take_vorbis(found: Tags, tags: Any) -> None:
    from mutagen.flac import Picture

    for name, value in tags:
        if name.lower() == "metadata_block_picture":
            with suppress(Exception):  # one that is damaged costs itself
                found.pictures.append(Picture(b64decode(value)))
        else:
            add(found.comments, name, value)


def _take_mp4(found: Tags, tags: Any) -> None:
    from mutagen.flac import Picture
    from mutagen.mp4 import MP4Cover

    for name, values in tags.items():
        if name == "covr":
            for cover in values:
                picture = Picture()
                is_png = getattr(cover, "imageformat", None) == MP4Cover.FORMAT_PNG
                picture.data, picture.type = bytes(cover), _FRONT
                picture.mime = "image/png" if is_png else "image/jpeg"
                found.pictures.append(picture)
        elif name in ("trkn", "disk"):
            kind = "track" if name == "trkn" else "disc"
            for number, total in values:
                add(found.comments, f"{kind}number", str(number or ""))
                add(found.comments, f"{kind}total", str(total or ""))
        elif name.startswith("----:"):
            with suppress(UnicodeDecodeError):  # it is no text
                texts = [bytes(value).decode() for value in values]
                add(found.comments, name.rpartition(":")[2], *texts)
        elif name in MP4:
            values = values if isinstance(values, list) else [values]
            add(found.comments, MP4[name], *(str(int(v) if v is True else v) for v in values))


def _take_asf(found: Tags, tags: Any) -> None:
    from mutagen.flac import Picture

    for name, value in tags:
        if name == "WM/Picture":
            data = bytes(value.value)
            size = int.from_bytes(data[1:5], "little")
            words = data[5:-size] if size else data[5:]
            mime, described, *_ = [*words.decode("utf-16-le", "replace").split("\0"), "", ""]
            picture = Picture()
            picture.type, picture.mime, picture.desc = data[0], mime, described
            picture.data = data[len(data) - size :]
            found.pictures.append(picture)
        elif isinstance(getattr(value, "value", None), bytes):
            continue  # no text
        elif ASF.get(name.lower()) in ("tracknumber", "discnumber"):
            _add_numbering(found.comments, ASF[name.lower()], str(value))
        elif name.lower() in ASF:
            add(found.comments, ASF[name.lower()], str(value))
        elif not name.lower().startswith(("wm/", "wmfsdk", "isvbr")):
            add(found.comments, name, str(value))


def _ape_tags(path: Path) -> Any:
    """Return the APEv2 tag of a file without ID3."""
    from mutagen.apev2 import APENoHeaderError, APEv2

    try:
        return APEv2(path)
    except APENoHeaderError:
        return {}


def _take_ape(found: Tags, tags: Any) -> Tags:
    from mutagen.apev2 import APEBinaryValue
    from mutagen.flac import Picture

    for name, value in tags.items():
        if name.lower().startswith("cover art"):
            described, _, data = bytes(value.value).partition(b"\0")
            picture = Picture()
            picture.data, picture.desc = data, described.decode(errors="replace")
            picture.type = _FRONT if "front" in name.lower() else 0
            picture.mime = "image/png" if data[:4] == b"\x89PNG" else "image/jpeg"
            found.pictures.append(picture)
        elif isinstance(value, APEBinaryValue):
            continue  # no text
        elif name.lower() in ("track", "disc"):
            _add_numbering(found.comments, f"{name.lower()}number", str(value))
        else:
            add(found.comments, name, *str(value).split("\0"))
    return found


def _add_numbering(comments: Comments, name: str, text: str) -> None:
    """Add a number that may tell of how many it is one, as 3/12 does."""
    number, _, total = text.partition("/")
    add(comments, name, number)
    add(comments, name.replace("number", "total"), total)


def _asked_of_ffmpeg(path: Path) -> Tags:
    """Read what mutagen does not read, such as Matroska; nothing where ffprobe is missing."""
    program = shutil.which("ffprobe")
    if program is None:
        return Tags()
    shown = "format_tags:stream=index,codec_name:stream_disposition=attached_pic"
    command = [program, "-v", "error", *SAFELY, "-of", "json", "-show_entries", shown]
    done = subprocess.run(
        [*command, "-i", f"file:{path}"], capture_output=True, check=False, timeout=_PATIENCE
    )
    told, found = json.loads(done.stdout or b"{}"), Tags()
    for name, value in told.get("format", {}).get("tags", {}).items():
        if name.lower() in ("track", "disc"):
            _add_numbering(found.comments, f"{name.lower()}number", value)
        else:
            add(found.comments, name, value)
    for stream in told.get("streams", []):
        if stream.get("disposition", {}).get("attached_pic"):
            found.pictures += _attached_picture(path, stream)
    return found


def _attached_picture(path: Path, stream: Mapping[str, Any]) -> list[Any]:
    from mutagen.flac import Picture

    program, mime = shutil.which("ffmpeg"), _MIMES.get(stream.get("codec_name", ""))
    if program is None or mime is None:
        return []
    command = [program, "-nostdin", "-v", "error", *SAFELY, "-i", f"file:{path}"]
    command += ["-map", f"0:{stream['index']}", "-c", "copy", "-f", "image2pipe", "-"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE)
    picture = Picture()
    picture.data, picture.mime, picture.type = done.stdout, mime, _FRONT
    return [picture] if done.stdout else []
