"""The two ways that packets take to a viewer: the RTSP connection itself, and UDP."""

import asyncio
import contextlib
import socket
from typing import Protocol

from scripts.rtsp.rtp import Burst, interleaved

HOST = "127.0.0.1"

DATAGRAMS_AT_ONCE = 32
PAUSE_S = 0.002
"""A key frame sent at one go overruns a receiver's buffer; a camera's network port spreads it."""

_PAIRS_TRIED = 100


class Outlet(Protocol):
    """Where the packets of one viewer go; what it raises is an `OSError`."""

    async def send(self, burst: Burst) -> None:
        """Send the packets of a picture."""

    async def send_report(self, packet: bytes) -> None:
        """Send an RTCP packet."""

    async def send_noise(self, noise: bytes) -> None:
        """Send bytes that are no packet."""

    def close(self) -> None:
        """Give back what it holds; the RTSP connection is not its own."""


class Interleaved:
    """Packets on the RTSP connection, plain or TLS."""

    transport = "RTP/AVP/TCP;unicast;interleaved=0-1"

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, burst: Burst) -> None:
        """Send the packets of a picture."""
        await self.send_noise(burst.data)

    async def send_report(self, packet: bytes) -> None:
        """Send an RTCP packet."""
        await self.send_noise(interleaved(1, packet))

    async def send_noise(self, noise: bytes) -> None:
        """Send bytes as they are, and wait for a viewer who is slow."""
        self._writer.write(noise)
        await self._writer.drain()

    def close(self) -> None:
        """Do nothing: the connection is the viewer's."""


class Datagrams:
    """Packets in datagrams, from a pair of ports to a pair of ports (RFC 2326, 12.39)."""

    def __init__(self, client_port: int) -> None:
        self._rtp, self._rtcp = _port_pair()
        self._client = client_port
        first = self._rtp.getsockname()[1]
        self.transport = (
            f"RTP/AVP;unicast;client_port={client_port}-{client_port + 1}"
            f";server_port={first}-{first + 1};source={HOST}"
        )

    async def send(self, burst: Burst) -> None:
        """Send the packets of a picture, a large one's with pauses."""
        for number, packet in enumerate(burst.packets(), start=1):
            self._send(self._rtp, packet, self._client)
            if number % DATAGRAMS_AT_ONCE == 0:
                await asyncio.sleep(PAUSE_S)

    async def send_report(self, packet: bytes) -> None:
        """Send an RTCP packet."""
        self._send(self._rtcp, packet, self._client + 1)

    async def send_noise(self, noise: bytes) -> None:
        """Send bytes that are no packet, as a datagram."""
        self._send(self._rtp, noise, self._client)

    def close(self) -> None:
        """Give the ports back."""
        self._rtp.close()
        self._rtcp.close()

    @staticmethod
    def _send(sender: socket.socket, packet: bytes, port: int) -> None:
        # A full buffer loses the datagram, as a network does.
        with contextlib.suppress(BlockingIOError):
            sender.sendto(packet, (HOST, port))


def _port_pair() -> tuple[socket.socket, socket.socket]:
    """Return sockets on an even port and the one above it, as RTP and RTCP want (RFC 3550, 11)."""
    for _ in range(_PAIRS_TRIED):
        with contextlib.ExitStack() as stack:
            rtp, rtcp = (
                stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                for _ in range(2)
            )
            rtp.setblocking(False)
            rtcp.setblocking(False)
            rtp.bind((HOST, 0))
            port = rtp.getsockname()[1]
            if port % 2:
                continue
            with contextlib.suppress(OSError):
                rtcp.bind((HOST, port + 1))
                stack.pop_all()
                return rtp, rtcp
    msg = "no pair of UDP ports is free"
    raise OSError(msg)
