"""The page's server from its start to its end."""

import secrets
import signal
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from ticktone.errors import TicktoneError
from ticktone.methods import methods, resolve
from ticktone.page.connections import Connection
from ticktone.page.routes import MethodChoice, make_app
from ticktone.page.server_limits import Limits
from ticktone.page.song_queue import SongQueue
from ticktone.separator import Separator
from ticktone.storage.leftovers import temporary_folder
from ticktone.system import SYSTEM

_CONNECTIONS = 100  # at a time; more close idle ones, or are turned away where none is
_GRACE = 2  # seconds for what is under way when the server ends


def serve(
    port: int,
    method: str,
    limits: Limits,
    when_ready: Callable[[str], object] = print,
    *,
    needs_token: bool = True,
) -> None:
    """Serve the page on this computer until the process is asked to end.

    Parameters
    ----------
    port : int
        0 takes any that is free.
    method : str
        The one that is chosen at first.
    limits : Limits
    when_ready : callable
        Told the page's address, with the token, once it is there.
    needs_token : bool
        Whether only who knows this address is answered; else every account of this computer is.

    Raises
    ------
    TicktoneError
        If there is no such method, or the port is taken.
    """
    method = resolve(method)
    choices = [_choice(name) for name in dict.fromkeys([*methods(), method])]
    with listen(port) as listening, temporary_folder() as folder:
        songs = SongQueue(folder, limits)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        token = secrets.token_urlsafe(24) if needs_token else None
        if token is not None:
            address += f"?token={token}"
        app = make_app(songs, choices, method, token)
        server = Server(app, songs, lambda: when_ready(address))
        for number in SYSTEM.window_closed:  # of the terminal
            signal.signal(number, server.handle_exit)
        server.run(sockets=[listening])


def _choice(name: str) -> MethodChoice:
    separator = Separator(name)
    return MethodChoice(name, separator.method.paper, separator.parts)


def listen(port: int) -> socket.socket:
    """Listen where only this computer reaches; 0 takes any free port.

    Raises
    ------
    TicktoneError
        If the port is taken.
    """
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise TicktoneError(
            f"port {port} cannot be used: {error.strerror}; choose another with --port"
        ) from None


class Server(uvicorn.Server):
    """A server that ends what it works on before it waits for its connections to end.

    Parameters
    ----------
    app : Starlette
    songs : SongQueue
        Of the app.
    when_ready : callable
        Called once it answers.
    """

    def __init__(
        self, app: Starlette, songs: SongQueue, when_ready: Callable[[], object] = lambda: None
    ) -> None:
        config = uvicorn.Config(
            app,
            http=Connection,
            log_level="error",
            server_header=False,
            ws="none",
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_GRACE,
        )
        super().__init__(config)
        self._songs, self._when_ready = songs, when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin."""
        await super().startup(sockets)
        self._when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        self._songs.close()
        await super().shutdown(sockets)
