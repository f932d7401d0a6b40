"""What a request asks for in the query of its address."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from ticktone.archive.target import Target
from ticktone.archive.time_range import WHOLE, TimeRange
from ticktone.errors import TicktoneError, unknown
from ticktone.methods import resolve
from ticktone.page.recall import Wanted
from ticktone.stretch.stretcher import check_speed

_MAX_SECONDS = 1e6  # of an excerpt's end; more than any song
_NUMBERS = {
    "start": "start is a number of seconds",
    "end": "end is a number of seconds",
    "bitrate": "a bitrate is a number of kbit/s",
    "speed": "a speed is a number; 2 is twice as fast",
}


def method(request: Request) -> str:
    """Return the method that is asked for."""
    name: str = resolve(request.query_params.get("method", request.app.state.default))
    known = [choice.name for choice in request.app.state.methods]
    if name not in known:
        raise HTTPException(400, unknown("method", name, known))
    return name


def number(request: Request, name: str, default: float) -> float:
    """Return a number."""
    try:
        return float(request.query_params.get(name, default))
    except ValueError:
        what = _NUMBERS.get(name, "a gain is a number of dB, or -inf to leave the part out")
        raise HTTPException(400, what) from None


def target(request: Request, stem_mp4: bool = False) -> Target:
    """Return in what format a file is asked for."""
    bitrate = number(request, "bitrate", 0.0) if "bitrate" in request.query_params else None
    try:
        form = request.query_params.get("format", "same")
        return Target(format=form, bitrate=bitrate, stem_mp4=stem_mp4)
    except TicktoneError as error:
        raise HTTPException(400, error.cause) from None


def wanted(request: Request) -> Wanted:
    """Return how much of a song is asked for, and how fast."""
    return Wanted(excerpt(request), speed(request))


def speed(request: Request) -> float:
    """Return a speed."""
    value = number(request, "speed", 1.0)
    try:
        check_speed(value)
    except TicktoneError as error:
        raise HTTPException(400, error.cause) from None
    return value


def excerpt(request: Request) -> TimeRange:
    """Return the excerpt that is asked for."""
    if not {"start", "end"} & set(request.query_params):
        return WHOLE
    start, end = number(request, "start", 0.0), number(request, "end", _MAX_SECONDS)
    if not 0 <= start < end <= _MAX_SECONDS:
        raise HTTPException(400, "an excerpt starts at 0 or later, and ends after it has started")
    return TimeRange(start, end if "end" in request.query_params else None)


def offset(request: Request) -> int:
    """Return how many bytes of an answer's beginning are there already."""
    text = request.query_params.get("offset", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise HTTPException(400, "an offset is a number of bytes")
    return int(text)
