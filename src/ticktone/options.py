"""Options, declared once as dataclass fields: methods', recipes', cards', the command line's.

One validator (`from_table`, `check_options`, `construct`, `check_value`) and one syntax
(`read_pairs`: NAME=VALUE, or SECTION.NAME=VALUE, the value as TOML writes it) serve all of them.
"""

import math
import operator
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, fields, is_dataclass
from inspect import Parameter, signature
from numbers import Integral, Real
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ticktone.errors import OptionError, TicktoneError, unknown

T = TypeVar("T")
Table = dict[str, Any]

LONGEST = 2**20  # of any kernel or window, in samples, frames or bins


def limits(
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
    choices: tuple[str, ...] = (),
) -> Mapping[str, Any]:
    """Return the metadata of a dataclass field that takes certain values only.

    Parameters
    ----------
    least, above, most, below : float, optional
        Bounds of a number, or of every number in a tuple; `above` and `below` exclude their own
        value. Infinity is refused unless `most` is infinity.
    choices : tuple of str, optional
    """
    return {"least": least, "above": above, "most": most, "below": below, "choices": choices}


def setting(default: T, **bounds: Any) -> T:
    """Return a dataclass field of this default that takes the values within `limits(**bounds)`."""
    declared: T = field(default=default, metadata=limits(**bounds))
    return declared


def from_table(kind: type[T], table: Mapping[str, Any], section: str = "") -> T:
    """Make a dataclass, and the dataclasses within it, from a table such as TOML has.

    Parameters
    ----------
    kind : type
        A dataclass; keys that are missing take its defaults.
    table : mapping
    section : str
        The table's name, for messages.

    Raises
    ------
    OptionError
        If a key is unknown (near matches are named) or missing, or a value does not fit.
    """
    hints = _hints(kind)
    what = f"key in [{section}]" if section else "section" if _is_sections(kind) else "key"
    for key in table:
        if key not in hints:
            raise OptionError(unknown(what, key, hints))
    prefix = f"{section}." if section else ""
    values: dict[str, Any] = {}
    for key, value in table.items():
        hint, bounds = hints[key]
        if is_dataclass(hint):
            if not isinstance(value, Mapping):
                raise OptionError(f"{key} must be a table, written [{key}], not {value!r}")
            values[key] = from_table(hint, value, prefix + key)  # type: ignore[arg-type]
        else:
            values[key] = check_value(prefix + key, value, hint, **bounds)
    required = (name for name, item in signature(kind).parameters.items() if _is_required(item))
    for name in required:
        if name not in values:
            raise OptionError(f"{prefix}{name} is missing")
    return kind(**values)


def check_options(instance: Any) -> None:
    """Check every field of a dataclass, as its `__post_init__` does.

    Raises
    ------
    OptionError
        If a value is of another type than its field or out of its limits.
    """
    for name, (hint, bounds) in _hints(type(instance)).items():
        check_value(name, getattr(instance, name), hint, **bounds)


def construct(make: Callable[..., T], options: Mapping[str, Any], kind: str, name: str) -> T:
    """Call a constructor whose parameters are annotated, with options that come from outside.

    Parameters
    ----------
    make : callable
    options : mapping
    kind, name : str
        What is made, for messages: "method", "median".

    Raises
    ------
    OptionError
        If an option is unknown (near matches are named), of another type or out of its range.
    """
    known = signature(make, eval_str=True).parameters
    for option in options:
        if option not in known:
            raise OptionError(unknown(f"option of {name}", option, known))
    try:
        typed = {
            option: check_value(option, value, known[option].annotation, most=math.inf)
            for option, value in options.items()
        }
        return make(**typed)
    except ValueError as error:
        if isinstance(error, TicktoneError) and error.path:  # it is about a file
            raise
        raise OptionError(f"{kind} {name}: {error}") from None


def refuse_taken(options: Mapping[str, Any], name: str, *taken: str) -> None:
    """Refuse options of a method that are said elsewhere than among its options.

    Parameters
    ----------
    options : mapping
    name : str
        The method's.
    *taken : str

    Raises
    ------
    OptionError
    """
    for option in taken:
        if option in options:
            raise OptionError(f"{option} is no option of {name}; it is given apart from them")


def check_value(name: str, value: Any, hint: Any, **bounds: Any) -> Any:
    """Return a value as its type asks for it: a NumPy number or a list as Python's own.

    Parameters
    ----------
    name : str
        For messages.
    value : object
    hint : type
        A number, text, bool, a tuple or a dict of them, or one of these or None.
    **bounds
        See `limits`.

    Raises
    ------
    OptionError

    Examples
    --------
    >>> import numpy as np
    >>> check_value("power", np.int64(2), float, least=0)
    2.0
    """
    typed = _typed(hint, value)
    if typed is _WRONG:
        raise OptionError(f"{name} must be {_in_words(hint)}, not {value!r}")
    choices = bounds.get("choices")
    if choices and typed not in choices:
        raise OptionError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    for number in typed if isinstance(typed, tuple) else (typed,):
        if isinstance(number, int | float) and not isinstance(number, bool):
            _check_number(name, number, bounds)
    return typed


def check_number(name: str, value: Any) -> None:
    """Refuse what is no number; NaN is one.

    Raises
    ------
    OptionError
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise OptionError(f"{name} must be a number, not {value!r}")


def check_truths(instance: Any, *names: str) -> None:
    """Refuse a field of a dataclass that should be true or false and is neither.

    Raises
    ------
    OptionError
    """
    for name in names:
        check_value(name.rstrip("_"), getattr(instance, name), bool)


def read_pairs(
    texts: Iterable[str] | None, kind: type | None = None, table: Mapping[str, Any] | None = None
) -> Table:
    """Read options from texts NAME=VALUE, or SECTION.NAME=VALUE.

    Parameters
    ----------
    texts : iterable of str, optional
        A value is as in TOML, or else text as it is; numbers and booleans may also be as in Python.
    kind : type, optional
        The dataclass they are for. What is text in it is taken as it stands: a folder may well be
        called 2019. If it consists of sections, so must every name.
    table : mapping, optional
        Options that are there already, and are weaker.

    Raises
    ------
    OptionError
        If a text is not of that form.

    Examples
    --------
    >>> read_pairs(["power=1", "margin=2.5", "residual=false", "a.b-c=[1, 2]"])
    {'power': 1, 'margin': 2.5, 'residual': False, 'a': {'b_c': [1, 2]}}
    """
    found = _copy(table or {})
    form = "SECTION.KEY=VALUE" if kind is not None and _is_sections(kind) else "NAME=VALUE"
    for text in texts or ():
        dotted, equals, value = text.partition("=")
        *sections, key = names = dotted.strip().replace("-", "_").split(".")
        if not equals or not all(names) or ("." in form and not sections):
            raise OptionError(f"{text!r} is not of the form {form}")
        target = found
        for section in sections:
            target = target.setdefault(section, {})
            if not isinstance(target, dict):
                raise OptionError(f"{text!r}: {section} is not a section")
        target[key] = value.strip() if _is_text(kind, names, value) else _value(value.strip())
    return found


_WRONG = object()
_PLAIN: dict[Any, tuple[Any, str]] = {
    int: (Integral, "a whole number"),
    float: (Real, "a number"),
    bool: (bool, "true or false"),
    str: (str, "text"),
}


def _hints(kind: Any) -> dict[str, tuple[Any, Mapping[str, Any]]]:
    """Return the type and the limits of every field of a dataclass."""
    hints = get_type_hints(kind)
    return {entry.name: (hints[entry.name], entry.metadata) for entry in fields(kind)}


def _is_sections(kind: type) -> bool:
    return all(is_dataclass(hint) for hint, _ in _hints(kind).values())


def _is_required(parameter: Parameter) -> bool:
    return parameter.default is Parameter.empty


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """Return the types of a union, None apart; the type alone if it is none."""
    if get_origin(hint) in (Union, UnionType):
        return tuple(kind for kind in get_args(hint) if kind is not type(None))
    return (hint,)


def _typed(hint: Any, value: Any) -> Any:
    """Return the value as the type asks for it, or `_WRONG`."""
    kinds = _alternatives(hint)
    if kinds != (hint,):
        if value is None or (value == "" and str in kinds):
            return None
        found = (_typed(kind, value) for kind in kinds)
        return next((typed for typed in found if typed is not _WRONG), _WRONG)
    if get_origin(hint) is tuple:
        return _tuple(get_args(hint), value)
    if get_origin(hint) is Sequence:
        return _tuple((*get_args(hint), Ellipsis), value)
    if hint is Any:
        return value
    if get_origin(hint) is dict:
        return dict(value) if isinstance(value, Mapping) else _WRONG
    if hint not in _PLAIN:
        return value if not isinstance(hint, type) or isinstance(value, hint) else _WRONG
    if not isinstance(value, _PLAIN[hint][0]) or (isinstance(value, bool) and hint is not bool):
        return _WRONG
    with suppress(OverflowError):  # of whole numbers beyond any float
        typed = hint(value)
        return _WRONG if hint is float and math.isnan(typed) else typed
    return _WRONG


def _tuple(kinds: tuple[Any, ...], value: Any) -> Any:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        return _WRONG
    typed = tuple(_typed(kinds[0], item) for item in items)
    wrong = _WRONG in typed or (kinds[-1] is not Ellipsis and len(typed) != len(kinds))
    return _WRONG if wrong else typed


def _in_words(hint: Any) -> str:
    (hint, *_) = _alternatives(hint)
    if get_origin(hint) in (tuple, Sequence):
        kinds = (*get_args(hint), Ellipsis)[:2] if get_origin(hint) is Sequence else get_args(hint)
        if kinds[-1] is Ellipsis:
            return "text, or a list of texts" if kinds[0] is str else "a list of numbers"
        return f"a list of {len(kinds)} numbers"
    if get_origin(hint) is dict:
        return "a table"
    return _PLAIN[hint][1] if hint in _PLAIN else getattr(hint, "__name__", str(hint))


_COMPARISONS = (
    ("least", "at least", operator.ge),
    ("above", "greater than", operator.gt),
    ("most", "at most", operator.le),
    ("below", "less than", operator.lt),
)


def _check_number(name: str, number: float, bounds: Mapping[str, Any]) -> None:
    for bound, words, fits in _COMPARISONS:
        limit = bounds.get(bound)
        if limit is not None and not fits(number, limit):
            raise OptionError(f"{name} must be {words} {_plain(limit)}, not {number!r}")
    if math.isinf(number) and bounds.get("most") != math.inf:
        raise OptionError(f"{name} must be a number, not {number!r}")


def _plain(limit: float) -> str:
    return str(limit) if isinstance(limit, int) else f"{limit:g}"


def _is_text(kind: Any, names: list[str], value: str) -> bool:
    """Whether a value is to be taken as it stands."""
    hint = kind
    for name in names:
        hint = _hints(hint).get(name, (None,))[0] if is_dataclass(hint) else None
    holds_text = hint in (str, str | None, tuple[str, ...])
    return holds_text and not isinstance(_value(value), str | list)


def _value(text: str) -> Any:
    with suppress(tomllib.TOMLDecodeError):
        return tomllib.loads(f"value = {text}")["value"]
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for number in (int, float):
        with suppress(ValueError):
            return number(text)
    return text


def _copy(table: Mapping[str, Any]) -> Table:
    """Copy a table, and the tables within it."""
    return {
        key: _copy(value) if isinstance(value, Mapping) else value for key, value in table.items()
    }
