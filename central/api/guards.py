"""Turns away what a foreign web page could make an operator's browser send.

Until there is a sign-in, whoever reaches the loopback address may do everything. A page on the
internet can make a browser reach it: by a name of its own that resolves to 127.0.0.1 (hence the
check of ``Host``), or by a form (hence JSON only, and only from our own ``Origin``).
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from central.api.problems import problem
from central.config import is_loopback

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class LocalOnly:
    """Middleware that lets only this machine's own pages and programs through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem, or hand the request on."""
        if scope["type"] == "http":
            fault = _fault(scope["method"], Headers(scope=scope))
            if fault is not None:
                status, detail = fault
                await problem(status, detail)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _fault(method: str, headers: Headers) -> tuple[HTTPStatus, str] | None:
    host = headers.get("host", "")
    if not is_loopback(_hostname(f"//{host}")):
        return HTTPStatus.MISDIRECTED_REQUEST, "central is served to this machine only"
    if method in _READING:
        return None
    origin = headers.get("origin")
    if origin is not None and _netloc(origin) != host:
        return HTTPStatus.FORBIDDEN, "this may be sent by central's own pages only"
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected a body of type application/json"
    return None


def _netloc(url: str) -> str | None:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return None


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
