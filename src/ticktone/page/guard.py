"""Who may ask: who knows the token, from pages that this server itself has sent or a program."""

import re
import secrets
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
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
    token : str, optional
        What every request must know, for other accounts of this computer reach the server too:
        in a cookie, as `Authorization: Bearer TOKEN` or as `?token=TOKEN`. Opening `/?token=TOKEN`
        sets the cookie. Without a token all are answered.
    """

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
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

        app = refusal(scope) or self._admission(scope) or self._app
        try:
            await app(scope, receive, send_safely)
        except Exception:
            if not begun:
                failure = Refusal(500, "internal error; see the terminal")
                await failure(scope, receive, send_safely)
            raise  # so that the terminal does

    def _admission(self, scope: Scope) -> ASGIApp | None:
        """Return what answers instead of the app: a refusal, or the cookie for a token."""
        if self._token is None:
            return None
        headers = Headers(scope=scope)
        # Cookies are shared by all ports of a host, so that each server needs a name of its own.
        cookie = f"ticktone-{(scope.get('server') or ('', 0))[1]}"
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if asked and self._is_token(asked):
            if scope["path"] != "/":
                return None
            answer = RedirectResponse("/", 303)  # so that the address shown holds no token
            answer.set_cookie(cookie, self._token, httponly=True, samesite="strict")
            return answer
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(bearer.strip()):
            return None
        if self._is_token(cookie_parser(headers.get("cookie", "")).get(cookie, "")):
            return None
        return Refusal(403, "a token is needed; open the address that `ticktone serve` has printed")

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), (self._token or "").encode())


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
