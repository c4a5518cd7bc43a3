"""One inspection of a view: its zones' tiles, looked at one by one."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from analytics.background import Background
from analytics.blocks import Window
from analytics.detections import Detections
from analytics.messages import IncidentKind
from analytics.slow_finding import CameraGround
from analytics.tiles import TileSize, completed, split, tiles
from analytics.zones import Zone
from edge.quiet_tiles import QuietTiles
from models.detector import Detector

_WANTED_PX_PER_M: Final = {IncidentKind.POTHOLE: 100.0, IncidentKind.RUBBISH: 60.0}
"""How large a metre is to be for a model, as in the pictures that it was trained on."""
_ZOOMS: Final = (0.5, 2.0)
_WIDE_PX: Final = {IncidentKind.POTHOLE: 1280, IncidentKind.RUBBISH: 960}
"""Width that a narrower view is enlarged to where no metre is known; wider ones are not. Measured
on streets 640 px wide: the model is 0.8 sure of heaps of 32 to 46 px, and 0.53 to 0.69 where they
are not enlarged."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A zone and what is looked for in it."""

    kind: IncidentKind
    zone: Zone


class Inspection:
    """Looks at each tile of some zones once, where that may tell something. Not thread-safe.

    Parameters
    ----------
    tasks
        What is looked for where.
    detectors
        What finds each kind.
    quiet
        What is known of tiles without a look; each look is noted there.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        detectors: Mapping[IncidentKind, Detector],
        ground: CameraGround,
        quiet: QuietTiles,
    ) -> None:
        self._tasks = tasks
        self._detectors = detectors
        self._quiet = quiet
        quiet.begin()
        self._view_px = (ground.width_px, ground.height_px)
        self._boxes: list[list[Detections]] = [[] for _ in tasks]
        self._cut_off: list[list[Detections]] = [[] for _ in tasks]
        self._left: deque[tuple[int, Window]] = deque(
            (number, window)
            for number, task in enumerate(tasks)
            for window in tiles(task.zone, self._size(task, ground), self._view_px)
        )

    @property
    def is_done(self) -> bool:
        """Whether what each tile shows is known."""
        return not self._left

    def step(self, background: Background, at: datetime) -> None:
        """Look at one more tile of an empty scene, after those that need no look.

        Raises
        ------
        models.errors.DetectorError
            Where the inference failed; the tile counts as looked at.
        """
        while self._left:
            number, window = self._left.popleft()
            kind = self._tasks[number].kind
            known = self._quiet.found((kind, window), background, at)
            if known is None:
                seen = self._detectors[kind].detect(background.picture(window))
                self._quiet.note((kind, window), seen, background, at)
                self._take(number, window, seen)
                return
            self._take(number, window, known)

    def results(self) -> list[Detections]:
        """Return each task's boxes in pixels of the view, each thing once."""
        return [completed(*parts) for parts in zip(self._boxes, self._cut_off, strict=True)]

    def _take(self, number: int, window: Window, seen: Detections) -> None:
        whole, cut_off = split(seen, window, self._view_px)
        self._boxes[number].append(whole)
        self._cut_off[number].append(cut_off)

    def _size(self, task: Task, ground: CameraGround) -> TileSize:
        size = self._detectors[task.kind].manifest.input
        zoom = zoom_of(task, ground)
        return TileSize.fitting((size.width_px, size.height_px), zoom, self._view_px)


def zoom_of(task: Task, ground: CameraGround) -> float:
    """Return how much a zone is enlarged for its model."""
    x, y = task.zone.polygon.mean(axis=0).tolist()
    px_per_m = ground.px_per_m(x, y)
    if px_per_m is None:
        return max(1.0, _WIDE_PX[task.kind] / ground.width_px)
    low, high = _ZOOMS
    return min(max(_WANTED_PX_PER_M[task.kind] / px_per_m, low), high)
