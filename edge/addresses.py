"""Camera addresses, and how to keep their credentials out of everything that people read."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote

MASK = "***"
MAX_PORT = 65_535

# The sub-delims of RFC 3986, which user info may hold as they are.
_UNRESERVED = "!$&'()*+,;="
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)
_HOST = r"(?:\[[0-9A-Fa-f:.]+(?:%25[\w.-]+)?\]|[^\s/?#@:\[\]]+)"
_AUTHORITY = re.compile(rf"(?P<host>{_HOST})(?::(?P<port>\d{{0,5}}))?")
_DOTTED_OR_LOCAL = re.compile(r"\[.*\]|.*\..*|localhost")

# Cameras spell these names in many ways and part them by & ; or _, which a password may hold too:
# an underscore ends it only before the next name.
_SECRET_PARAMETER = re.compile(
    r"(?P<name>(?<![A-Za-z0-9])[\w.-]*(?:pas|pwd|psw|token|secret|auth|key)[\w.-]*(?:=|%3D))"
    r"(?:(?!_[A-Za-z0-9]+=)[^&;\s])+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """Where a camera is and how to sign in; no way of printing it shows the credentials.

    Attributes
    ----------
    url
        Without user name and password.
    username, password
        As the camera knows them, in plain characters; None where it wants none.
    """

    url: str
    username: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, url: str, *, username: str | None = None, password: str | None = None) -> Self:
        """Return the address that ``url`` names.

        Parameters
        ----------
        url
            ``scheme://[user[:password]@]host[:port][/path][?query]``. What it holds of credentials
            is percent-decoded; characters that a URL reserves are also taken as they are, where
            that leaves one reading only.
        username, password
            Taken as they are; the better place for both, as nothing has to be escaped.

        Raises
        ------
        ValueError
            Where there is no scheme or host, the port is no number, credentials are given twice,
            or the user name and password in ``url`` can be read in two ways. The text holds
            nothing of ``url``.
        """
        match = _SCHEME.fullmatch(url.strip())
        if match is None:
            msg = "the address has no scheme, expected one like rtsp://192.0.2.7:554/stream1"
            raise ValueError(msg)
        userinfo, location = _split_userinfo(match["rest"])
        if userinfo is not None:
            if username is not None or password is not None:
                msg = "credentials are given in the address and beside it, expected one of them"
                raise ValueError(msg)
            user, colon, secret = userinfo.partition(":")
            username, password = unquote(user), unquote(secret) if colon else None
        address = cls(f"{match['scheme'].lower()}://{location}", username, password)
        if (address.port or 0) > MAX_PORT:
            msg = f"the port in the address is too large, expected at most {MAX_PORT}"
            raise ValueError(msg)
        return address

    @property
    def scheme(self) -> str:
        """Lower case, ``rtsp`` for example."""
        return self.url.partition("://")[0]

    @property
    def host(self) -> str:
        """Name or IP address, an IPv6 address without its brackets."""
        return self._authority()["host"].strip("[]")

    @property
    def port(self) -> int | None:
        """The port, None where the address leaves it to the scheme."""
        port = self._authority()["port"]
        return int(port) if port else None

    @property
    def redacted(self) -> str:
        """The address as people may see it.

        Some cameras carry a password in the path or the query; the value of each name that sounds
        like one is masked, rather too much of it than too little.
        """
        scheme, _, location = self.url.partition("://")
        credentials = "" if self.username is None and self.password is None else f"{MASK}@"
        return f"{scheme}://{credentials}" + _SECRET_PARAMETER.sub(rf"\g<name>{MASK}", location)

    def userinfo(self) -> str:
        """Return the credentials as a URL holds them, percent-encoded; never log them."""
        secret = "" if self.password is None else f":{quote(self.password, safe=_UNRESERVED)}"
        return quote(self.username or "", safe=_UNRESERVED) + secret

    def for_ffmpeg(self) -> str:
        """Return the whole address, credentials percent-encoded; never log it."""
        if self.username is None and self.password is None:
            return self.url
        scheme, _, location = self.url.partition("://")
        return f"{scheme}://{self.userinfo()}@{location}"

    def __repr__(self) -> str:
        return f"Address({self.redacted!r})"

    def __str__(self) -> str:
        return self.redacted

    def _authority(self) -> re.Match[str]:
        match = _AUTHORITY.match(self.url.partition("://")[2])
        assert match is not None, "an address always has a host"
        return match


def _split_userinfo(rest: str) -> tuple[str | None, str]:
    """Return the user info, None where there is none, and the location, of a URL after ``://``.

    A password may hold any character, so ``user:a/b@host/live`` has to be understood although RFC
    3986 forbids it. By the RFC the location begins behind the last ``@`` before the path; by the
    other reading behind the last ``@`` of all. Where both give a host, guessing could send a part
    of the password to a stranger as his host name; only a path that plainly holds an ``@`` of its
    own is then let through.
    """
    end = re.search(r"[/?#]", rest)
    authority = rest if end is None else rest[: end.start()]
    strict_userinfo, strict_at, strict_host = authority.rpartition("@")
    strict = _AUTHORITY.fullmatch(strict_host)
    loose_userinfo, loose_at, loose_location = rest.rpartition("@")
    loose = loose_at and re.match(rf"{_HOST}(?::\d{{0,5}})?(?=[/?#]|$)", loose_location)
    same = loose_userinfo == strict_userinfo
    if strict is not None and (same or not loose):
        return (strict_userinfo if strict_at else None), rest[len(strict_userinfo + strict_at) :]
    if strict is not None:
        at_in_path = not strict_at and (
            ":" not in loose_userinfo or _DOTTED_OR_LOCAL.fullmatch(strict["host"])
        )
        if at_in_path:
            return None, rest
        msg = (
            "the user name or password in the address can be read in two ways, "
            "expected them beside the address, or percent-encoded"
        )
        raise ValueError(msg)
    if loose:
        return loose_userinfo, loose_location
    msg = (
        "the address has no host or its port is no number, expected one like rtsp://192.0.2.7:554/"
    )
    raise ValueError(msg)
