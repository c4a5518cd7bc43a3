"""Decoding with FFmpeg. The one module of the edge that imports PyAV.

It knows neither cameras nor films; errors of PyAV leave it as a `DecodingError`.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import av
import av.logging
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from analytics.frames import Frame
from analytics.messages import StreamFaultType
from edge.errors import EdgeError, StreamError
from edge.sampling import MediaClock, Sampler

UNDECODABLE_LIMIT = 250
"""Broken packets before the first picture, about ten seconds, that end an attempt."""

DECLARING_FORMATS = frozenset({"matroska,webm", "flv"})
"""Containers whose length was written down; of others FFmpeg estimates it from what is there."""

MAX_FRAMES_PER_S = 240
"""A higher rate is FFmpeg's answer for a stream without timing: the rate of its clock."""


class DecodingError(EdgeError):
    """FFmpeg gave up; `edge.sources` says what that means for a camera or a film.

    Attributes
    ----------
    number
        FFmpeg's error number, positive, or the operating system's.
    """

    def __init__(self, number: int | None, text: str) -> None:
        super().__init__(text)
        self.number = number


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a stream says of itself.

    Attributes
    ----------
    codec
        FFmpeg's name, ``h264`` or ``hevc`` for most cameras.
    width_px, height_px
        0 until the first picture where the stream does not announce them.
    frames_per_s
        None where it is not announced and could not be measured.
    """

    codec: str
    width_px: int
    height_px: int
    frames_per_s: float | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, not yet converted.

    Attributes
    ----------
    media_s
        Its `MediaClock` time in seconds.
    number
        Counts the pictures of the container from 0.
    """

    raw: VideoFrame
    media_s: float
    number: int

    def frame(self, captured_at: datetime) -> Frame:
        """Return it as BGR."""
        # One thread: the other cores belong to other cameras.
        image = self.raw.reformat(format="bgr24", threads=1).to_ndarray()
        return Frame(image.astype(np.uint8, copy=False), captured_at, self.media_s, self.number)


class Decoder:
    """Decodes the video of one container, with one thread, and owns it.

    Attributes
    ----------
    info
        With the size of the newest picture.
    packets, decoded, undecodable
        Counts of packets read, pictures decoded, and packets and pictures that were broken.
    promised_packets, promised_s
        What the container says that it holds; 0 where it does not, or where that is not to be
        trusted.
    closed
        Set by `close`.
    """

    def __init__(self, container: InputContainer, stream: VideoStream, where: str) -> None:
        self._container = container
        self._stream = stream
        self._where = where
        # Closing a container while another thread reads from it crashes the process: whoever
        # closes holds this.
        self._reading = threading.Lock()
        self.closed = threading.Event()
        stream.codec_context.thread_count = 1
        self.info = _info(stream)
        declares_length = container.format.name in DECLARING_FORMATS
        # An MP4's index also counts the packets that its edit list leaves out.
        self.promised_packets = 0 if "mp4" in container.format.name else stream.frames
        self.promised_s = (container.duration or 0) / av.time_base if declares_length else 0.0
        self.packets = 0
        self.decoded = 0
        self.undecodable = 0

    @classmethod
    def open(
        cls,
        url: str,
        *,
        where: str,
        options: Mapping[str, str],
        timeouts_s: tuple[float, float] | None = None,
    ) -> "Decoder":
        """Open what FFmpeg finds at ``url``.

        Parameters
        ----------
        where
            ``url`` as people may read it.
        options
            FFmpeg's own, for the container and its protocol.
        timeouts_s
            For opening and for each packet; None waits for ever.

        Raises
        ------
        DecodingError
            Where nothing could be opened.
        StreamError
            ``no_video`` or ``codec``.
        """
        av.logging.set_level(None)
        container = _try_open(url, options, timeouts_s)
        if isinstance(container, DecodingError):
            raise container
        try:
            return cls(container, _video_stream(container, where), where)
        except StreamError:
            container.close()
            raise

    def pictures(self, sampler: Sampler) -> Iterator[Picture]:
        """Yield the pictures that are due, until the end or `close`; call it once.

        Raises
        ------
        DecodingError
            Where no more packets can be read.
        StreamError
            ``codec``, where packets come and none of them can be decoded.
        """
        clock = MediaClock(self.info.frames_per_s)
        with self._reading:
            if self.closed.is_set():
                return
            try:
                for packet in self._container.demux(self._stream):
                    if self.closed.is_set():
                        return
                    self.packets += 1 if packet.size else 0
                    for raw in self._decode(packet):
                        media_s = clock.at(raw.time)
                        number = self.decoded
                        self.decoded += 1
                        if sampler.due(media_s):
                            yield Picture(raw, media_s, number)
            except av.error.FFmpegError as exc:
                raise DecodingError(exc.errno, exc.strerror or "") from None
            finally:
                self._container.close()

    def close(self) -> None:
        """End `pictures` at its next packet or time-out; from any thread, any number of times."""
        self.closed.set()
        if self._reading.acquire(blocking=False):
            try:
                self._container.close()
            finally:
                self._reading.release()

    def _decode(self, packet: "Packet[VideoStream]") -> list[VideoFrame]:
        try:
            raws = packet.decode()
        except av.error.FFmpegError:
            self.undecodable += 1
            if self.decoded == 0 and self.undecodable >= UNDECODABLE_LIMIT:
                text = f"{self._where}: pictures come, but none of them can be decoded"
                raise StreamError(StreamFaultType.CODEC, text) from None
            return []
        whole = [raw for raw in raws if not raw.is_corrupt]
        self.undecodable += len(raws) - len(whole)
        for raw in whole:
            if (raw.width, raw.height) != (self.info.width_px, self.info.height_px):
                self.info = replace(self.info, width_px=raw.width, height_px=raw.height)
        return whole


def _try_open(
    url: str, options: Mapping[str, str], timeouts_s: tuple[float, float] | None
) -> InputContainer | DecodingError:
    """Return the container, or the error for the caller to raise.

    Raised in here it would carry PyAV's own as its context, whose text holds the URL and with it
    the password, for every log that prints what errors came from.
    """
    try:
        return av.open(url, options=dict(options), timeout=timeouts_s)
    except (av.error.FFmpegError, OSError) as exc:
        return DecodingError(exc.errno, exc.strerror or "")


def _video_stream(container: InputContainer, where: str) -> VideoStream:
    streams = container.streams.video
    if not streams:
        raise StreamError(StreamFaultType.NO_VIDEO, f"{where}: there is no video in it")
    # Not typed as optional, but None where FFmpeg has no decoder.
    if getattr(streams[0], "codec_context", None) is None:
        text = f"{where}: its video codec is unknown; a camera should send H.264 or H.265"
        raise StreamError(StreamFaultType.CODEC, text)
    return streams[0]


def _info(stream: VideoStream) -> StreamInfo:
    rate = stream.guessed_rate or stream.average_rate
    frames_per_s = float(rate) if rate and rate <= MAX_FRAMES_PER_S else None
    return StreamInfo(stream.codec_context.name, stream.width, stream.height, frames_per_s)
