"""Pictures as FFmpeg holds them: packed or decoded, and how they become frames."""

from dataclasses import dataclass
from datetime import datetime

import av
import numpy as np
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from analytics.frames import Frame, Image
from edge.errors import DecodingError
from models.letterbox import Letterbox


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """A picture that is decoded, and not yet converted.

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

    def decoded(self) -> VideoFrame:
        """Return it as FFmpeg holds it."""
        return self.raw


class KeyPicture:
    """A key frame that is still packed: who looks at it decodes it, and else nobody does."""

    def __init__(
        self, packet: "Packet[VideoStream]", decoder: "KeyDecoder", media_s: float, number: int
    ) -> None:
        self._packet = packet
        self._decoder = decoder
        self.media_s = media_s
        self.number = number

    def decoded(self) -> VideoFrame:
        """Decode it.

        Raises
        ------
        DecodingError
            Where it is broken.
        """
        return self._decoder.decode(self._packet)


class KeyDecoder:
    """Decodes key frames by themselves, for one thread at a time: no picture needs another.

    Its codec is not that of the container, which another thread may close meanwhile.

    Attributes
    ----------
    size_px
        Width and height of the newest picture; None before the first.
    decoded, undecodable
        Counts of pictures decoded and broken.
    """

    def __init__(self, stream: VideoStream) -> None:
        codec = stream.codec_context
        own = av.CodecContext.create(codec.name, "r")
        assert isinstance(own, VideoCodecContext)
        self._codec = own
        self._codec.extradata = codec.extradata
        self._codec.thread_count = 1
        self.size_px: tuple[int, int] | None = None
        self.decoded = 0
        self.undecodable = 0

    def decode(self, packet: "Packet[VideoStream]") -> VideoFrame:
        """Return the picture of one packet.

        Raises
        ------
        DecodingError
            Where it is broken.
        """
        try:
            # A codec that reorders holds a picture back until it is told that none follows.
            frames = self._codec.decode(packet) or self._codec.decode(None)
        except av.error.FFmpegError as exc:
            self.undecodable += 1
            raise DecodingError(exc.errno, exc.strerror or "") from None
        finally:
            self._codec.flush_buffers()
        if not frames or frames[0].is_corrupt:
            self.undecodable += 1
            raise DecodingError(None, "a key frame without a whole picture")
        self.decoded += 1
        self.size_px = (frames[0].width, frames[0].height)
        return frames[0]


class Source:
    """A decoded picture at the size that the camera sent; see `analytics.frames.Source`."""

    def __init__(self, raw: VideoFrame) -> None:
        self._raw = raw

    @property
    def width_px(self) -> int:
        """Width of the picture."""
        return self._raw.width

    @property
    def height_px(self) -> int:
        """Height of the picture."""
        return self._raw.height

    def image(self) -> Image:
        """Return its pixels, BGR uint8 ``(h, w, 3)``."""
        return converted(self._raw, (self._raw.width, self._raw.height))


def frame_of(
    picture: DecodedPicture | KeyPicture, captured_at: datetime, within_px: tuple[int, int] | None
) -> Frame:
    """Decode a picture where it is packed, and return it as a frame.

    Parameters
    ----------
    within_px
        Width and height that its ``image`` is to fit in, see `fitted`; None keeps its size.

    Raises
    ------
    DecodingError
        Where it is broken.
    """
    raw = picture.decoded()
    whole_px = (raw.width, raw.height)
    size_px = whole_px if within_px is None else fitted(whole_px, within_px)
    source = None if size_px == whole_px else Source(raw)
    return Frame(converted(raw, size_px), captured_at, picture.media_s, picture.number, source)


def fitted(size_px: tuple[int, int], within_px: tuple[int, int]) -> tuple[int, int]:
    """Return a size of the same shape that fits, and is no larger than it was.

    It is that of the picture in a letterbox of ``within_px``: the detector has nothing to scale.
    """
    if size_px[0] <= within_px[0] and size_px[1] <= within_px[1]:
        return size_px
    letterbox = Letterbox.fit(*size_px, *within_px)
    return letterbox.scaled_width_px, letterbox.scaled_height_px


def converted(raw: VideoFrame, size_px: tuple[int, int]) -> Image:
    """Return a picture as BGR uint8 ``(h, w, 3)``, scaled in the same step.

    Averaged over the area of each pixel: what is skipped between two would flicker.
    """
    scaled = raw.reformat(
        width=size_px[0],
        height=size_px[1],
        format="bgr24",
        interpolation="AREA",
        # The other cores belong to other cameras.
        threads=1,
    )
    return scaled.to_ndarray().astype(np.uint8, copy=False)
