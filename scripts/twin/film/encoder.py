"""H.264 as a cheap camera sends it. The only module here that imports PyAV."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av

from scripts.twin.film.sensor import Image

QUALITY_CRF = 30
GROUP_S = 2
"""Seconds from one key frame to the next: what most cameras are shipped with."""


class FilmWriter:
    """Writes pictures to an MP4 file; use it in a ``with`` statement.

    The same pictures give the same bytes: one thread, no scene cuts, no B frames. The file has its
    name only once it is whole.

    Parameters
    ----------
    size
        Width and height, even numbers of pixels.
    """

    def __init__(self, file: Path, size: tuple[int, int], fps: int) -> None:
        self._file = file
        self._partial = file.with_suffix(".part.mp4")
        self._fps = fps
        self._frames = 0
        gop = GROUP_S * fps
        self._container = av.open(str(self._partial), "w", options={"movflags": "+faststart"})
        stream = self._container.add_stream(
            "libx264",
            rate=fps,
            options={
                "preset": "medium",
                "crf": str(QUALITY_CRF),
                "x264-params": f"bframes=0:keyint={gop}:min-keyint={gop}:scenecut=0",
            },
        )
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        self._stream = stream

    def __enter__(self) -> "FilmWriter":
        """Return itself."""
        return self

    def write(self, image: Image) -> None:
        """Append one picture, ``(h, w, 3)`` BGR."""
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts, frame.time_base = self._frames, Fraction(1, self._fps)
        self._container.mux(self._stream.encode(frame))
        self._frames += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file, or leave none behind after an error."""
        if kind is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        if kind is None:
            self._partial.replace(self._file)
        else:
            self._partial.unlink(missing_ok=True)
