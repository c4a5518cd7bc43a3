"""What somebody would run instead on a camera, as a process of its own: ``KIND URL... --seconds``.

Prints its processor seconds per second and camera, start-up not counted.
"""

import argparse
import os
import threading
import time
from collections.abc import Callable, Sequence

FRAMES_PER_S = 25
STRIDE = 50
"""A look every two seconds, as ours has it."""

SIDE_PX = 640


def main() -> None:
    """Run one peer and print what it takes."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.farm_peer", description=__doc__)
    parser.add_argument("kind", choices=["unpack", "capture", "ultralytics"])
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--weights", default="", help="what ultralytics runs, .onnx or .pt")
    options = parser.parse_args()
    watch = {"unpack": _unpack, "capture": _capture, "ultralytics": _ultralytics}[options.kind]
    watch(options.urls, options.weights, _Clock(len(options.urls), options.seconds))
    # Foreign threads that still read must not be torn down with the interpreter: that aborts.
    os._exit(0)


class _Clock:
    """Measures from when every camera has been looked at, and ends the process."""

    def __init__(self, cameras: int, seconds: float) -> None:
        self._waiting = cameras
        self._seconds = seconds
        self._lock = threading.Lock()
        self._began: tuple[float, float] | None = None

    def looked(self, *, is_first: bool) -> None:
        """Note a look; the last camera's first one starts the clock."""
        with self._lock:
            self._waiting -= is_first
            if self._waiting == 0 and self._began is None:
                self._began = (time.monotonic(), time.process_time())

    def is_over(self, cameras: int) -> bool:
        """Tell whether the time is over; print what it took, once it is."""
        if self._began is None or time.monotonic() - self._began[0] < self._seconds:
            return False
        wall_s, processor_s = time.monotonic() - self._began[0], time.process_time()
        print((processor_s - self._began[1]) / wall_s / cameras, flush=True)
        return True


def _each(urls: Sequence[str], watch: Callable[[str], None], clock: _Clock) -> None:
    for url in urls:
        threading.Thread(target=watch, args=(url,), daemon=True).start()
    while not clock.is_over(len(urls)):
        time.sleep(0.1)


def _unpack(urls: Sequence[str], _weights: str, clock: _Clock) -> None:
    import av

    def read(url: str) -> None:
        with av.open(url, options={"rtsp_transport": "tcp"}) as container:
            for number, _ in enumerate(container.demux(container.streams.video[0])):
                clock.looked(is_first=number == 0)

    _each(urls, read, clock)


def _capture(urls: Sequence[str], _weights: str, clock: _Clock) -> None:
    import cv2
    import numpy as np

    from models.manifest import find_manifest, load_manifest
    from models.onnx_detector import OnnxDetector
    from scripts.bench.edge_child import MODEL

    cv2.setNumThreads(1)

    def watch(url: str) -> None:
        detector = OnnxDetector(load_manifest(find_manifest(MODEL)))
        capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        number = 0
        while True:
            is_read, image = capture.read()
            if not is_read:
                os._exit(1)
            if number % STRIDE == 0:
                detector.detect(image.astype(np.uint8, copy=False))
                clock.looked(is_first=number == 0)
            number += 1

    _each(urls, watch, clock)


def _ultralytics(urls: Sequence[str], weights: str, clock: _Clock) -> None:
    from ultralytics import YOLO

    model = YOLO(weights, task="detect")
    (url,) = urls
    results = model.predict(
        url, stream=True, vid_stride=STRIDE, imgsz=SIDE_PX, verbose=False, device="cpu"
    )
    for number, _ in enumerate(results):
        clock.looked(is_first=number == 0)
        if clock.is_over(1):
            return


if __name__ == "__main__":
    main()
