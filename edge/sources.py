"""Pictures from a camera or a film.

A source runs until it fails and says why in a `StreamError`; it knows nothing of connecting again.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

from analytics.frames import Frame
from analytics.messages import StreamFaultType
from edge import stream_faults
from edge.addresses import Address
from edge.decoding import Decoder, DecodingError, StreamInfo
from edge.errors import StreamError
from edge.film_file import check_film
from edge.sampling import Sampler

__all__ = ["FrameSource", "StreamInfo", "open_file", "open_rtsp"]

MISSING_S = 1.0
MISSING_SHARE = 0.05
"""How much of a film's promised length may be missing: containers round, sound may be longer."""

ANALYSE_US = 500_000
"""How much media is read for what is not announced; FFmpeg's default of 5 s delays each start."""

MAX_USERINFO = 127
"""How much of the encoded credentials FFmpeg keeps; it cuts off the rest and signs in wrongly."""

VIDEO_FORMATS = "mov,matroska,mpegts,mpeg,avi,flv,asf,h264,hevc,dhav"
"""FFmpeg's names of the containers that cameras and recorders write.

All others are refused: FFmpeg makes video of text files too, and playlists name other files.
"""


class FrameSource(Protocol):
    """An open stream or film; all but `frames` may be used from any thread."""

    @property
    def info(self) -> StreamInfo:
        """What it says of itself; the size is that of the newest picture."""

    @property
    def decoded(self) -> int:
        """Pictures so far, also those that were not looked at."""

    @property
    def undecodable(self) -> int:
        """Packets and pictures so far that were broken."""

    def frames(self) -> Iterator[Frame]:
        """Yield the frames to look at; call it once.

        It ends with a film and after `close`; a live stream never just ends.

        Raises
        ------
        StreamError
            Where the stream broke, stalled or ended, or the film is cut off.
        """

    def close(self) -> None:
        """End `frames` at its next packet or time-out; may be called any number of times."""


def open_rtsp(
    address: Address,
    *,
    looks_per_s: float | None,
    open_timeout_s: float,
    read_timeout_s: float,
    transport: Literal["tcp", "udp"] = "tcp",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FrameSource:
    """Connect to a camera.

    Parameters
    ----------
    address
        ``rtsp://`` or ``rtsps://``. A certificate is not checked: cameras sign their own.
    looks_per_s
        At most so many frames a second are yielded, by the camera's clock; None for all.
    open_timeout_s
        For signing in, and once more for the first packets.
    read_timeout_s
        A silence of this length is a stall.
    transport
        What RTP travels on.
    now
        Gives ``captured_at``, aware UTC; the camera's own clock is not trusted.

    Raises
    ------
    StreamError
        Where there is no stream to see, with the fault that tells the remedy.
    """
    if address.scheme not in {"rtsp", "rtsps"}:
        text = f"{address.redacted}: this is no camera address, expected rtsp:// or rtsps://"
        raise StreamError(StreamFaultType.PROTOCOL, text)
    if len(address.userinfo()) > MAX_USERINFO:
        text = f"{address.redacted}: user name and password are too long, expected shorter ones"
        raise StreamError(StreamFaultType.AUTHENTICATION, text)
    began = time.monotonic()
    try:
        decoder = Decoder.open(
            address.for_ffmpeg(),
            where=address.redacted,
            options={
                "rtsp_transport": transport,
                "allowed_media_types": "video",
                "timeout": str(round(open_timeout_s * 1e6)),
                "analyzeduration": str(ANALYSE_US),
            },
            # FFmpeg answers a first time-out with the packet that its parser still holds, and only
            # the second with an error.
            timeouts_s=(open_timeout_s, read_timeout_s / 2),
        )
    except DecodingError as exc:
        raise stream_faults.open_error(
            address, exc.number, elapsed_s=time.monotonic() - began, timeout_s=open_timeout_s
        ) from exc
    return _RtspSource(address, decoder, Sampler(looks_per_s), read_timeout_s, now)


def open_file(
    path: Path,
    *,
    looks_per_s: float | None,
    start_at: datetime,
    pace: Literal["real_time", "max"],
) -> FrameSource:
    """Open a film.

    Parameters
    ----------
    path
        A file in one of `VIDEO_FORMATS`.
    looks_per_s
        At most so many frames a second are yielded, by the film's clock; None for all.
    start_at
        The ``captured_at`` of its first frame, aware UTC.
    pace
        Whether frames come when a camera would send them, or as fast as they can be decoded.

    Raises
    ------
    StreamError
        ``not_found``, ``not_video``, ``no_video``, ``codec``, or ``truncated`` where so much is
        missing that no picture can be shown.
    """
    is_cut = check_film(path)
    try:
        decoder = Decoder.open(
            # The prefix keeps a name like "concat:a" or "http://b" from being taken for a protocol.
            f"file:{path}",
            where=str(path),
            options={"format_whitelist": VIDEO_FORMATS, "protocol_whitelist": "file"},
        )
    except (DecodingError, StreamError) as exc:
        if is_cut:
            text = f"{path}: the film is cut off, so much that nothing of it can be shown"
            raise StreamError(StreamFaultType.TRUNCATED, text) from exc
        if isinstance(exc, StreamError):
            raise
        text = f"{path}: this is no video file, or none of {VIDEO_FORMATS}"
        raise StreamError(StreamFaultType.NOT_VIDEO, text) from exc
    return _FileSource(path, decoder, Sampler(looks_per_s), start_at, pace, is_cut=is_cut)


class _Source:
    """What both kinds of source answer from their decoder."""

    def __init__(self, decoder: Decoder, sampler: Sampler) -> None:
        self._decoder = decoder
        self._sampler = sampler

    @property
    def info(self) -> StreamInfo:
        return self._decoder.info

    @property
    def decoded(self) -> int:
        return self._decoder.decoded

    @property
    def undecodable(self) -> int:
        return self._decoder.undecodable

    def close(self) -> None:
        self._decoder.close()


class _RtspSource(_Source):
    def __init__(
        self,
        address: Address,
        decoder: Decoder,
        sampler: Sampler,
        read_timeout_s: float,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(decoder, sampler)
        self._address = address
        self._read_timeout_s = read_timeout_s
        self._now = now

    def frames(self) -> Iterator[Frame]:
        try:
            for picture in self._decoder.pictures(self._sampler):
                yield picture.frame(self._now())
        except DecodingError as exc:
            raise stream_faults.read_error(
                self._address, exc.number, silence_s=self._read_timeout_s
            ) from exc
        if not self._decoder.closed.is_set():
            raise stream_faults.ended(self._address)


class _FileSource(_Source):
    def __init__(
        self,
        path: Path,
        decoder: Decoder,
        sampler: Sampler,
        start_at: datetime,
        pace: Literal["real_time", "max"],
        *,
        is_cut: bool,
    ) -> None:
        super().__init__(decoder, sampler)
        self._path = path
        self._is_cut = is_cut
        self._start_at = start_at
        self._pace = pace

    def frames(self) -> Iterator[Frame]:
        began = time.monotonic()
        media_s = 0.0
        try:
            for picture in self._decoder.pictures(self._sampler):
                media_s = picture.media_s
                if self._pace == "real_time":
                    self._decoder.closed.wait(began + media_s - time.monotonic())
                if self._decoder.closed.is_set():
                    return
                yield picture.frame(self._start_at + timedelta(seconds=media_s))
        except DecodingError as exc:
            text = f"{self._path}: the film is broken after {media_s:.1f} s: {exc}"
            raise StreamError(StreamFaultType.TRUNCATED, text) from exc
        if not self._decoder.closed.is_set():
            self._check_whole(media_s)

    def _check_whole(self, media_s: float) -> None:
        decoder = self._decoder
        if not decoder.decoded:
            text = f"{self._path}: not one picture could be decoded from its {decoder.info.codec}"
            raise StreamError(StreamFaultType.CODEC, text)
        if self._is_cut:
            text = f"{self._path}: the film is cut off, all that is there was seen"
            raise StreamError(StreamFaultType.TRUNCATED, text)
        if decoder.packets < decoder.promised_packets:
            text = (
                f"{self._path}: the film is cut off, "
                f"{decoder.packets} of {decoder.promised_packets} pictures are there"
            )
            raise StreamError(StreamFaultType.TRUNCATED, text)
        if media_s < decoder.promised_s - max(MISSING_S, MISSING_SHARE * decoder.promised_s):
            text = (
                f"{self._path}: the film is cut off after {media_s:.1f} s, "
                f"it should last {decoder.promised_s:.1f} s"
            )
            raise StreamError(StreamFaultType.TRUNCATED, text)
