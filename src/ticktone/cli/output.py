"""What is printed, and where: results alone on standard output, one line each, whatever names hold.

Encodings that lack a character get its escape; see `be_robust`.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

import typer

# Characters that would change how the text beside them is read (Unicode TR 9), a ruse with names.
_DIRECTIONS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x61C}


def printable(text: str) -> str:
    r"""Return text in one line that does nothing to a terminal.

    >>> printable("a\nb\x1b[31m.wav")
    'a\\nb\\x1b[31m.wav'
    """
    return "".join(
        c.encode("unicode_escape").decode() if _acts(c) else c for c in text
    )  # a surrogate stands for a byte that is not UTF-8


def _acts(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind in ("Cc", "Cs", "Zl", "Zp") or ord(character) in _DIRECTIONS


def print_line(text: str, stream: TextIO | None = None) -> None:
    """Print one line of results. Default: on standard output."""
    typer.echo(printable(text), stream)


def print_json(record: dict[str, Any], stream: TextIO) -> None:
    """Print a JSON object in one line that the stream's encoding holds; names stay what they are.

    Bytes that are not UTF-8 are the lone surrogates that Python's `os.fsencode` turns to them.
    """
    text = json.dumps(record, ensure_ascii=False)
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(record)
    typer.echo(text, stream)


def complain(message: str) -> None:
    """Print one line on standard error, if anybody still listens there."""
    with suppress(OSError):
        typer.echo(f"ticktone: {printable(message)}", err=True)


def be_robust() -> None:
    """Escape the characters that standard output and standard error cannot print."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


@contextmanager
def guarded() -> Iterator[None]:
    """Turn output that cannot be printed into one line and exit code 1.

    A reader that went, as `head` does, has had enough: no line then.
    """
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _give_up_output()
        raise SystemExit(1) from None
    except OSError as error:
        _give_up_output()
        complain(f"standard output cannot be written: {error.strerror}; make room")
        raise SystemExit(1) from None


def _give_up_output() -> None:
    """Discard what is still to be printed, or Python would try again at its end."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)


@contextmanager
def results_alone() -> Iterator[TextIO]:
    """Reserve standard output for results; what libraries print there goes to standard error.

    Yields
    ------
    TextIO
        Standard output.
    """
    out = sys.stdout
    try:
        is_real = out is not None and out.fileno() == 1
    except (OSError, ValueError):  # a test's, or a notebook's
        is_real = False
    if not is_real:
        yield out
        return
    out.flush()
    with os.fdopen(os.dup(1), "w", encoding=out.encoding, errors=out.errors) as private:
        try:
            try:
                os.dup2(2, 1)
            except OSError:  # there is no standard error
                _give_up_output()
            yield private
            private.flush()
        finally:
            os.dup2(private.fileno(), 1)
