"""Tags and pictures: what they say, and how they are written in the kinds that ticktone writes.

Mutagen knows the kinds. Between files of one kind all is kept that may be; from one kind to
another, what both have a name for, under the names of Vorbis comments in between.
"""

import re
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from ticktone.audio.mp4_tags import write_mp4_tags
from ticktone.audio.tag_names import ID3, OF_THE_CODING, OTHERS
from ticktone.errors import TicktoneError
from ticktone.storage.atomic import unwritable

Comments = dict[str, list[str]]  # values by their names in lower case

_LARGEST = 2**24 - 2**16  # bytes of a picture that a block of FLAC holds
# ID3's frames of times within the recording, and of dates.
_POSITIONS = ("CHAP", "CTOC", "SYLT", "SYTC", "ETCO", "MLLT", "ASPI", "POSS", "SEEK")
_TIMES = ("TDRC", "TDOR")
_TIME = re.compile(r"\d{4}(-\d\d(-\d\d([T ]\d\d(:\d\d(:\d\d)?)?)?)?)?")


@dataclass
class Tags:
    """What a file's tags say.

    Attributes
    ----------
    comments : dict
        Texts by their names in Vorbis comments, in lower case.
    pictures : list of mutagen.flac.Picture
    id3 : mutagen.id3.ID3, optional
        All frames, where the tags were ID3.
    cuesheet : object, optional
        FLAC's.
    """

    comments: Comments = field(default_factory=dict)
    pictures: list[Any] = field(default_factory=list)
    id3: Any = None
    cuesheet: Any = None

    def named(self, part: str, stem: str) -> "Tags":
        """Return the tags of a part: its title names it.

        A file that has tags but no title gets its own name's stem for one.
        """
        if not self.comments:
            return self
        titles = self.comments.get("title") or [stem]
        comments = {**self.comments, "title": [f"{title} ({part})" for title in titles]}
        id3 = None
        if self.id3 is not None:
            from mutagen.id3 import TIT2

            id3 = _copy(self.id3)
            id3.setall("TIT2", [TIT2(encoding=3, text=comments["title"])])
        return Tags(comments, self.pictures, id3, self.cuesheet)

    def without(self, untrue: Collection[str]) -> "Tags":
        """Return the tags but for those of some names, for chapters and for the cue sheet."""
        comments = {name: values for name, values in self.comments.items() if name not in untrue}
        id3 = None
        if self.id3 is not None:
            id3 = _copy(self.id3)
            for frame in list(id3.values()):
                kind = frame.FrameID
                if kind in _POSITIONS or ID3.get(kind) in untrue:
                    del id3[frame.HashKey]
        return Tags(comments, self.pictures, id3)


def from_id3(id3: Any) -> Tags:
    """Return what an ID3 tag says."""
    from mutagen.flac import Picture

    tags = Tags(id3=id3)
    for frame in list(id3.values()):
        name = frame.FrameID
        if name == "APIC":
            picture = Picture()
            picture.data, picture.mime = frame.data, frame.mime
            picture.type, picture.desc = int(frame.type), frame.desc
            tags.pictures.append(picture)
        elif name == "TXXX":
            add(tags.comments, frame.desc, *frame.text)
        elif name == "COMM":
            add(tags.comments, "comment" if not frame.desc else frame.desc, *frame.text)
        elif name == "USLT":
            add(tags.comments, "lyrics", frame.text)
        elif name in ("TRCK", "TPOS"):
            kind = "track" if name == "TRCK" else "disc"
            number, _, total = str(frame.text[0] if frame.text else "").partition("/")
            add(tags.comments, f"{kind}number", number)
            add(tags.comments, f"{kind}total", total)
        elif name == "TCON":
            add(tags.comments, "genre", *frame.genres)
        elif name in ID3:
            add(tags.comments, ID3[name], *map(str, frame.text))
    for key in [key for key, frame in id3.items() if _is_of_the_coding(frame)]:
        del id3[key]
    return tags


def add(comments: Comments, name: str, *values: str) -> None:
    """Add values under a name, unless they are empty or tell how a file was coded."""
    name = name.lower()
    name = OTHERS.get(name, name)
    if name in OF_THE_CODING or not name or not all(32 <= ord(c) < 126 and c != "=" for c in name):
        return
    for value in values:
        value = value.strip("\0")
        if value and value not in comments.get(name, ()):
            comments.setdefault(name, []).append(value)


def as_id3(tags: Tags) -> Any:
    """Return tags as ID3, in the version that they had if they were ID3."""
    from mutagen import id3 as m

    if tags.id3 is not None:
        return tags.id3
    id3, frames = m.ID3(), {name: frame for frame, name in ID3.items()}
    for name, values in tags.comments.items():
        frame = frames.get(name)
        if name in ("tracknumber", "discnumber"):
            total = tags.comments.get(name.replace("number", "total"), [""])[0]
            numbering = m.TRCK if name == "tracknumber" else m.TPOS
            id3.add(numbering(encoding=3, text=f"{values[0]}/{total}" if total else values[0]))
        elif name in ("tracktotal", "disctotal"):
            continue
        elif name == "comment" or (name == "description" and "comment" not in tags.comments):
            id3.add(m.COMM(encoding=3, lang="XXX", desc="", text=values))
        elif name == "lyrics":
            id3.add(m.USLT(encoding=3, lang="XXX", desc="", text="\n".join(values)))
        elif frame is not None and (frame not in _TIMES or all(map(_is_time, values))):
            id3.add(getattr(m, frame)(encoding=3, text=values))
        else:
            id3.add(m.TXXX(encoding=3, desc=name.upper(), text=values))
    for number, picture in enumerate(tags.pictures):
        described = picture.desc
        if f"APIC:{described}" in id3:  # it tells pictures apart by what describes them
            described = f"{described} {number + 1}".strip()
        kind = {"mime": picture.mime, "type": picture.type, "desc": described}
        id3.add(m.APIC(encoding=3, data=picture.data, **kind))
    return id3


def _is_time(text: str) -> bool:
    """Return whether a text is a date as ID3 has them, from a year to a second."""
    return _TIME.fullmatch(text) is not None


def id3_bytes(id3: Any) -> bytes:
    """Return an ID3 tag as a chunk holds it."""
    buffer = BytesIO()
    _save(id3, buffer)
    return buffer.getvalue()


def write_tags(path: Path, container: str, subtype: str, tags: Tags) -> None:
    """Write tags to a finished MP3, FLAC, Ogg or MP4 file.

    Raises
    ------
    TicktoneError
        If they cannot be written, most often because the disk is full.
    """
    from mutagen import MutagenError

    try:
        if container == "MP3":
            _save(as_id3(tags), path)
        elif container == "MP4":
            write_mp4_tags(path, tags.comments, tags.pictures)
        else:
            _save_vorbis(path, container, subtype, tags)
    except OSError as error:
        raise unwritable(path, error) from None
    except MutagenError as error:
        cause = error.args[0] if error.args and isinstance(error.args[0], OSError) else None
        if cause is not None:
            raise unwritable(path, cause) from None
        raise TicktoneError(f"its tags cannot be written ({error}); use --no-tags", path) from None
    except Exception as error:  # a tag of a kind that nobody has thought of
        why = f"{type(error).__name__}: {error}"
        raise TicktoneError(f"its tags cannot be written ({why}); use --no-tags", path) from None


def _save(id3: Any, where: Any) -> None:
    id3 = _copy(id3)
    if id3.version >= (2, 4, 0):
        id3.save(where)
    else:
        id3.update_to_v23()
        id3.save(where, v2_version=3)


def _save_vorbis(path: Path, container: str, subtype: str, tags: Tags) -> None:
    from mutagen.flac import FLAC
    from mutagen.oggopus import OggOpus
    from mutagen.oggvorbis import OggVorbis

    pictures = [picture for picture in tags.pictures if len(picture.data) <= _LARGEST]
    file: Any = (FLAC if container == "FLAC" else OggOpus if subtype == "OPUS" else OggVorbis)(path)
    if file.tags is None:
        file.add_tags()
    for name, values in tags.comments.items():
        file.tags[name.upper()] = values
    if container == "FLAC":
        for picture in pictures:
            file.add_picture(picture)
        if tags.cuesheet is not None:
            file.cuesheet = tags.cuesheet
            file.metadata_blocks.append(tags.cuesheet)
    elif pictures:
        coded = [b64encode(picture.write()).decode() for picture in pictures]
        file.tags["METADATA_BLOCK_PICTURE"] = coded
    file.save()


def _is_of_the_coding(frame: Any) -> bool:
    name = getattr(frame, "desc", "") if frame.FrameID in ("TXXX", "COMM") else frame.FrameID
    return name.lower() in OF_THE_CODING


def _copy(id3: Any) -> Any:
    from mutagen import id3 as frames

    copy = frames.ID3()
    copy._version = id3.version  # there is no other way to say it
    for frame in id3.values():
        copy.add(frame)
    copy.unknown_frames = list(id3.unknown_frames)
    return copy
