"""The HTTP interface; `openapi.json` describes it."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ticktone import __version__
from ticktone.archive.target import Target
from ticktone.errors import TicktoneError, unknown
from ticktone.methods import PURPOSES, resolve
from ticktone.page import answers, recall
from ticktone.page.bundle import send_zip
from ticktone.page.guard import Guard
from ticktone.page.queued_song import QueuedSong
from ticktone.page.song_queue import FullError, SongQueue
from ticktone.page.upload import StalledError, TooLargeError, take_in, upload_path
from ticktone.page.work import Done, exact_path, spectrogram_path

_MAX_SECONDS = 1e6  # of an excerpt's end; more than any song
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class MethodChoice:
    """A method that can be chosen: its name, its paper, its parts."""

    name: str
    paper: str
    parts: tuple[str, ...]


def make_app(
    songs: SongQueue, methods: Sequence[MethodChoice], default: str, token: str | None = None
) -> Starlette:
    """Make the application.

    Parameters
    ----------
    songs : SongQueue
    methods : sequence of MethodChoice
    default : str
        The name of the one to use where none is chosen.
    token : str, optional
        What requests must know; see `Guard`.

    Returns
    -------
    Starlette
    """

    @asynccontextmanager
    async def while_running(_: Starlette) -> AsyncIterator[None]:
        forgetting = asyncio.create_task(songs.forget_old_ones())
        try:
            yield
        finally:
            forgetting.cancel()
            songs.close()

    app = Starlette(
        routes=[*_page(), *_interface()],
        middleware=[Middleware(Guard, token=token)],
        exception_handlers={HTTPException: _refuse},
        lifespan=while_running,
    )
    app.state.songs, app.state.methods, app.state.default = songs, methods, default
    app.state.remixing = asyncio.Semaphore(songs.limits.jobs)
    return app


def _page() -> list[Route]:
    """Serve the files of the page, all known beforehand, from memory."""
    routes = []
    for file in files("ticktone.page").joinpath("static").iterdir():
        content, kind = file.read_bytes(), _KINDS[Path(file.name).suffix]
        path = "/" if file.name == "index.html" else f"/{file.name}"
        routes.append(Route(path, _Constant(content, kind)))
    description = json.loads(files("ticktone.page").joinpath("openapi.json").read_bytes())
    description["info"]["version"] = __version__
    content = json.dumps(description, indent=2).encode()
    return [*routes, Route("/openapi.json", _Constant(content, "application/json"))]


class _Constant:
    """An endpoint that always answers the same."""

    def __init__(self, content: bytes, kind: str) -> None:
        self._content, self._kind = content, kind

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await Response(self._content, media_type=self._kind)(scope, receive, send)


def _interface() -> list[Route]:
    song = "/api/songs/{id}"
    return [
        Route("/api", _server),
        Route("/api/songs", _list),
        Route("/api/songs", _upload, methods=["POST"]),
        Route("/api/zip", _zip),
        Route(song, _status),
        Route(song, _delete, methods=["DELETE"]),
        Route(f"{song}/events", _events),
        Route(f"{song}/again", _again, methods=["POST"]),
        Route(f"{song}/parts/{{part}}", _part),
        Route(f"{song}/parts/{{part}}/samples", _samples),
        Route(f"{song}/spectrograms/{{name}}", _spectrogram),
        Route(f"{song}/remix", _remix),
    ]


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answers.Refusal(error.status_code, error.detail, dict(error.headers or {}))


async def _server(request: Request) -> Response:
    state = request.app.state
    return JSONResponse(
        {
            "version": __version__,
            "methods": [
                {**asdict(method), "speed": state.songs.speeds.get(method.name)}
                for method in state.methods
            ],
            "default": state.default,
            "purposes": [asdict(purpose) for purpose in PURPOSES],
            "limits": asdict(state.songs.limits),
            "load": state.songs.load,
        }
    )


async def _upload(request: Request) -> Response:
    songs: SongQueue = request.app.state.songs
    name = request.query_params.get("name", "song")
    method = _method(request)
    try:
        with songs.reserve() as folder:
            path = upload_path(folder, name)
            await take_in(request, path, songs.limits.upload)
            song = songs.admit(path, name, method)
    except FullError:
        raise _busy(songs) from None
    except TooLargeError:
        most = f"{songs.limits.upload / 1e6:,.0f} MB"
        raise HTTPException(
            413,
            f"larger than the {most} that this page takes; use `ticktone separate`, which has no "
            "limit, or raise --max-upload",
        ) from None
    except StalledError:
        raise HTTPException(408, "the upload came to a halt; try again") from None
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    except OSError as error:
        raise HTTPException(507, f"the song cannot be stored: {error.strerror}") from None
    return _taken_in(song)


async def _again(request: Request) -> Response:
    """Queue the recording of a song once more, by another method."""
    songs: SongQueue = request.app.state.songs
    song, method = _song(request), _method(request)
    try:
        return _taken_in(songs.copy(song, method))
    except FullError:
        raise _busy(songs) from None
    except OSError as error:
        raise HTTPException(507, f"the song cannot be stored: {error.strerror}") from None


def _taken_in(song: QueuedSong) -> Response:
    return JSONResponse(song.as_json(), 202, {"location": f"/api/songs/{song.id}"})


def _method(request: Request) -> str:
    method: str = resolve(request.query_params.get("method", request.app.state.default))
    known = [choice.name for choice in request.app.state.methods]
    if method not in known:
        raise HTTPException(400, unknown("method", method, known))
    return method


def _busy(songs: SongQueue) -> HTTPException:
    load = songs.load
    return HTTPException(
        503,
        f"busy: {load['working']} at work and {load['waiting']} waiting are as many songs as "
        "there is room for; try again in a while",
        {"retry-after": "10"},
    )


def _song(request: Request) -> QueuedSong:
    song = request.app.state.songs.get(request.path_params["id"])
    if not isinstance(song, QueuedSong):
        raise HTTPException(404, "there is no such song (any more); drop it again")
    song.touch()
    return song


def _finished(request: Request) -> tuple[QueuedSong, Done]:
    song = _song(request)
    if song.done is None:
        raise HTTPException(409, f"the song is {song.state}, not done")
    return song, song.done


def _chosen(request: Request, parameter: str, names: Sequence[str]) -> str:
    name: str = request.path_params[parameter]
    if name not in names:
        raise HTTPException(404, unknown("part", name, names))
    return name


def _named(request: Request) -> list[QueuedSong]:
    """Return those of the songs asked for that are there, without keeping them any longer."""
    found = map(request.app.state.songs.get, request.query_params.get("ids", "").split(","))
    return [song for song in found if isinstance(song, QueuedSong)]


async def _list(request: Request) -> Response:
    return JSONResponse({"songs": [song.as_json() for song in _named(request)]})


async def _zip(request: Request) -> Response:
    entries = [
        (song.download_name(part, output), Path(output))
        for song in _named(request)
        if song.done is not None
        for part, output in song.done.result.outputs.items()
    ]
    if not entries:
        raise HTTPException(404, "none of these songs is done, or there (any more)")
    return send_zip(entries, "ticktone.zip")


async def _status(request: Request) -> Response:
    return JSONResponse(_song(request).as_json())


async def _delete(request: Request) -> Response:
    request.app.state.songs.delete(_song(request))
    return Response(status_code=204)


async def _events(request: Request) -> Response:
    return answers.send_events(_song(request))


async def _part(request: Request) -> Response:
    song, done = _finished(request)
    part = _chosen(request, "part", list(done.result.outputs))
    path = Path(done.result.outputs[part])
    return answers.send_file(path.open("rb"), song.download_name(part, path))


async def _samples(request: Request) -> Response:
    song, done = _finished(request)
    part = _chosen(request, "part", list(done.result.outputs))
    path = exact_path(song.order.source, part)
    return answers.send_samples(path, done.samples, done.result.channels)


async def _spectrogram(request: Request) -> Response:
    song, done = _finished(request)
    name = _chosen(request, "name", ["mixture", *done.result.outputs])
    path = spectrogram_path(song.order.source, name)
    return Response(path.read_bytes(), media_type="application/octet-stream")


async def _remix(request: Request) -> Response:
    song, done = _finished(request)
    gains = {part: _number(request, part, 0.0) for part in done.result.outputs}
    folder = Path(mkdtemp(dir=request.app.state.songs.folder))  # not the song's, which may go
    try:
        target, excerpt = _target(request, folder), _excerpt(request)
        async with request.app.state.remixing:
            source, method = song.order.source, song.order.method
            result = await asyncio.to_thread(recall.remix, source, method, gains, target, excerpt)
        path = Path(result.outputs["remix"])
        headers = {
            "ticktone-limited": str(result.overs.get("remix", 0)),
            "ticktone-peak": f"{result.peaks['remix']:.6g}",
        }
        return answers.send_file(path.open("rb"), song.download_name("remix", path), headers)
    except TicktoneError as error:
        raise HTTPException(400, error.cause) from None
    finally:
        with suppress(OSError):  # what is open can be read to its end nevertheless
            shutil.rmtree(folder)


def _number(request: Request, name: str, default: float) -> float:
    try:
        return float(request.query_params.get(name, default))
    except ValueError:
        what = "a gain is a number of dB, or -inf to leave the part out"
        if name in ("start", "end"):
            what = f"{name} is a number of seconds"
        elif name == "bitrate":
            what = "a bitrate is a number of kbit/s"
        raise HTTPException(400, what) from None


def _target(request: Request, folder: Path) -> Target:
    bitrate = _number(request, "bitrate", 0.0) if "bitrate" in request.query_params else None
    return Target(folder, request.query_params.get("format", "same"), bitrate=bitrate)


def _excerpt(request: Request) -> recall.FadedRange | None:
    if not {"start", "end"} & set(request.query_params):
        return None
    start, end = _number(request, "start", 0.0), _number(request, "end", _MAX_SECONDS)
    if not 0 <= start < end <= _MAX_SECONDS:
        raise HTTPException(400, "an excerpt starts at 0 or later, and ends after it has started")
    return recall.FadedRange(start, end)
