"""Tables of settings (TOML and the command line) read into dataclasses, every mistake named."""

import math
import operator
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import Field, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from ticktone.errors import TicktoneError, unknown

T = TypeVar("T")
Table = dict[str, Any]


def setting(
    default: T,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
) -> T:
    """Give a dataclass field its default and the values it takes.

    Parameters
    ----------
    default : object
    least, above, most : float, optional
        Bounds of a number, or of every number in a tuple; `above` excludes its own value.
    choices : tuple of str, optional
    """
    limits = {"least": least, "above": above, "most": most, "choices": choices}
    declared: T = field(default=default, metadata=limits)
    return declared


def read_settings(kind: type[T], path: Path, overrides: Iterable[str] = ()) -> T:
    """Read a TOML file of settings.

    Parameters
    ----------
    kind : type
        A dataclass of dataclasses, one a section; keys that are missing take its defaults.
    path : Path
    overrides : iterable of str
        ``section.key=value``, stronger than the file. The value is TOML, or else text as it is.

    Raises
    ------
    TicktoneError
        If the file cannot be read, or has an unknown key or a value that does not fit.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise TicktoneError(f"cannot be read: {reason}", path) from None
    except tomllib.TOMLDecodeError as error:
        raise TicktoneError(f"is not TOML: {error}", path) from None
    for text in overrides:
        _override(kind, table, text)
    try:
        return settings_from(kind, table)
    except TicktoneError as error:
        raise TicktoneError(error.cause, path) from None


def settings_from(kind: type[T], table: Mapping[str, Any], place: str = "") -> T:
    """Make a dataclass of a table; `place` is the section's name, for messages.

    Raises
    ------
    TicktoneError
    """
    known = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]
    hints = get_type_hints(kind)
    for key in table:
        if key not in known:
            raise TicktoneError(_unknown(place, key, list(known)))
    values = {
        key: _value(known[key], hints[key], value, f"{place}.{key}" if place else key)
        for key, value in table.items()
    }
    return kind(**values)


def _unknown(place: str, key: str, known: list[str]) -> str:
    return unknown(f"key in [{place}]" if place else "section", key, known)


def _value(entry: Field[Any], hint: Any, value: Any, name: str) -> Any:
    if is_dataclass(hint):
        if not isinstance(value, dict):
            raise TicktoneError(f"{name} must be a table, written [{name}], not {value!r}")
        return settings_from(hint, value, name)  # type: ignore[arg-type]
    typed = _typed(hint, value)
    if typed is _WRONG:
        raise TicktoneError(f"{name} must be {_in_words(hint)}, not {value!r}")
    _check_limits(entry.metadata, typed, name)
    return typed


_WRONG = object()


def _typed(hint: Any, value: Any) -> Any:
    """Give the value as the type asks for it, or `_WRONG`."""
    if get_origin(hint) is tuple:
        kind, end = get_args(hint)[0], get_args(hint)[-1]
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            return _WRONG
        typed = tuple(_typed(kind, item) for item in items)
        wrong = _WRONG in typed or (end is not Ellipsis and len(typed) != len(get_args(hint)))
        return _WRONG if wrong else typed
    if hint == str | None:
        return (value or None) if isinstance(value, str) else _WRONG
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if hint is float and isinstance(value, float) and not math.isfinite(value):
        return _WRONG
    kind = dict if get_origin(hint) is dict else hint
    wrong = not isinstance(value, kind) or (isinstance(value, bool) and hint is not bool)
    return _WRONG if wrong else value


def _in_words(hint: Any) -> str:
    if get_origin(hint) is tuple:
        if get_args(hint)[-1] is Ellipsis:
            return "text, or a list of texts"
        return f"a list of {len(get_args(hint))} numbers"
    if get_origin(hint) is dict:
        return "a table"
    names = {int: "a whole number", float: "a number", bool: "true or false"}
    return names.get(hint, "text")


_LIMITS = (
    ("least", "at least", operator.ge),
    ("above", "greater than", operator.gt),
    ("most", "at most", operator.le),
)


def _check_limits(limits: Mapping[str, Any], value: Any, name: str) -> None:
    if not limits:
        return
    if limits["choices"] and value not in limits["choices"]:
        raise TicktoneError(f"{name} must be one of {', '.join(limits['choices'])}, not {value!r}")
    for number in value if isinstance(value, tuple) else (value,):
        for limit, words, fits in _LIMITS:
            if limits[limit] is not None and not fits(number, limits[limit]):
                raise TicktoneError(f"{name} must be {words} {limits[limit]:g}, not {number!r}")


def _override(kind: type, table: Table, text: str) -> None:
    """Put one ``section.key=value`` into the table."""
    dotted, equals, value = text.partition("=")
    *sections, key = dotted.strip().split(".")
    if not equals or not sections or not all((*sections, key)):
        raise TicktoneError(f"--set {text!r} is not of the form section.key=value")
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise TicktoneError(f"--set {text!r}: {section} is not a section")
    table[key] = value.strip() if _is_text(kind, sections, key, value) else _toml(value)


def _is_text(kind: type, sections: list[str], key: str, value: str) -> bool:
    """Whether a value is to be taken as it stands: a folder may well be called 2019."""
    hint: Any = kind
    for name in (*sections, key):
        hint = get_type_hints(hint).get(name) if is_dataclass(hint) else None
    holds_text = hint in (str, str | None, tuple[str, ...])
    return holds_text and not isinstance(_toml(value), str | list)


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()
