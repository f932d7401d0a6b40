"""Projects of LMMS, written from nothing."""

import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

_BEAT = 48  # ticks


def track(
    name: str,
    plugin: str,
    keys: Sequence[int],
    *,
    sample: str | None = None,
    muted: bool = False,
    solo: bool = False,
) -> Element:
    """Write an instrument's track that plays a note on each beat."""
    element = Element("track", type="0", name=name, muted=str(int(muted)), solo=str(int(solo)))
    settings = SubElement(element, "instrumenttrack", vol="100", pan="0", basenote="57")
    instrument = SubElement(settings, "instrument", name=plugin)
    SubElement(instrument, plugin, {} if sample is None else {"src": sample})
    pattern = SubElement(element, "pattern", type="1", pos="0", name=name, muted="0")
    for beat, key in enumerate(keys):
        SubElement(
            pattern, "note", key=str(key), vol="100", pan="0", pos=str(beat * _BEAT), len=str(_BEAT)
        )
    return element


def write_project(
    path: Path, *tracks: Element, group: Sequence[Element] = (), group_muted: bool = False
) -> Path:
    """Write an mmp or mmpz file; the tracks of a group are those of a pattern for the beat."""
    root = Element("lmms-project", type="song", version="1.0", creator="LMMS")
    SubElement(root, "head", bpm="240", timesig_numerator="4", timesig_denominator="4")
    container = SubElement(SubElement(root, "song"), "trackcontainer", type="song")
    container.extend(tracks)
    if group:
        beats = SubElement(container, "track", type="1", name="beat", muted=str(int(group_muted)))
        inner = SubElement(SubElement(beats, "bbtrack"), "trackcontainer", type="bbtrackcontainer")
        inner.extend(group)
    content = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    content = content.replace(b"?>", b"?>\n<!DOCTYPE lmms-project>", 1)
    if path.suffix == ".mmpz":
        content = len(content).to_bytes(4, "big") + zlib.compress(content)
    path.write_bytes(content)
    return path
