"""Tags and pictures written to MP4 files."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ticktone.audio.tag_names import MP4 as NAMES

if TYPE_CHECKING:
    from ticktone.audio.tags import Tags

_FREE = "----:com.apple.iTunes:"  # before names that have no atom of their own


def write_mp4_tags(path: Path, tags: "Tags") -> None:
    """Write tags to a finished MP4 file.

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
    for name, values in tags.comments.items():
        atom = atoms.get(name)
        if name in ("tracktotal", "disctotal"):
            continue
        if name in ("tracknumber", "discnumber"):
            total = tags.comments.get(name.replace("number", "total"), ["0"])[0]
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
        for picture in tags.pictures
        if picture.mime in ("image/png", "image/jpeg", "image/jpg")
    ]
    if covers:
        file.tags["covr"] = covers
    file.save()
