"""Durations and names as people write them."""

import re
from urllib.parse import quote

LONGEST_NAME = 200  # characters


def clock(seconds: float) -> str:
    """Write a duration as minutes and seconds.

    >>> clock(205.4)
    '3:25'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def file_name(given: str) -> str:
    """Return what is safe to show of a file's name: no folders, no control characters.

    >>> file_name("../music/A song.flac")
    'A song.flac'
    """
    last = re.split(r"[/\\]", given)[-1]
    shown = "".join(letter for letter in last if letter.isprintable()).strip()
    return shown[-LONGEST_NAME:] or "song"


def disposition(name: str) -> str:
    """Return the header by which a browser saves what it is sent under a name, in any script.

    >>> disposition("A song.flac")
    "attachment; filename*=UTF-8''A%20song.flac"
    """
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
