"""Pictures from a camera or a film.

A source runs until it fails and says why in a `StreamError`; it knows nothing of connecting again.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

from analytics.frames import Frame
from analytics.messages import StreamFaultType
from edge import stream_faults
from edge.addresses import Address
from edge.clock import utc_now
from edge.decoding import Decoder
from edge.errors import DecodingError, StreamError
from edge.film_file import check_film
from edge.pictures import DecodedPicture, KeyPicture, frame_of
from edge.rtsp_line import RtspLine
from edge.sampling import Sampler, Sampling
from edge.stream_snapshot import StreamInfo

__all__ = ["FrameSource", "Sample", "open_file", "open_rtsp"]

MISSING_S = 1.0
MISSING_SHARE = 0.05
"""How much of a film's promised length may be missing: containers round, sound may be longer."""

MAX_USERINFO = 127
"""How much of the encoded credentials FFmpeg keeps; it cuts off the rest and signs in wrongly."""

VIDEO_FORMATS = "mov,matroska,mpegts,mpeg,avi,flv,asf,h264,hevc,dhav"
"""FFmpeg's names of the containers that cameras and recorders write.

All others are refused: FFmpeg makes video of text files too, and playlists name other files.
"""


class Sample(Protocol):
    """A picture that was picked to be looked at, perhaps still packed."""

    @property
    def captured_at(self) -> datetime:
        """When it was captured, aware UTC, see `analytics.frames.Frame`."""

    def frame(self) -> Frame:
        """Decode and convert it; in one thread at a time for all samples of a source.

        Raises
        ------
        DecodingError
            Where it is broken; the source counts it.
        """


class FrameSource(Protocol):
    """An open stream or film; all but `samples` may be used from any thread."""

    @property
    def info(self) -> StreamInfo:
        """What it says of itself; the size is that of the newest picture."""

    @property
    def received(self) -> int:
        """Pictures so far, also those that were neither decoded nor looked at."""

    @property
    def undecodable(self) -> int:
        """Packets and pictures so far that were broken."""

    @property
    def skipped(self) -> int:
        """Pictures so far that were left out, because they came faster than they were decoded."""

    def samples(self) -> Iterator[Sample]:
        """Yield the pictures to look at; call it once.

        It ends with a film and after `close`; a live stream never just ends.

        Raises
        ------
        StreamError
            Where the stream broke, stalled or ended, or the film is cut off.
        """

    def close(self) -> None:
        """End `samples` at its next packet or time-out; may be called any number of times."""


def open_rtsp(
    address: Address,
    *,
    sampling: Sampling,
    line: RtspLine,
    within_px: tuple[int, int] | None = None,
    now: Callable[[], datetime] = utc_now,
) -> FrameSource:
    """Connect to a camera.

    Parameters
    ----------
    address
        ``rtsp://`` or ``rtsps://``.
    sampling
        Which pictures are yielded, by the camera's clock.
    line
        How to connect.
    within_px
        Width and height that frames are scaled down to fit in; None leaves them as they come.
    now
        Gives ``captured_at``, aware UTC; the camera's own clock tells only how late a picture is.

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
            options=line.for_ffmpeg(),
            # FFmpeg answers a first time-out with the packet that its parser still holds, and only
            # the second with an error.
            timeouts_s=(line.open_timeout_s, line.read_timeout_s / 2),
            is_live=True,
        )
    except DecodingError as exc:
        raise stream_faults.open_error(
            address, exc.number, elapsed_s=time.monotonic() - began, timeout_s=line.open_timeout_s
        ) from exc
    return _RtspSource(address, decoder, Sampler(sampling), within_px, line, now)


def open_file(
    path: Path,
    *,
    sampling: Sampling,
    within_px: tuple[int, int] | None = None,
    start_at: datetime,
    pace: Literal["real_time", "max"],
) -> FrameSource:
    """Open a film.

    Parameters
    ----------
    path
        A file in one of `VIDEO_FORMATS`.
    sampling
        Which pictures are yielded, by the film's clock.
    within_px
        Width and height that frames are scaled down to fit in; None leaves them as they come.
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
    return _FileSource(path, decoder, Sampler(sampling), within_px, start_at, pace, is_cut=is_cut)


@dataclass(frozen=True, slots=True)
class _Sample:
    captured_at: datetime
    picture: DecodedPicture | KeyPicture
    within_px: tuple[int, int] | None

    def frame(self) -> Frame:
        return frame_of(self.picture, self.captured_at, self.within_px)


class _Source:
    """What both kinds of source answer from their decoder."""

    def __init__(
        self, decoder: Decoder, sampler: Sampler, within_px: tuple[int, int] | None
    ) -> None:
        self._decoder = decoder
        self._sampler = sampler
        self._within_px = within_px

    @property
    def info(self) -> StreamInfo:
        return self._decoder.info

    @property
    def received(self) -> int:
        return self._decoder.received

    @property
    def undecodable(self) -> int:
        return self._decoder.undecodable

    @property
    def skipped(self) -> int:
        return self._decoder.skipped

    def close(self) -> None:
        self._decoder.close()


class _RtspSource(_Source):
    def __init__(
        self,
        address: Address,
        decoder: Decoder,
        sampler: Sampler,
        within_px: tuple[int, int] | None,
        line: RtspLine,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(decoder, sampler, within_px)
        self._address = address
        self._line = line
        self._now = now

    def samples(self) -> Iterator[Sample]:
        try:
            for picture in self._decoder.pictures(self._sampler):
                captured_at = self._now() - timedelta(seconds=self._decoder.lag_s)
                yield _Sample(captured_at, picture, self._within_px)
        except DecodingError as exc:
            raise stream_faults.read_error(
                self._address, exc.number, silence_s=self._line.read_timeout_s
            ) from exc
        if not self._decoder.closed.is_set():
            raise stream_faults.ended(self._address)


class _FileSource(_Source):
    def __init__(
        self,
        path: Path,
        decoder: Decoder,
        sampler: Sampler,
        within_px: tuple[int, int] | None,
        start_at: datetime,
        pace: Literal["real_time", "max"],
        *,
        is_cut: bool,
    ) -> None:
        super().__init__(decoder, sampler, within_px)
        self._path = path
        self._is_cut = is_cut
        self._start_at = start_at
        self._pace = pace

    def samples(self) -> Iterator[Sample]:
        began = time.monotonic()
        media_s = 0.0
        try:
            for picture in self._decoder.pictures(self._sampler):
                media_s = picture.media_s
                if self._pace == "real_time":
                    self._decoder.closed.wait(began + media_s - time.monotonic())
                if self._decoder.closed.is_set():
                    return
                captured_at = self._start_at + timedelta(seconds=media_s)
                yield _Sample(captured_at, picture, self._within_px)
        except DecodingError as exc:
            text = f"{self._path}: the film is broken after {media_s:.1f} s: {exc}"
            raise StreamError(StreamFaultType.TRUNCATED, text) from exc
        if not self._decoder.closed.is_set():
            self._check_whole()

    def _check_whole(self) -> None:
        decoder = self._decoder
        media_s = decoder.seen_s
        if not decoder.received:
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
