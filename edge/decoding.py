"""Reading and decoding a container with FFmpeg.

It knows neither cameras nor films; errors of PyAV leave it as a `DecodingError`.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

import av
import av.logging
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from analytics.messages import StreamFaultType
from edge.errors import DecodingError, StreamError
from edge.lag import Lag
from edge.occupation import Occupation
from edge.pictures import DecodedPicture, KeyDecoder, KeyPicture
from edge.sampling import MediaClock, Sampler
from edge.stream_snapshot import StreamInfo

UNDECODABLE_LIMIT = 250
"""Broken packets before the first picture, about ten seconds, that end an attempt."""

UNDECODABLE_KEY_FRAMES = 5
"""The same for key frames, which come every second or two."""

KEY_FRAME_WITHIN = 1500
"""Pictures without a key frame among them, a minute of most streams, that end an attempt."""

DECLARING_FORMATS = frozenset({"matroska,webm", "flv"})
"""Containers whose length was written down; of others FFmpeg estimates it from what is there."""

BEHIND_S = 0.5
"""How late a live stream may be read, seconds, before pictures are left out."""

MAX_FRAMES_PER_S = 240
"""A higher rate is FFmpeg's answer for a stream without timing: the rate of its clock."""


class Decoder:
    """Reads the video of one container, decodes it with one thread, and owns it.

    A live stream that comes faster than it can be decoded is watched, from key frame to key frame,
    until it is caught up with: pictures that wait in a connection only get older. One that is late
    because the line held it up is read on: decoding it is not what takes the time.

    Attributes
    ----------
    lag_s
        How late the newest picture of a live stream was had, seconds: where every one is decoded,
        and while some are left out.
    skipped
        Count of pictures that were left out in order to catch up.
    packets, received
        Counts of packets read, and of pictures in them: of those that are not decoded, each is
        taken to be whole.
    seen_s
        The media time up to which it has read.
    promised_packets, promised_s
        What the container says that it holds; 0 where it does not, or where that is not to be
        trusted.
    closed
        Set by `close`.
    """

    def __init__(
        self, container: InputContainer, stream: VideoStream, where: str, *, is_live: bool
    ) -> None:
        self._container = container
        self._stream = stream
        self._where = where
        # Closing a container while another thread reads from it crashes the process: whoever
        # closes holds this.
        self._reading = threading.Lock()
        self.closed = threading.Event()
        stream.codec_context.thread_count = 1
        self._key_decoder = KeyDecoder(stream)
        self._info = _info(stream)
        self._measures: bool | None = None
        self._is_live = is_live
        self._lag = Lag()
        self._occupation = Occupation()
        self._skips_until_s: float | None = None
        self.lag_s = 0.0
        self.skipped = 0
        self._media_s = 0.0
        self._since_key_frame = 0
        self._key_frame_s: float | None = None
        self.seen_s = 0.0
        declares_length = container.format.name in DECLARING_FORMATS
        # An MP4's index also counts the packets that its edit list leaves out.
        self.promised_packets = 0 if "mp4" in container.format.name else stream.frames
        self.promised_s = (container.duration or 0) / av.time_base if declares_length else 0.0
        self.packets = 0
        self.received = 0
        self._undecodable = 0

    @classmethod
    def open(
        cls,
        url: str,
        *,
        where: str,
        options: Mapping[str, str],
        timeouts_s: tuple[float, float] | None = None,
        is_live: bool = False,
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
        is_live
            Whether it comes at its own pace, and waits for nobody.

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
            return cls(container, _video_stream(container, where), where, is_live=is_live)
        except StreamError:
            container.close()
            raise

    @property
    def info(self) -> StreamInfo:
        """What the stream says of itself, with the size of the newest picture."""
        size_px = self._key_decoder.size_px if self._measures is False else None
        if size_px is None:
            return self._info
        return replace(self._info, width_px=size_px[0], height_px=size_px[1])

    @property
    def undecodable(self) -> int:
        """Packets and pictures that were broken."""
        return self._undecodable + self._key_decoder.undecodable

    def pictures(self, sampler: Sampler) -> Iterator[DecodedPicture | KeyPicture]:
        """Yield the pictures that are due, until the end or `close`; call it once.

        Raises
        ------
        DecodingError
            Where no more packets can be read.
        StreamError
            ``codec``, where packets come and none of them can be decoded.
        """
        clock = MediaClock(self._info.frames_per_s)
        with self._reading:
            if self.closed.is_set():
                return
            try:
                for packet in self._packets():
                    if self.closed.is_set():
                        return
                    self.packets += 1 if packet.size else 0
                    if packet.is_keyframe or self._measures is None:
                        self._choose(sampler)
                    if self._measures:
                        yield from self._decoded_pictures(packet, clock, sampler)
                        self._skip_if_late()
                    else:
                        yield from self._key_pictures(packet, clock, sampler)
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

    def _packets(self) -> "Iterator[Packet[VideoStream]]":
        """Yield the packets, and note what it takes to get them and what is done with them."""
        had_s = asked_s = time.monotonic()
        for packet in self._container.demux(self._stream):
            now_s = time.monotonic()
            self._occupation.note(works_s=asked_s - had_s, waits_s=now_s - asked_s)
            had_s = now_s
            yield packet
            asked_s = time.monotonic()

    def _choose(self, sampler: Sampler) -> None:
        """Watch or measure from here on; only at a key frame, which needs no picture before it."""
        if self._skips_until_s is not None:
            if time.monotonic() < self._skips_until_s:
                return
            self._skips_until_s = None
            self._lag, self.lag_s = Lag(), 0.0
        measures = sampler.measures(self._media_s)
        if self._measures and not measures:
            self._watch()
            self._lag, self.lag_s = Lag(), 0.0
        self._measures = measures

    def _skip_if_late(self) -> None:
        """Leave pictures out from here on, where decoding makes it late, for as long as it is late.

        Passing packets over takes next to no time, so what waited has been read by then.
        """
        if self.lag_s > BEHIND_S and self._occupation.is_full:
            self._skips_until_s = time.monotonic() + self.lag_s
            self._watch()

    def _watch(self) -> None:
        """Decode no more pictures than key frames from here on."""
        self._measures = False
        self._since_key_frame, self._key_frame_s = 0, None
        self._stream.codec_context.flush_buffers()

    def _decoded_pictures(
        self, packet: "Packet[VideoStream]", clock: MediaClock, sampler: Sampler
    ) -> Iterator[DecodedPicture]:
        for raw in self._decode(packet):
            media_s = self._media_s = self.seen_s = clock.at(raw.time)
            number = self.received
            self.received += 1
            if self._is_live:
                self.lag_s = self._lag.of(media_s, time.monotonic())
            if sampler.due(media_s):
                yield DecodedPicture(raw, media_s, number)

    def _key_pictures(
        self, packet: "Packet[VideoStream]", clock: MediaClock, sampler: Sampler
    ) -> Iterator[KeyPicture]:
        if not packet.size:
            return
        number = self.received
        self.received += 1
        self._since_key_frame += 1
        self._check_key_frames()
        presented_s = _presented_s(packet)
        if not packet.is_keyframe:
            self.skipped += self._skips_until_s is not None
            if presented_s is not None and self._key_frame_s is not None:
                self.seen_s = self._media_s + presented_s - self._key_frame_s
            return
        self._since_key_frame = 0
        self._key_frame_s = presented_s
        media_s = self._media_s = self.seen_s = clock.at(presented_s)
        if self._skips_until_s is not None:
            self.lag_s = self._lag.of(media_s, time.monotonic())
        if sampler.due(media_s):
            yield KeyPicture(packet, self._key_decoder, media_s, number)

    def _check_key_frames(self) -> None:
        keys = self._key_decoder
        if not keys.decoded and keys.undecodable >= UNDECODABLE_KEY_FRAMES:
            text = f"{self._where}: key frames come, but none of them can be decoded"
            raise StreamError(StreamFaultType.CODEC, text)
        if self._since_key_frame > KEY_FRAME_WITHIN:
            text = (
                f"{self._where}: no key frame among {KEY_FRAME_WITHIN} pictures; expected one "
                "every few seconds, or `sampling: measure`"
            )
            raise StreamError(StreamFaultType.CODEC, text)

    def _decode(self, packet: "Packet[VideoStream]") -> list[VideoFrame]:
        try:
            raws = packet.decode()
        except av.error.FFmpegError:
            self._undecodable += 1
            if self.received == 0 and self._undecodable >= UNDECODABLE_LIMIT:
                text = f"{self._where}: pictures come, but none of them can be decoded"
                raise StreamError(StreamFaultType.CODEC, text) from None
            return []
        whole = [raw for raw in raws if not raw.is_corrupt]
        self._undecodable += len(raws) - len(whole)
        for raw in whole:
            if (raw.width, raw.height) != (self._info.width_px, self._info.height_px):
                self._info = replace(self._info, width_px=raw.width, height_px=raw.height)
        return whole


def _presented_s(packet: "Packet[VideoStream]") -> float | None:
    if packet.pts is None or packet.time_base is None:
        return None
    return float(packet.pts * packet.time_base)


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
