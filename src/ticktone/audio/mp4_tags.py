"""Tags and pictures written to MP4 files."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ticktone.audio.tag_names import MP4 as NAMES

_FREE = "----:com.apple.iTunes:"  # before names that have no atom of their own


def write_mp4_tags(path: Path, comments: Mapping[str, list[str]], pictures: Iterable[Any]) -> None:
    """Write tags to a finished MP4 file.

    Parameters
    ----------
    path : Path
    comments, pictures : mapping and iterable
        As in `ticktone.audio.tags.Tags`.

    Raises
    ------
    Exception
        Of any kind, as `ticktone.audio.tags.write_tags` turns into errors.
    """
    from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm

    file: Any = MP4(path)
    if file.tags is None:
        file.add_tags()
    atoms = {name: atom for atom, name in NAMES.items()}
    for name, values in comments.items():
        atom = atoms.get(name)
        if name in ("tracktotal", "disctotal"):
            continue
        if name in ("tracknumber", "discnumber"):
            total = comments.get(name.replace("number", "total"), ["0"])[0]
            with suppress(ValueError):  # such as A1, of a record's side
                kind = "trkn" if name == "tracknumber" else "disk"
                file.tags[kind] = [(int(values[0]), int(total or 0))]
        elif atom == "tmpo":
            with suppress(ValueError):
                file.tags[atom] = [round(float(value)) for value in values]
        elif atom == "cpil":
            file.tags[atom] = values[0] not in ("", "0")
        elif atom is not None:
            file.tags[atom] = values
        else:
            free = name if name == "initialkey" else name.upper()  # as others write them
            file.tags[_FREE + free] = [MP4FreeForm(value.encode()) for value in values]
    covers = [
        MP4Cover(
            picture.data,
            MP4Cover.FORMAT_PNG if "png" in picture.mime else MP4Cover.FORMAT_JPEG,
        )
        for picture in pictures
        if picture.mime in ("image/png", "image/jpeg", "image/jpg")
    ]
    if covers:
        file.tags["covr"] = covers
    file.save()
