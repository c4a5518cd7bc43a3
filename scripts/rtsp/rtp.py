"""RTP packets for H.264 and H.265, and the sender reports beside them."""

import struct
from collections.abc import Iterator
from typing import Literal

from scripts.rtsp.film import CLOCK_HZ, AccessUnit

MAX_PAYLOAD_BYTES = 1400
"""What fits one Ethernet frame; TCP would carry more, but cameras send this."""

PAYLOAD_TYPE = 96
SSRC = 0x51A9A217

_NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900, where NTP counts from, to 1970 (RFC 5905, figure 4)."""


class Packetiser:
    """Turns the access units of one connection into RTP packets (RFC 3550, 6184 and 7798)."""

    def __init__(self, codec: Literal["h264", "hevc"]) -> None:
        self._fragments = _h264_fragments if codec == "h264" else _h265_fragments
        self.sequence = 1
        self.packets_sent = 0
        self.bytes_sent = 0

    def packets(self, unit: AccessUnit) -> Iterator[bytes]:
        """Yield the packets of ``unit``; the last one carries the marker."""
        payloads = [part for nal in unit.nals if nal for part in self._payloads(nal)]
        for number, payload in enumerate(payloads):
            marker = 0x80 if number == len(payloads) - 1 else 0
            header = struct.pack(
                ">BBHII",
                0x80,
                marker | PAYLOAD_TYPE,
                self.sequence,
                rtp_time(unit.shown_at_s),
                SSRC,
            )
            self.sequence = (self.sequence + 1) & 0xFFFF
            self.packets_sent += 1
            self.bytes_sent += len(payload)
            yield header + payload

    def sender_report(self, *, media_s: float, wall_s: float) -> bytes:
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

    def _payloads(self, nal: bytes) -> Iterator[bytes]:
        if len(nal) <= MAX_PAYLOAD_BYTES:
            yield nal
        else:
            yield from self._fragments(nal)


def rtp_time(seconds: float) -> int:
    """Return ``seconds`` as a 32-bit RTP timestamp."""
    return round(seconds * CLOCK_HZ) & 0xFFFFFFFF


def interleaved(channel: int, packet: bytes) -> bytes:
    """Return ``packet`` framed for the RTSP connection (RFC 2326, 10.12)."""
    return struct.pack(">BBH", 0x24, channel, len(packet)) + packet


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
