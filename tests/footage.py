"""Small films that the tests make themselves: no recorded street is needed to test a stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

DARK = 0.2
ARRIVING = 0.62
BRIGHT = 0.8


@dataclass(frozen=True)
class Segment:
    """A stretch of one brightness, from 0 (black) to 1 (white)."""

    brightness: float
    seconds: float


def write_clip(
    path: Path,
    segments: Sequence[Segment | tuple[float, float]] = (Segment(0.5, 2.0),),
    *,
    fps: int = 10,
    size: tuple[int, int] = (320, 192),
    codec: str = "h264",
    gop: int = 10,
) -> Path:
    """Write a film of slightly textured grey, one segment after the other, without B frames.

    ``size`` is ``(width, height)`` in pixels; ``gop`` is the number of frames from one key frame to
    the next. A test finds out which frame it was given by its mean brightness. Returns ``path``.
    """
    width, height = size
    texture = np.random.default_rng(0).integers(-6, 7, (height, width, 1), dtype=np.int16)
    encoder = {"h264": "libx264", "h265": "libx265", "mpeg4": "mpeg4", "av1": "libsvtav1"}[codec]
    quiet = {"h265": {"x265-params": "log-level=none:bframes=0"}}.get(codec, {})
    fast = {"preset": "ultrafast", "tune": "zerolatency"} if codec in {"h264", "h265"} else {}
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream(encoder, rate=fps, options=fast | quiet)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = gop
        stream.codec_context.max_b_frames = 0
        stream.codec_context.thread_count = 1
        number = 0
        for segment in segments:
            brightness, seconds = (
                (segment.brightness, segment.seconds) if isinstance(segment, Segment) else segment
            )
            image = grey(brightness, texture)
            for _ in range(round(seconds * fps)):
                frame = av.VideoFrame.from_ndarray(image, format="bgr24")
                frame.pts, frame.time_base = number, Fraction(1, fps)
                container.mux(stream.encode(frame))
                number += 1
        container.mux(stream.encode(None))
    return path


def trim_clip(film: Path, path: Path, *, seconds: float) -> Path:
    """Copy ``film``, an edit list leaving out its first ``seconds``, and return ``path``.

    All packets are still in it, as after a cut without encoding anew.
    """
    options = {"movflags": "+faststart", "avoid_negative_ts": "disabled"}
    with av.open(str(film)) as source, av.open(str(path), "w", options=options) as container:
        video = source.streams.video[0]
        stream = container.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            shift = round(seconds / packet.time_base)
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, stream
            container.mux(packet)
    return path


def jam(seconds: float) -> list[Segment]:
    """Return a jam of `seconds` for the tiny model: its vehicles arrive, roll on, and stand."""
    return [Segment(ARRIVING, 1.0), Segment(BRIGHT, seconds - 1.0)]


def grey(brightness: float, texture: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
    """Return a BGR image ``(h, w, 3)`` of ``brightness`` with ``texture``, ``(h, w, 1)``, on it."""
    plane = np.clip(np.int16(round(brightness * 255)) + texture, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(plane, (*plane.shape[:2], 3)))


def write_audio_only(path: Path, seconds: float = 1.0) -> Path:
    """Write an MP4 that holds sound and no picture, and return ``path``."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        for number in range(round(seconds * 16000 / 1024)):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts = 16000, number * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
