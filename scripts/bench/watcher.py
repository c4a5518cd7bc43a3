"""One process that watches a film as so many cameras, and prints its peak memory in megabytes.

``python -m scripts.bench.watcher pipeline|capture CAMERAS FILM OUTBOX``; `scripts.bench.memory`
starts it.
"""

import sys
from pathlib import Path

import numpy as np

from edge.sampling import Sampling
from models.opencv import limit_threads
from scripts.bench.decode import LOOKS_PER_S, open_capture
from scripts.bench.detector import load_detector
from scripts.bench.film import HEIGHT_PX, WIDTH_PX
from scripts.bench.memory import peak_rss_mb
from scripts.bench.watching import WHOLE_VIEW, camera_of, watch

FRAMES = 100
"""After so many a decoder has every picture in memory that it will ever hold."""


def main() -> None:
    """Do what the command line says."""
    kind, cameras, film, outbox = sys.argv[1:]
    limit_threads(1)
    if kind == "capture":
        _read(Path(film), int(cameras))
    else:
        _watch(Path(film), int(cameras), Path(outbox))
    print(peak_rss_mb())


def _watch(film: Path, cameras: int, outbox: Path) -> None:
    detector = load_detector()
    detector.detect(np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8))
    films = [(film, camera_of(f"camera-{number}", WHOLE_VIEW)) for number in range(cameras)]
    watch(films, detector, outbox, sampling=Sampling(LOOKS_PER_S))


def _read(film: Path, cameras: int) -> None:
    captures = [open_capture(film) for _ in range(cameras)]
    for _ in range(FRAMES):
        for capture in captures:
            capture.read()


if __name__ == "__main__":
    main()
