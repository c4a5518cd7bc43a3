"""A film file as pictures in RTP packets, and the SDP that announces them."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av

from scripts.rtsp.rtp import CLOCK_HZ, Burst, Codec

KEPT_BYTES = 256 << 20
"""The largest file that is kept in memory, ready to be sent: eight minutes of 4 Mb/s."""


class FilmError(Exception):
    """The file holds no film that RTSP could carry."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, encoded and packed.

    Attributes
    ----------
    send_at_s, shown_at_s, until_s
        Decoding time, presentation time, and how long it is shown, in seconds since the start.
    is_key
        Whether decoding can begin with it; then its burst begins with the parameter sets.
    burst
        Its packets.
    """

    send_at_s: float
    shown_at_s: float
    until_s: float
    is_key: bool
    burst: Burst


@dataclass(frozen=True, slots=True)
class Film:
    """A file that can be played any number of times.

    Attributes
    ----------
    kept
        All its pictures, None for a file that was too large and is read as it is played.
    """

    path: Path
    codec: Codec
    parameter_sets: tuple[bytes, ...]
    length_size: int
    kept: tuple[Picture, ...] | None = None

    @classmethod
    def read(cls, path: Path, *, kept_bytes: int = KEPT_BYTES) -> "Film":
        """Return the film in ``path``, its pictures in memory up to a file of ``kept_bytes``.

        Raises
        ------
        FilmError
            Where the file cannot be read, or holds neither H.264 nor H.265 in MP4 packaging.
        """
        try:
            film = cls._announced(path)
            if path.stat().st_size > kept_bytes:
                return film
            return replace(film, kept=tuple(film._read_pictures()))
        except av.error.FFmpegError as exc:
            msg = f"{path} cannot be read: {exc.strerror}"
            raise FilmError(msg) from exc

    def pictures(self) -> Iterable[Picture]:
        """Return all pictures in sending order."""
        return self._read_pictures() if self.kept is None else self.kept

    @classmethod
    def _announced(cls, path: Path) -> "Film":
        with av.open(str(path)) as container:
            stream = next(iter(container.streams.video), None)
            codec = None if stream is None else stream.codec_context.name
            extradata = b"" if stream is None else bytes(stream.codec_context.extradata or b"")
        if codec == "h264" and extradata[:1] == b"\x01":
            return cls(path, "h264", _avcc_parameter_sets(extradata), (extradata[4] & 3) + 1)
        if codec == "hevc" and extradata[:1] == b"\x01":
            return cls(path, "hevc", _hvcc_parameter_sets(extradata), (extradata[21] & 3) + 1)
        msg = f"{path} holds {codec}, expected H.264 or H.265 in an MP4, MOV or MKV"
        raise FilmError(msg)

    def sdp_media(self) -> str:
        """Return the media section of the session description (RFC 6184, 8.2.1; RFC 7798, 7.1)."""
        sets = [base64.b64encode(nal).decode() for nal in self.parameter_sets]
        if self.codec == "h264":
            profile = self.parameter_sets[0][1:4].hex()
            encoding = "H264"
            parameters = (
                f"packetization-mode=1;profile-level-id={profile};"
                f"sprop-parameter-sets={','.join(sets)}"
            )
        else:
            encoding = "H265"
            parameters = ";".join(
                f"sprop-{name}={value}"
                for name, value in zip(("vps", "sps", "pps"), sets, strict=False)
            )
        return (
            "m=video 0 RTP/AVP 96\r\n"
            f"a=rtpmap:96 {encoding}/{CLOCK_HZ}\r\n"
            f"a=fmtp:96 {parameters}\r\n"
            "a=control:trackID=0\r\n"
        )

    def _read_pictures(self) -> Iterator[Picture]:
        with av.open(str(self.path)) as container:
            stream = container.streams.video[0]
            step_s = float(1 / (stream.average_rate or 25))
            first_s: float | None = None
            for packet in container.demux(stream):
                if packet.dts is None or packet.pts is None or not packet.size:
                    continue
                send_at_s = float(packet.dts * packet.time_base)
                first_s = send_at_s if first_s is None else first_s
                shown_at_s = float(packet.pts * packet.time_base) - first_s
                shown_s = float(packet.duration * packet.time_base) if packet.duration else step_s
                nals = split_nals(bytes(packet), self.length_size)
                sets = self.parameter_sets if packet.is_keyframe else ()
                yield Picture(
                    send_at_s=send_at_s - first_s,
                    shown_at_s=shown_at_s,
                    until_s=shown_at_s + shown_s,
                    is_key=packet.is_keyframe,
                    burst=Burst.of(self.codec, (*sets, *nals)),
                )


def split_nals(packet: bytes, length_size: int) -> Iterator[bytes]:
    """Yield the NAL units of ``packet``, each of which follows its length (ISO/IEC 14496-15)."""
    at = 0
    while at + length_size <= len(packet):
        begin = at + length_size
        at = begin + int.from_bytes(packet[at:begin], "big")
        yield packet[begin:at]


def _avcc_parameter_sets(extradata: bytes) -> tuple[bytes, ...]:
    """Return SPS and PPS of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1)."""
    sets: list[bytes] = []
    at = 5
    for mask in (0x1F, 0xFF):
        count = extradata[at] & mask
        at += 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            sets.append(extradata[at + 2 : at + 2 + size])
            at += 2 + size
    return tuple(sets)


def _hvcc_parameter_sets(extradata: bytes) -> tuple[bytes, ...]:
    """Return VPS, SPS and PPS of an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1)."""
    sets: dict[int, bytes] = {}
    at = 23
    for _ in range(extradata[22]):
        kind = extradata[at] & 0x3F
        count = int.from_bytes(extradata[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            sets.setdefault(kind, extradata[at + 2 : at + 2 + size])
            at += 2 + size
    return tuple(sets[kind] for kind in (32, 33, 34) if kind in sets)
