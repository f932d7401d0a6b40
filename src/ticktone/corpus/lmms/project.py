"""Projects of LMMS: XML, compressed or not, with tracks that can be muted."""

import copy
import re
import xml.etree.ElementTree as ElementTree
import zlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ticktone.errors import TicktoneError

_INSTRUMENT, _PATTERNS, _SAMPLES = "0", "1", "2"  # numbers of types of track
_LENGTH_BYTES = 4  # of an mmpz, before what zlib has compressed
_LARGEST = 1 << 28  # bytes of XML
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>]*>")
_HOST_PLUGINS = ("vestige", "vsteffect", "carlabase", "carlapatchbay", "carlarack")


@dataclass(frozen=True)
class Track:
    """A track that plays: an instrument's, or one of samples.

    Parameters
    ----------
    number : int
        Counted from 1 in the order of the file.
    name : str
    plugin : str
        The instrument's, such as "tripleoscillator"; "sample" for a track of samples.
    samples : tuple of str
        Files that it plays, as the project names them.
    notes : Counter of int
        How often each pitch is in its patterns; for a track of samples, how often it is started.
    """

    number: int
    name: str
    plugin: str
    samples: tuple[str, ...]
    notes: Counter[int]


class Project:
    """A project of LMMS.

    Parameters
    ----------
    path : Path

    Raises
    ------
    TicktoneError
        If it cannot be read, or is no project.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._root = _read(path)
        self._elements = [
            element
            for element in self._root.iter("track")
            if element.get("type") in (_INSTRUMENT, _SAMPLES)
        ]

    @property
    def tracks(self) -> list[Track]:
        """The tracks that play at least a note or sample, and are not muted in the project."""
        silent = self._muted()
        tracks = [
            _track(number, element)
            for number, element in enumerate(self._elements, 1)
            if element not in silent
        ]
        return [track for track in tracks if track.notes]

    def _muted(self) -> set[ElementTree.Element]:
        muted = {element for element in self._elements if element.get("muted") == "1"}
        for group in self._root.iter("track"):
            if group.get("type") == _PATTERNS and group.get("muted") == "1":
                muted.update(group.iter("track"))
        return muted

    @property
    def foreign(self) -> list[str]:
        """Plugins that only hosts of other programs' plugins have, such as VST's."""
        names = [element.get("name", "") for element in self._root.iter("instrument")]
        names += [element.get("name", "") for element in self._root.iter("effect")]
        return sorted({name for name in names if name.lower() in _HOST_PLUGINS})

    def only(self, numbers: Collection[int]) -> bytes:
        """Return the project as an mmp file in which only some of its tracks are heard.

        What is muted in the project stays muted.
        """
        root = copy.deepcopy(self._root)
        elements = [
            element
            for element in root.iter("track")
            if element.get("type") in (_INSTRUMENT, _SAMPLES)
        ]
        for number, element in enumerate(elements, 1):
            element.set("solo", "0")  # which would mute all the others
            if number not in numbers:
                element.set("muted", "1")
        content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return content


def _track(number: int, element: ElementTree.Element) -> Track:
    samples = [
        found
        for tag in ("audiofileprocessor", "sf2player", "sampletco")
        for each in element.iter(tag)
        if (found := each.get("src"))
    ]
    if element.get("type") == _SAMPLES:
        plugin = "sample"
        notes = Counter({69: len(samples)} if samples else {})
    else:
        instrument = element.find(".//instrument")
        plugin = "" if instrument is None else instrument.get("name", "")
        notes = Counter(int(float(note.get("key", "69"))) for note in element.iter("note"))
    name = element.get("name", "")
    return Track(number, name, plugin, tuple(dict.fromkeys(samples)), notes)


def _read(path: Path) -> ElementTree.Element:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TicktoneError(f"cannot be read: {error.strerror or error}", path) from None
    try:
        if not content.lstrip().startswith(b"<"):
            content = zlib.decompressobj().decompress(content[_LENGTH_BYTES:], _LARGEST)
        root = ElementTree.fromstring(_DOCTYPE.sub(b"", content))
    except (zlib.error, ElementTree.ParseError, ValueError):
        raise TicktoneError("is not a project of LMMS, or is damaged", path) from None
    if root.tag not in ("lmms-project", "multimedia-project"):
        raise TicktoneError("is not a project of LMMS, or is damaged", path)
    return root
