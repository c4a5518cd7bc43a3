"""RTSP requests and responses as text, and who may make them."""

import asyncio
import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass

from scripts.rtsp.feed import Feed

REALM = "camera"

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    501: "Not Implemented",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower case."""

    method: str
    url: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        """The path of its URL, without slashes at its ends and without a track."""
        match = re.fullmatch(r"rtsps?://[^/]*/(.*?)(?:/trackID=\d+)?/?", self.url)
        return "" if match is None else match[1]


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request, None where the client has gone.

    What the client reports of its reception lies between the requests and is skipped.
    """
    try:
        first = await reader.readexactly(1)
        while first == b"$":
            _, high, low = await reader.readexactly(3)
            await reader.readexactly(high << 8 | low)
            first = await reader.readexactly(1)
        head = first + await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").strip().split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        await reader.readexactly(int(headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError):
        return None
    method, url, *_ = [*lines[0].split(" "), "", ""]
    return Request(method, url, headers)


def response(
    request: Request, status: int, headers: dict[str, str] | None = None, body: str = ""
) -> bytes:
    """Return the answer to ``request``."""
    lines = [f"RTSP/1.0 {status} {_REASONS[status]}", f"CSeq: {request.headers.get('cseq', '0')}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return "\r\n".join([*lines, "", body]).encode()


class Doorman:
    """Asks one connection for the credentials of a feed (RFC 2617)."""

    def __init__(self) -> None:
        self._nonce = secrets.token_hex(16)

    def challenge(self, feed: Feed) -> dict[str, str]:
        """Return the header that a refused client is answered with."""
        if feed.scheme == "basic":
            return {"WWW-Authenticate": f'Basic realm="{REALM}"'}
        return {"WWW-Authenticate": f'Digest realm="{REALM}", nonce="{self._nonce}"'}

    def admits(self, request: Request, feed: Feed) -> bool:
        """Return whether the request proves that its sender knows the feed's credentials."""
        if feed.username is None:
            return True
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != feed.scheme:
            return False
        if feed.scheme == "basic":
            return _decode_basic(rest) == f"{feed.username}:{feed.password or ''}"
        given = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        secret = _md5(f"{feed.username}:{REALM}:{feed.password or ''}")
        call = _md5(f"{request.method}:{given.get('uri', '')}")
        return (
            given.get("username") == feed.username
            and given.get("nonce") == self._nonce
            and given.get("response") == _md5(f"{secret}:{self._nonce}:{call}")
        )


def _decode_basic(value: str) -> str | None:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
