"""Connections that ask for nothing: closed after a while, or for one that needs the room."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_HEADER_PATIENCE = 10.0  # seconds for a request's header to be complete


class Connection(H11Protocol):
    """A connection that cannot hold a place without a request.

    It is closed where a request's header is not complete after some seconds, however slowly its
    bytes keep coming. Where there are as many connections as the server takes, a new one closes
    that which has been without a request for longest; only requests at work turn others away.

    Parameters
    ----------
    *arguments, **options
        Of uvicorn's protocol.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self._idle_since = self.loop.time()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._expect_header()
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Receive data."""
        if self.is_idle and self._deadline is None:  # the next request of a connection kept alive
            self._expect_header()
        super().data_received(data)
        if not self.is_idle:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Note since when nothing is asked for."""
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def _expect_header(self) -> None:
        self._deadline = self.loop.call_later(_HEADER_PATIENCE, self._close_if_idle)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close_if_idle(self) -> None:
        if self.is_idle:
            self.transport.close()

    def _make_room(self) -> None:
        most = self.limit_concurrency
        others = [other for other in self.connections if isinstance(other, Connection)]
        if most is None or len(others) < most:
            return
        idle = [other for other in others if other.is_idle and other is not self]
        if idle:
            oldest = min(idle, key=lambda other: other._idle_since)
            oldest.transport.close()
            self.connections.discard(oldest)  # at once, for uvicorn counts them
