"""Pictures as an H.264 film that a street camera could have sent."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

WIDTH_PX, HEIGHT_PX = 1920, 1080
FRAMES_PER_S = 25
BITS_PER_S = 4_000_000
KEY_FRAME_EVERY = 50
"""Two seconds, what most cameras are shipped with."""


def write_film(path: Path, images: Iterable[npt.NDArray[np.uint8]]) -> Path:
    """Write a film of 1080p, 25 frames/s, about 4 Mb/s, without B frames, and return ``path``.

    ``images`` are BGR, each of shape ``(1080, 1920, 3)``.
    """
    # The name says that it is whole: an interrupted run must not leave half a film behind.
    partial = path.with_suffix(".part.mp4")
    rate = f"vbv-maxrate={BITS_PER_S // 1000}:vbv-bufsize={BITS_PER_S // 1000}"
    shape = f"bframes=0:keyint={KEY_FRAME_EVERY}:min-keyint={KEY_FRAME_EVERY}:scenecut=0"
    options = {"preset": "superfast", "x264-params": f"{shape}:{rate}"}
    with av.open(str(partial), "w") as container:
        stream = container.add_stream("libx264", rate=FRAMES_PER_S, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        stream.bit_rate = BITS_PER_S
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_S)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return partial.replace(path)
