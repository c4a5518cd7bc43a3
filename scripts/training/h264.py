"""A picture as a camera's H.264 stream would show it."""

from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from analytics.frames import Image


def as_sent(image: Image, *, quality: int) -> Image:
    """Return a picture, BGR uint8 ``(h, w, 3)``, after one key frame of H.264.

    Parameters
    ----------
    quality
        x264's constant rate factor: 20 is good, 28 what a cheap camera sends, 40 hardly readable.

    Notes
    -----
    H.264 codes colours in pairs of pixels: an odd last row or column is made even, and cut again.
    """
    height, width = image.shape[:2]
    even = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.height, encoder.width = even.shape[:2]
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"crf": str(quality), "preset": "veryfast", "tune": "zerolatency"}
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    packets = [*encoder.encode(av.VideoFrame.from_ndarray(even, format="bgr24")), *encoder.encode()]
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    frames += decoder.decode()
    sent = frames[0].to_ndarray(format="bgr24")
    return np.asarray(sent[:height, :width], np.uint8)
