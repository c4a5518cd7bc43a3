"""What a place looks like in the empty scene, as it is and as it was."""

from datetime import datetime
from typing import Final

from analytics.background import Background
from analytics.blocks import Window
from analytics.detections import FloatArray
from analytics.frames import Image
from analytics.ground import AROUND, Ground, box_px, grown
from analytics.messages import ViewBox
from analytics.places import Place, Scene
from analytics.road_surface import is_stain

_LEAST_SCENE_PX: Final = 64


def before_of(place: Place, ground: Ground) -> Scene | None:
    """Return how a place looked, see `Place.before`; None where not known at this size."""
    before = place.before
    return before if before is not None and before.size_px == ground.size_px else None


def scene(background: Background, box: ViewBox, at: datetime) -> Scene:
    """Return the empty scene around a box, as it is at ``at``."""
    size_px = background.blocks.size_px
    window = _window(box_px(box, size_px), size_px)
    return Scene(background.picture(window), window, size_px, at)


def then_and_now(
    ground: Ground, before: Scene, box: ViewBox, times: float
) -> tuple[Image, Image, tuple[float, float, float, float]]:
    """Return a place as it is and as it was, and in these its box, so many times as large."""
    now = ground.background.picture(before.window)
    inner = _within(before.window, grown(box_px(box, ground.size_px), times))
    return now, before.image, inner


def is_stained(background: Background, box: FloatArray) -> bool:
    """Return whether a box in pixels lies on a stain, see `analytics.road_surface`."""
    window = _window(box, background.blocks.size_px)
    return is_stain(background.picture(window), _within(window, box))


def _window(box: FloatArray, size_px: tuple[int, int]) -> Window:
    x1, y1, x2, y2 = grown(box, AROUND).tolist()
    width, height = max(x2 - x1, _LEAST_SCENE_PX), max(y2 - y1, _LEAST_SCENE_PX)
    middle = (x1 + x2) / 2, (y1 + y2) / 2
    left = round(min(max(middle[0] - width / 2, 0), max(size_px[0] - width, 0)))
    top = round(min(max(middle[1] - height / 2, 0), max(size_px[1] - height, 0)))
    return left, top, min(round(left + width), size_px[0]), min(round(top + height), size_px[1])


def _within(window: Window, box: FloatArray) -> tuple[float, float, float, float]:
    """Return a box in pixels of a window."""
    left, top = window[:2]
    x1, y1, x2, y2 = box.tolist()
    return x1 - left, y1 - top, x2 - left, y2 - top
