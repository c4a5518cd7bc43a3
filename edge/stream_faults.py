"""What FFmpeg's error numbers mean to somebody who has to mend a camera."""

import errno
import socket

from analytics.messages import StreamFaultType
from edge.addresses import Address
from edge.errors import StreamError


def _tag(text: bytes) -> int:
    """Return an error number that FFmpeg makes from four characters (libavutil/error.h)."""
    return int.from_bytes(text, "little")


INVALID_DATA = _tag(b"INDA")
INTERRUPTED = _tag(b"EXIT")
UNAUTHORISED = _tag(b"\xf8401")
FORBIDDEN = _tag(b"\xf8403")
NOT_FOUND = _tag(b"\xf8404")
SERVER_ERROR = _tag(b"\xf85XX")

_SILENCE = frozenset({INTERRUPTED, errno.ETIMEDOUT, errno.EAGAIN})

# What FFmpeg may also answer when a time-out cuts it off in the middle of something.
_VAGUE = frozenset({INVALID_DATA, errno.EIO})

_OPEN_FAULTS = {
    FORBIDDEN: (
        StreamFaultType.AUTHENTICATION,
        "the camera does not let this user see this stream; check the user's rights on it",
    ),
    NOT_FOUND: (
        StreamFaultType.NOT_FOUND,
        "the camera has no such stream; check the path behind its name",
    ),
    SERVER_ERROR: (
        StreamFaultType.PROTOCOL,
        "the camera answers that it cannot serve now; it may have too many viewers",
    ),
    errno.ECONNREFUSED: (
        StreamFaultType.REFUSED,
        "nothing listens there; check the port, and that RTSP is switched on",
    ),
    errno.EHOSTUNREACH: (StreamFaultType.UNREACHABLE, "there is no way to it in the network"),
    errno.ENETUNREACH: (StreamFaultType.UNREACHABLE, "there is no way to it in the network"),
    errno.EPROTONOSUPPORT: (
        StreamFaultType.PROTOCOL,
        "the camera does not send over this transport; try the other one",
    ),
}
_NOT_RTSP = (
    StreamFaultType.PROTOCOL,
    "what answers does not speak RTSP as expected; check the port",
)


def open_error(
    address: Address, number: int | None, *, elapsed_s: float, timeout_s: float
) -> StreamError:
    """Return why a camera could not be opened.

    Parameters
    ----------
    number
        FFmpeg's error number, positive, or the operating system's.
    elapsed_s, timeout_s
        How long the attempt took, and how long it might: FFmpeg calls a time-out by several names.
    """
    fault, words = _open_fault(address, number, timed_out=elapsed_s >= 0.9 * timeout_s)
    if fault is StreamFaultType.TIMEOUT:
        words = f"no answer within {timeout_s:g} s; {words}"
    return StreamError(fault, f"{address.redacted}: {words}")


def _open_fault(
    address: Address, number: int | None, *, timed_out: bool
) -> tuple[StreamFaultType, str]:
    if number == UNAUTHORISED:
        if address.username is None:
            words = "the camera asks for a user name and password, and none is configured"
        else:
            words = "the camera refused the user name or password"
        return StreamFaultType.AUTHENTICATION, words
    if number in _OPEN_FAULTS:
        return _OPEN_FAULTS[number]
    if number == errno.EIO and not _is_known(address.host):
        return (
            StreamFaultType.UNKNOWN_HOST,
            "no such host is known; check its name, or use its IP address",
        )
    if number in _VAGUE and address.scheme == "rtsps":
        return (
            StreamFaultType.TLS,
            "no encrypted connection came about; check the port, or use rtsp://",
        )
    if number in _SILENCE or (number in _VAGUE and timed_out):
        return (
            StreamFaultType.TIMEOUT,
            "check that the camera is on, and that no firewall is between",
        )
    return _NOT_RTSP


def read_error(address: Address, number: int | None, *, silence_s: float) -> StreamError:
    """Return why an open stream stopped; ``silence_s`` is its read time-out."""
    if number in _SILENCE:
        return stalled(address, silence_s)
    if number == INVALID_DATA:
        return StreamError(
            StreamFaultType.PROTOCOL, f"{address.redacted}: what the camera sends is not RTP"
        )
    return ended(address)


def stalled(address: Address, silence_s: float) -> StreamError:
    """Return that the connection stands and no picture comes on it."""
    words = f"the camera has sent nothing for {silence_s:g} s, though it is still connected"
    return StreamError(StreamFaultType.STALLED, f"{address.redacted}: {words}")


def ended(address: Address) -> StreamError:
    """Return that the camera has hung up; a live stream has no end of its own."""
    return StreamError(
        StreamFaultType.ENDED, f"{address.redacted}: the camera closed the connection"
    )


def _is_known(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return False
    return True
