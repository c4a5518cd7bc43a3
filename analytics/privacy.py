"""Which parts of a picture must be unreadable before it leaves the edge.

Rules, no pixels: `edge.evidence` does the blurring. People and riders are covered whole; of
vehicles the band in which number plates sit, front or back.
"""

import numpy as np

from analytics.detections import Detections, FloatArray, ObjectClass

_WHOLE = (ObjectClass.PERSON, ObjectClass.MOTORCYCLE, ObjectClass.BICYCLE)
_PLATED = (ObjectClass.CAR, ObjectClass.BUS, ObjectClass.TRUCK)
NEEDED = frozenset({ObjectClass.PERSON, ObjectClass.MOTORCYCLE, ObjectClass.CAR})
"""What a detector must know for its pictures to be shown: without it, people stay readable."""

_MARGIN = 0.1
_PLATE_BAND_TOP = 0.55
"""Plates of cars, buses and lorries hang in the lower half of the box, seen from a pole."""


def regions(detections: Detections, size_px: tuple[int, int]) -> FloatArray:
    """Return the parts of a frame to blur.

    Parameters
    ----------
    detections
        All of the frame's, also the unsure ones: a person half seen is a person.
    size_px
        Width and height of the frame.

    Returns
    -------
    FloatArray
        Boxes ``(x1, y1, x2, y2)`` in whole pixels within the frame, shape ``(m, 4)``; each holds at
        least one pixel.

    Notes
    -----
    Boxes are widened by a tenth of their size on each side, since a detector's edges are uncertain
    by about that much. A motorcycle's box holds its rider and its plate, so all of it is covered.
    """
    whole = detections.xyxy[detections.of_class(*_WHOLE)]
    bands = detections.xyxy[detections.of_class(*_PLATED)].copy()
    bands[:, 1] += _PLATE_BAND_TOP * (bands[:, 3] - bands[:, 1])
    boxes = np.concatenate([whole, bands])
    margin = _MARGIN * (boxes[:, 2:] - boxes[:, :2])
    low = np.floor(boxes[:, :2] - margin)
    high = np.ceil(boxes[:, 2:] + margin)
    limit = np.tile(np.asarray(size_px, np.float32), 2)
    covered = np.clip(np.concatenate([low, high], axis=1), 0, limit).astype(np.float32)
    is_outside = (covered[:, 2:] <= covered[:, :2]).any(axis=1)
    within: FloatArray = covered[~is_outside]
    return within
