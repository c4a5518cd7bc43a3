"""Backgrounds held against each other on the simulated films, whose empty scene is known.

::

    python -m scripts.bench.background [--picture FILE]

prints the table of ``docs/slow-scene.md``. Each learns from one look in two seconds.
"""

import argparse
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from analytics.background import Background, BackgroundRule
from analytics.blocks import Blocks
from analytics.detections import BoolArray, FloatArray
from analytics.eyesight import READY_SHARE
from analytics.frames import Image
from analytics.hidden_ground import hidden_boxes
from analytics.zones import Zone
from models.detector import Detector
from models.manifest import find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from models.opencv import limit_threads, write_image
from scripts.bench.slow_scene import camera_blocks
from scripts.rtsp.street_films import FOOTAGE
from scripts.twin.film.stills import frames_of
from scripts.twin.truth import Truth, read_truth

VIEWS: Final = (
    ("junction-jam", "junction-red-lights"),
    ("street-dense",),
    ("junction-rain",),
    ("junction-night-rain",),
    ("junction-rubbish",),
)
"""Films; those of one camera by one light have one empty scene."""
FILMS: Final = tuple(name for view in VIEWS for name in view)
SHOWN: Final = "junction-jam"
MODEL: Final = "traffic-int8"
LOOK_EVERY_S: Final = 2.0
OFF_LEVELS: Final = 20.0
"""Grey levels from which on a pixel shows something else than the empty scene."""
READY: Final = 0.02
"""Share of such pixels under which a background is ready."""

_TRUE_EVERY_S: Final = 1.0
_WIDER: Final = 0.25
"""Of a true box's width and height, on each side: its shadow counts as traffic."""
_LEAST_FREE: Final = 5
"""Frames in which a pixel must be free, for its empty scene to be known."""
_MOG2_BYTES: Final = 5 * (2 + 3) * 4 + 1
"""A pixel: five Gaussians, each a weight, a variance and three means as floats, and their count."""
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_PANEL_PX: Final = (480, 270)
_JPEG_QUALITY: Final = 70

_Grey = npt.NDArray[np.float32]


class _Learner(Protocol):
    """Learns an empty scene, look by look."""

    def look(self, image: Image, hidden: FloatArray) -> None:
        """Take one look in; ``hidden`` are boxes of the traffic, in pixels."""

    def scene(self) -> tuple[Image, BoolArray]:
        """Return the empty scene, and which of its pixels are known, ``(h, w)``."""


class _Ours:
    def __init__(self, blocks: Blocks, *, hides: bool) -> None:
        self._background = Background(blocks, BackgroundRule(every_s=0.0))
        self._hides = hides
        self._at = _BEGIN

    def look(self, image: Image, hidden: FloatArray) -> None:
        boxes = hidden if self._hides else hidden[:0]
        hides = self._background.blocks.touched(boxes)
        self._background.look(image, hides, self._at)
        self._at += timedelta(seconds=LOOK_EVERY_S)

    def scene(self) -> tuple[Image, BoolArray]:
        blocks, known = self._background.blocks, self._background.known
        window = (0, 0, *blocks.size_px)
        shown = blocks.picture(np.full_like(self._background.ground, 255), window, known)
        return self._background.picture(window), shown[:, :, 0] == 255


class _Median:
    def __init__(self, looks: int) -> None:
        self._looks: deque[Image] = deque(maxlen=looks)

    def look(self, image: Image, hidden: FloatArray) -> None:
        self._looks.append(image)

    def scene(self) -> tuple[Image, BoolArray]:
        middle = np.median(np.stack(self._looks), axis=0).astype(np.uint8)
        return middle, np.ones(middle.shape[:2], np.bool_)


class _Mog2:
    """OpenCV's, with what it takes by default but for the shadows, which it would mark only."""

    def __init__(self) -> None:
        self._model = cv2.createBackgroundSubtractorMOG2(detectShadows=False)

    def look(self, image: Image, hidden: FloatArray) -> None:
        self._model.apply(image)

    def scene(self) -> tuple[Image, BoolArray]:
        image = self._model.getBackgroundImage().astype(np.uint8, copy=False)
        return image, np.ones(image.shape[:2], np.bool_)


LEARNERS: Mapping[str, Callable[[Blocks], _Learner]] = {
    "ours": lambda blocks: _Ours(blocks, hides=True),
    "ours, nothing hidden": lambda blocks: _Ours(blocks, hides=False),
    "median of 15": lambda _: _Median(15),
    "median of 31": lambda _: _Median(31),
    "MOG2": lambda _: _Mog2(),
}


@dataclass(frozen=True, slots=True)
class Residual:
    """What one background shows of the traffic, look by look.

    Attributes
    ----------
    wrong
        Share of its known pixels that show something else than the empty scene, 0 to 1.
    known
        Share of the pixels that it knows, 0 to 1.
    """

    wrong: Sequence[float]
    known: Sequence[float]

    @property
    def left(self) -> float:
        """What is wrong, mean over the second half of the film."""
        return float(np.mean(self.wrong[len(self.wrong) // 2 :]))

    @property
    def ready_s(self) -> float | None:
        """Seconds until it is ready and stays so to the end; None where it never is."""
        is_ready = [
            wrong < READY and known >= READY_SHARE
            for wrong, known in zip(self.wrong, self.known, strict=True)
        ]
        if not is_ready[-1]:
            return None
        first = len(is_ready) - next(
            (late for late, ready in enumerate(reversed(is_ready)) if not ready), len(is_ready)
        )
        return first * LOOK_EVERY_S


@dataclass(frozen=True, slots=True, eq=False)
class Empty:
    """The true empty scene of a film's road zones.

    Attributes
    ----------
    at
        Pixels of the zones of which it is known, bool, ``(h, w)``.
    grey
        Their grey levels, ``(n,)``.
    share
        How much of the zones that is, 0 to 1.
    """

    at: BoolArray
    grey: _Grey
    share: float


def main() -> int:
    """Print the table, and write the picture where one is asked for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.background")
    parser.add_argument("--films", nargs="+", choices=FILMS, default=FILMS)
    parser.add_argument("--picture", type=Path, metavar="FILE", help=f"JPEG of {SHOWN}")
    arguments = parser.parse_args()
    limit_threads(1)
    detector = OnnxDetector(load_manifest(find_manifest(MODEL)), threads=1)
    print("| film | judged | " + " | ".join(LEARNERS) + " |")
    print("|---" * (len(LEARNERS) + 2) + "|")
    for name in arguments.films:
        film, truth = _film(name)
        empty = empty_scene(next(view for view in VIEWS if name in view))
        learners = {what: make(_blocks(truth)) for what, make in LEARNERS.items()}
        results, last = compare(film, empty, detector, learners)
        cells = [_shown(results[what]) for what in LEARNERS]
        print(f"| `{name}` | {empty.share:.0%} | " + " | ".join(cells) + " |", flush=True)
        if arguments.picture is not None and name == SHOWN:
            _write_picture(arguments.picture, last, learners)
    print("| MB at 1080p |  | " + " | ".join(f"{mb:.3g}" for mb in _memory_mb()) + " |")
    return 0


def compare(
    film: Path, empty: Empty, detector: Detector, learners: Mapping[str, _Learner]
) -> tuple[Mapping[str, Residual], Image]:
    """Let all learn a film, and return what each shows of its traffic, and the last look."""
    wrong: dict[str, list[float]] = {what: [] for what in learners}
    known: dict[str, list[float]] = {what: [] for what in learners}
    image = np.zeros((1, 1, 3), np.uint8)
    for _, image in frames_of(film, 1 / LOOK_EVERY_S):
        hidden = hidden_boxes(detector.detect(image))
        for what, learner in learners.items():
            learner.look(image, hidden)
            scene, is_known = learner.scene()
            known_there = is_known[empty.at]
            off = np.abs(_grey(scene)[empty.at] - empty.grey) > OFF_LEVELS
            wrong[what].append(float(off[known_there].mean()) if known_there.any() else 0.0)
            known[what].append(float(known_there.mean()))
    return {what: Residual(wrong[what], known[what]) for what in learners}, image


def empty_scene(names: Sequence[str]) -> Empty:
    """Return the median over the frames of films of one view of what no true box covers.

    Pixels that are hardly ever free are left out.
    """
    at: BoolArray = np.zeros((0, 0), np.bool_)
    greys, free = [], []
    for name in names:
        film, truth = _film(name)
        at = _in_zones(truth)
        for second, image in frames_of(film, 1 / _TRUE_EVERY_S):
            greys.append(_grey(image)[at])
            frame = truth.frames[min(round(second * truth.fps), len(truth.frames) - 1)]
            free.append(~_covered([seen.box for seen in frame.objects], at.shape)[at])
    is_known = np.sum(free, axis=0) >= _LEAST_FREE
    seen = np.where(np.stack(free)[:, is_known], np.stack(greys)[:, is_known], np.nan)
    grey: _Grey = np.nanmedian(seen, axis=0).astype(np.float32)
    known = at.copy()
    known[at] = is_known
    return Empty(known, grey, float(is_known.mean()))


def _memory_mb() -> Sequence[float]:
    """Return what each keeps of a 1080p camera's zones, in the order of `LEARNERS`."""
    blocks = camera_blocks()
    pixels = len(blocks) * blocks.side_px**2
    ours = Background(blocks, BackgroundRule()).nbytes
    kept = (ours, ours, 15 * 3 * pixels, 31 * 3 * pixels, _MOG2_BYTES * pixels)
    return [one / 1e6 for one in kept]


def _film(name: str) -> tuple[Path, Truth]:
    film = FOOTAGE / f"{name}.mp4"
    return film, read_truth(film.with_suffix(".json"))


def _blocks(truth: Truth) -> Blocks:
    zones = [Zone.of(name, zone.polygon) for name, zone in truth.zones.items()]
    return Blocks.of(zones, truth.size)


def _in_zones(truth: Truth) -> BoolArray:
    width, height = truth.size
    mask = np.zeros((height, width), np.uint8)
    for zone in truth.zones.values():
        corners = np.round(np.array(zone.polygon) * truth.size).astype(np.int32)
        cv2.fillPoly(mask, [corners], 1)
    return mask.astype(np.bool_)


def _covered(boxes: Sequence[Sequence[float]], shape: tuple[int, ...]) -> BoolArray:
    covered = np.zeros(shape, np.bool_)
    for x1, y1, x2, y2 in boxes:
        dx, dy = _WIDER * (x2 - x1), _WIDER * (y2 - y1)
        rows = slice(max(round(y1 - dy), 0), max(round(y2 + dy) + 1, 0))
        covered[rows, max(round(x1 - dx), 0) : max(round(x2 + dx) + 1, 0)] = True
    return covered


def _grey(image: Image) -> _Grey:
    grey: _Grey = image.mean(axis=2, dtype=np.float32)
    return grey


def _shown(result: Residual) -> str:
    ready = "never" if result.ready_s is None else f"{result.ready_s:.0f} s"
    return f"{ready}; {result.left:.1%}; {1 - result.known[-1]:.0%}"


def _write_picture(path: Path, last: Image, learners: Mapping[str, _Learner]) -> None:
    """Write what each learnt, and the last look, three in a row."""
    pictures = {"a look": last, **{what: one.scene()[0] for what, one in learners.items()}}
    panels = [_panel(image, what) for what, image in pictures.items()]
    rows = [np.concatenate(panels[first : first + 3], axis=1) for first in (0, 3)]
    write_image(path, np.concatenate(rows), jpeg_quality=_JPEG_QUALITY)


def _panel(image: Image, what: str) -> Image:
    panel = cv2.resize(image, _PANEL_PX, interpolation=cv2.INTER_AREA)
    cv2.rectangle(panel, (0, 0), (12 + 9 * len(what), 26), (0, 0, 0), cv2.FILLED)
    cv2.putText(
        panel, what, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (255, 255, 255), 1, cv2.LINE_AA
    )
    return panel.astype(np.uint8, copy=False)


if __name__ == "__main__":
    sys.exit(main())
