"""The sheet beside a song: which part each of its instruments belongs to, for people to correct."""

import json
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from ticktone.corpus.classification.names import Part
from ticktone.errors import TicktoneError

_HEAD = """\
# Which part each instrument of this song belongs to. Correct it where it is wrong: the next
# rendering reads it. A part is "percussive", "harmonic", "left_out" (of both) or "unknown";
# a song with unknown ones is not rendered.
"""


@dataclass(frozen=True)
class SheetEntry:
    """An instrument of a song, and its part.

    Parameters
    ----------
    number : int
        Counted from 1, as trackers do.
    name : str
    part : {"percussive", "harmonic", "unknown", "left_out"}
    reason : str
        For people.
    """

    number: int
    name: str
    part: Part
    reason: str = ""


@dataclass(frozen=True)
class Sheet:
    """A song's instruments.

    Parameters
    ----------
    sha256 : str
        Of the song.
    instruments : tuple of SheetEntry
    """

    sha256: str
    instruments: tuple[SheetEntry, ...]

    def numbers(self, part: Part) -> list[int]:
        """Return the numbers of a part's instruments."""
        return [each.number for each in self.instruments if each.part == part]


def sheet_path(song: Path) -> Path:
    """Return where a song's sheet lies: ``SONG.parts.toml``, beside the song."""
    return song.with_name(f"{song.name}.parts.toml")


def read_sheet(path: Path, sha256: str, numbers: Collection[int] | None = None) -> Sheet | None:
    """Read a sheet; None if there is none.

    Parameters
    ----------
    path : Path
        See `sheet_path`.
    sha256 : str
        Of the song.
    numbers : collection of int, optional
        Of the instruments that it plays; they are compared.

    Raises
    ------
    TicktoneError
        If it cannot be read, is damaged, is of another song, or lacks an instrument.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TicktoneError(f"is not valid TOML: {error}", path) from None
    except OSError as error:
        raise TicktoneError(f"cannot be read: {error.strerror or error}", path) from None
    if content.get("sha256") != sha256:
        raise TicktoneError("is of another song, or the song was changed; remove it", path)
    tables = content.get("instrument")
    instruments = tuple(_instrument(table, path) for table in tables or ())
    found = sorted(each.number for each in instruments)
    if numbers is not None and found != sorted(numbers):
        wrong = sorted(set(found) ^ set(numbers)) or found
        raise TicktoneError(
            f"must have each instrument once; see instrument {wrong[0]}, or remove the file", path
        )
    return Sheet(sha256, instruments)


def _instrument(table: Any, path: Path) -> SheetEntry:
    part = table.get("part")
    if part not in get_args(Part):
        raise TicktoneError(
            f"instrument {table.get('number')}: part {part!r} is none of: "
            f"{', '.join(get_args(Part))}",
            path,
        )
    number = table.get("number")
    if not isinstance(number, int):
        raise TicktoneError("an instrument has no number", path)
    return SheetEntry(number, str(table.get("name", "")), part, str(table.get("reason", "")))


def write_sheet(path: Path, sheet: Sheet) -> None:
    """Write a sheet.

    Raises
    ------
    TicktoneError
        If it cannot be written.
    """
    lines = [_HEAD, f"sha256 = {_quoted(sheet.sha256)}"]
    for each in sheet.instruments:
        lines += [
            "",
            "[[instrument]]",
            f"number = {each.number}",
            f"name = {_quoted(each.name)}",
            f"part = {_quoted(each.part)}",
            f"reason = {_quoted(each.reason)}",
        ]
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise TicktoneError(
            f"cannot be written: {error.strerror}; copy the song to a folder of your own", path
        ) from None


def _quoted(text: str) -> str:
    """Quote as TOML does, which is as JSON does but for one character."""
    valid = text.encode("utf-8", "replace").decode()
    return json.dumps(valid, ensure_ascii=False).replace("\x7f", "\\u007f")
