"""RTP packets for H.264 and H.265, and the sender reports beside them."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Codec = Literal["h264", "hevc"]

CLOCK_HZ = 90_000
"""The RTP clock of all video (RFC 6184, section 8.2.1)."""

MAX_PAYLOAD_BYTES = 1400
"""What fits one Ethernet frame; TCP would carry more, but cameras send this."""

PAYLOAD_TYPE = 96
SSRC = 0x51A9A217

FRAMING_BYTES = 4
"""What stands before each packet on the RTSP connection."""

HEADER_BYTES = 12
"""What each packet begins with."""

_NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900, where NTP counts from, to 1970 (RFC 5905, figure 4)."""

_NUMBER_AND_TIME = struct.Struct(">HI")
_NUMBER_AT = FRAMING_BYTES + 2


@dataclass(frozen=True, slots=True)
class Burst:
    """The packets of one picture, framed for the RTSP connection; number and time are left open.

    It is made once and sent to every viewer, which is what makes a camera cheap.

    Attributes
    ----------
    data
        All of them, one behind the other.
    begins
        Where the framing of each begins.
    """

    data: bytes
    begins: tuple[int, ...]

    @classmethod
    def of(cls, codec: Codec, nals: Iterable[bytes]) -> "Burst":
        """Return ``nals`` as packets (RFC 3550, 6184 and 7798); the last one carries the marker."""
        payloads = [part for nal in nals if nal for part in _payloads(codec, nal)]
        return cls.framed(
            struct.pack(
                ">BBHII",
                0x80,
                PAYLOAD_TYPE | (0x80 if number == len(payloads) else 0),
                0,
                0,
                SSRC,
            )
            + payload
            for number, payload in enumerate(payloads, start=1)
        )

    @classmethod
    def framed(cls, packets: Iterable[bytes]) -> "Burst":
        """Return ready packets as a burst."""
        data = bytearray()
        begins = []
        for packet in packets:
            begins.append(len(data))
            data += interleaved(0, packet)
        return cls(bytes(data), tuple(begins))

    def packets(self) -> Iterator[bytes]:
        """Yield the packets without their framing."""
        for begin, end in pairwise((*self.begins, len(self.data))):
            yield self.data[begin + FRAMING_BYTES : end]


class Sender:
    """Numbers, dates and counts what goes out on one connection."""

    def __init__(self) -> None:
        self.sequence = 1
        self.packets_sent = 0
        self.bytes_sent = 0

    def stamp(self, burst: Burst, shown_at_s: float) -> Burst:
        """Return ``burst`` with the next numbers and its time in seconds of the stream."""
        data = bytearray(burst.data)
        at = rtp_time(shown_at_s)
        for begin in burst.begins:
            _NUMBER_AND_TIME.pack_into(data, begin + _NUMBER_AT, self.sequence, at)
            self.sequence = (self.sequence + 1) & 0xFFFF
        count = len(burst.begins)
        self.packets_sent += count
        self.bytes_sent += len(data) - count * (FRAMING_BYTES + HEADER_BYTES)
        return Burst(bytes(data), burst.begins)

    def report(self, *, media_s: float, wall_s: float) -> bytes:
        """Return the RTCP report that ties media time to the wall clock (RFC 3550, 6.4.1)."""
        ntp = wall_s + _NTP_EPOCH_S
        return struct.pack(
            ">BBHIIIIII",
            0x80,
            200,
            6,
            SSRC,
            int(ntp) & 0xFFFFFFFF,
            int(ntp % 1 * 2**32),
            rtp_time(media_s),
            self.packets_sent & 0xFFFFFFFF,
            self.bytes_sent & 0xFFFFFFFF,
        )


def rtp_time(seconds: float) -> int:
    """Return ``seconds`` as a 32-bit RTP timestamp."""
    return round(seconds * CLOCK_HZ) & 0xFFFFFFFF


def interleaved(channel: int, packet: bytes) -> bytes:
    """Return ``packet`` framed for the RTSP connection (RFC 2326, 10.12)."""
    return struct.pack(">BBH", 0x24, channel, len(packet)) + packet


def _payloads(codec: Codec, nal: bytes) -> Iterator[bytes]:
    if len(nal) <= MAX_PAYLOAD_BYTES:
        yield nal
    elif codec == "h264":
        yield from _h264_fragments(nal)
    else:
        yield from _h265_fragments(nal)


def _h264_fragments(nal: bytes) -> Iterator[bytes]:
    """Yield FU-A units (RFC 6184, 5.8)."""
    indicator = (nal[0] & 0xE0) | 28
    for chunk, edge in _chunks(nal[1:], MAX_PAYLOAD_BYTES - 2):
        yield bytes((indicator, edge | (nal[0] & 0x1F))) + chunk


def _h265_fragments(nal: bytes) -> Iterator[bytes]:
    """Yield fragmentation units (RFC 7798, 4.4.3)."""
    header = bytes(((nal[0] & 0x81) | (49 << 1), nal[1]))
    for chunk, edge in _chunks(nal[2:], MAX_PAYLOAD_BYTES - 3):
        yield header + bytes((edge | ((nal[0] >> 1) & 0x3F),)) + chunk


def _chunks(body: bytes, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield the pieces of ``body``, with the start bit on the first and the end bit on the last."""
    for at in range(0, len(body), size):
        start = 0x80 if at == 0 else 0
        end = 0x40 if at + size >= len(body) else 0
        yield body[at : at + size], start | end
