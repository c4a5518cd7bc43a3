"""Pictures of scenarios to look at: single ones, and all of a scenario's on one sheet."""

from collections.abc import Sequence

import cv2
import numpy as np

from analytics.frames import Image
from scripts.slow_scene.scenario import Step, Truth

_ACROSS = 3
_THERE, _NOT_THERE = (80, 220, 80), (80, 80, 230)


def sheet(steps: Sequence[Step], truth: Truth) -> Image:
    """Return a scenario's pictures side by side, BGR uint8, at half their size.

    A line under each thing's place is green while it is there, and red while it is not.
    """
    tiles = [_half(_marked(step, truth)) for step in steps]
    blank = np.zeros_like(tiles[0])
    tiles += [blank] * (-len(tiles) % _ACROSS)
    rows = [np.hstack(tiles[start : start + _ACROSS]) for start in range(0, len(tiles), _ACROSS)]
    return np.asarray(np.vstack(rows), np.uint8)


def _marked(step: Step, truth: Truth) -> Image:
    image = step.image.copy()
    for thing in truth.things:
        left, top, width, height = thing.box
        colour = _THERE if thing.there.holds(step.captured_at) else _NOT_THERE
        row = top + height + 5
        cv2.line(image, (left - 6, row), (left + width + 6, row), colour, 2)
    text = f"{step.captured_at:%d %H:%M}Z"
    cv2.putText(image, text, (8, 50), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 2)
    return image


def _half(image: Image) -> Image:
    half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.uint8)
