"""Who may ask: pages that this server itself has sent, and programs on this computer."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ticktone.page.answers import Refusal

_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Guard:
    """Refuse what other sites' pages ask for, and send the headers that keep this page safe.

    A site whose name is made to point to this computer (DNS rebinding) is known by the Host header;
    a page of another origin by Origin or Sec-Fetch-Site, which every current browser sends.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def send_safely(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        app = refusal(scope) or self._app
        try:
            await app(scope, receive, send_safely)
        except Exception:
            if not begun:
                failure = Refusal(500, "internal error; see the terminal")
                await failure(scope, receive, send_safely)
            raise  # so that the terminal does


def refusal(scope: Scope) -> Refusal | None:
    """Return why a request is refused, if it is."""
    headers = Headers(scope=scope)
    hosts, origin = headers.getlist("host"), headers.get("origin")
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        return Refusal(421, "this server answers to localhost and 127.0.0.1 only")
    if origin is not None and origin.lower() != f"http://{hosts[0].lower()}":
        return Refusal(403, "pages of other sites may not use this server")
    follows_link = scope["path"] == "/" and headers.get("sec-fetch-mode") == "navigate"
    if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not follows_link:
        return Refusal(403, "pages of other sites may not use this server")
    return None
