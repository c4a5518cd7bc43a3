"""Pictures of an incident: blurred first, then drawn on, then small enough to send.

Nothing here returns a picture with a person, a rider or a plate band in it that the detector saw;
where blurring or encoding fails there is no picture, and `EvidenceWithheldError` says so. The only
module of the edge that imports cv2.
"""

import hashlib
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import cv2
import numpy as np
import numpy.typing as npt

from analytics.detections import Detections, FloatArray
from analytics.frames import Frame, Image
from analytics.messages import (
    MAX_EVIDENCE_BYTES,
    EvidenceHeader,
    EvidenceMessage,
    EvidenceRole,
    MediaType,
    ViewBox,
    new_id,
)
from analytics.privacy import regions
from analytics.tracking import Tracks
from analytics.zones import Zone
from edge.errors import EvidenceWithheldError

_MOSAIC_CELLS = 10
"""Cells along the longer side of a blurred region, a person or a vehicle's plate band.

A plate is a quarter of a car's width and a face an eighth of a body's height: either is left with
two or three cells, where reading a plate or knowing a face takes eight or more.
"""
_MAX_SIDE_PX = 1920
_QUALITIES = (85, 70, 55, 40, 25)
_CLOSE_SHAPE = 4 / 3
_CLOSE_WIDTH_PX = 640
_LEAST_CLOSE_PX = 96
"""A smaller part of a picture shows no one where it is: of 640 pixels, a seventh of the width."""
_SPOTS_ACROSS = 4
"""Widths of the spot that a close-up shows: itself, and what is around it."""
_ZONE_COLOUR = (80, 200, 255)
_BOX_COLOUR = (255, 200, 60)


class Belonging(NamedTuple):
    """What a picture belongs to."""

    site: str
    camera: str
    incident_id: UUID


Spot = tuple[float, float, float, float]
"""``(x1, y1, x2, y2)`` of a small thing, in pixels of the frame; the origin is top left."""


def spot_of(box: ViewBox, size_px: tuple[int, int]) -> Spot:
    """Return a box in fractions of the view as a spot in a frame of ``size_px``."""
    width_px, height_px = size_px
    x1, y1, x2, y2 = box
    return x1 * width_px, y1 * height_px, x2 * width_px, y2 * height_px


def take(
    frame: Frame,
    detections: Detections,
    tracks: Tracks,
    zone: Zone | None,
    belonging: Belonging,
    *,
    spot: Spot | None = None,
) -> tuple[EvidenceMessage, ...]:
    """Return blurred pictures of a frame: as it was, with zone and vehicles drawn in, and close up.

    Parameters
    ----------
    frame
        It is not changed.
    detections
        All of the frame's, also the unsure ones; boxes in its pixels.
    tracks
        The vehicles that are drawn in.
    zone
        The zone that the incident is in; None where it concerns the whole view.
    spot
        Where in the frame a small thing is: it is drawn in, and a third picture shows it large.

    Raises
    ------
    EvidenceWithheldError
        Where a region could not be blurred, or a picture not be encoded within the limit.
    """
    try:
        hidden = regions(detections, frame.size_px)
        plain = blurred(frame.whole(), hidden)
        pictures = [
            (plain, EvidenceRole.CONTEXT),
            (_annotated(plain, zone, tracks.xyxy, spot), EvidenceRole.ANNOTATED),
        ]
        if spot is not None:
            # Of the blurred picture: whoever stands by the thing is hidden here too.
            pictures.append((_close_up(plain, spot), EvidenceRole.CLOSE_UP))
        return tuple(
            _message(image, role, frame.captured_at, len(hidden), belonging)
            for image, role in pictures
        )
    except (cv2.error, ValueError, MemoryError) as exc:
        raise _withheld(exc) from exc


def take_scene(
    scene: Image, detections: Detections, role: EvidenceRole, at: datetime, belonging: Belonging
) -> EvidenceMessage:
    """Return a blurred picture of a part of the empty scene, enlarged.

    Parameters
    ----------
    scene
        BGR uint8, ``(h, w, 3)``; it is not changed.
    detections
        All that was found in it, also the unsure; boxes in its pixels.
    at
        When it looked so.

    Raises
    ------
    EvidenceWithheldError
        Where a region could not be blurred, or the picture not be encoded within the limit.
    """
    try:
        height_px, width_px = scene.shape[:2]
        hidden = regions(detections, (width_px, height_px))
        large = _enlarged(blurred(scene, hidden))
        return _message(large, role, at, len(hidden), belonging)
    except (cv2.error, ValueError, MemoryError) as exc:
        raise _withheld(exc) from exc


def blurred(image: Image, boxes: FloatArray) -> Image:
    """Return a copy of a picture in which regions are unreadable.

    Parameters
    ----------
    image
        BGR uint8, shape ``(h, w, 3)``.
    boxes
        Regions in whole pixels within the picture, shape ``(n, 4)``.

    Raises
    ------
    ValueError
        Where a region is not finite: what cannot be placed cannot be hidden.

    Notes
    -----
    Each region is reduced to `_MOSAIC_CELLS` cells across and enlarged again: the detail is gone,
    not smeared, and cannot be computed back as that of a Gaussian blur can.
    """
    if not np.isfinite(boxes).all():
        msg = "a region to blur is not finite"
        raise ValueError(msg)
    result = image.copy()
    for x1, y1, x2, y2 in boxes.astype(int):
        # Read from the result: where regions overlap, nothing that was covered comes back.
        region = result[y1:y2, x1:x2]
        height, width = region.shape[:2]
        cell_px = max(width, height) / _MOSAIC_CELLS
        cells = (max(1, round(width / cell_px)), max(1, round(height / cell_px)))
        small = cv2.resize(region, cells, interpolation=cv2.INTER_AREA)
        large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        result[y1:y2, x1:x2] = large
    return result


def _annotated(image: Image, zone: Zone | None, vehicles: FloatArray, spot: Spot | None) -> Image:
    result = image.copy()
    height, width = image.shape[:2]
    line_px = max(1, round(width / 640))
    for x1, y1, x2, y2 in vehicles.astype(int).tolist():
        cv2.rectangle(result, (x1, y1), (x2, y2), _BOX_COLOUR, line_px, cv2.LINE_AA)
    if zone is not None:
        _outline(result, zone.polygon * (width, height), line_px)
    if spot is not None:
        x1, y1, x2, y2 = spot
        margin_px = 4 * line_px  # so that the outline hides nothing of what it shows
        left, top, right, bottom = x1 - margin_px, y1 - margin_px, x2 + margin_px, y2 + margin_px
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        _outline(result, corners, line_px)
    return result


def _outline(image: Image, corners: npt.NDArray[np.float64], line_px: int) -> None:
    outline = np.round(corners).astype(np.int32)
    cv2.polylines(image, [outline], isClosed=True, color=(0, 0, 0), thickness=3 * line_px)
    cv2.polylines(image, [outline], isClosed=True, color=_ZONE_COLOUR, thickness=line_px + 1)


def _close_up(image: Image, spot: Spot) -> Image:
    """Return the part of a picture around a spot, enlarged."""
    height_px, width_px = image.shape[:2]
    x1, y1, x2, y2 = spot
    asked_px = max(_SPOTS_ACROSS * max(x2 - x1, (y2 - y1) * _CLOSE_SHAPE), _LEAST_CLOSE_PX)
    across_px = max(2, round(min(asked_px, width_px, height_px * _CLOSE_SHAPE)))
    down_px = min(max(2, round(across_px / _CLOSE_SHAPE)), height_px)
    left = round(min(max((x1 + x2 - across_px) / 2, 0), width_px - across_px))
    top = round(min(max((y1 + y2 - down_px) / 2, 0), height_px - down_px))
    return _enlarged(image[top : top + down_px, left : left + across_px])


def _enlarged(image: Image) -> Image:
    height_px, width_px = image.shape[:2]
    scale = max(1.0, _CLOSE_WIDTH_PX / width_px)
    size = (round(width_px * scale), round(height_px * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _withheld(exc: Exception) -> EvidenceWithheldError:
    return EvidenceWithheldError(f"{type(exc).__name__}: {' '.join(str(exc).split())}")


def _message(
    image: Image, role: EvidenceRole, captured_at: datetime, regions_count: int, to: Belonging
) -> EvidenceMessage:
    content, (width_px, height_px) = _jpeg(image)
    header = EvidenceHeader(
        message_id=new_id(captured_at),
        incident_id=to.incident_id,
        site=to.site,
        camera=to.camera,
        role=role,
        media_type=MediaType.JPEG,
        sha256=hashlib.sha256(content).hexdigest(),
        width_px=width_px,
        height_px=height_px,
        captured_at=captured_at,
        blurred_regions=regions_count,
    )
    return EvidenceMessage(header, content)


def _jpeg(image: Image) -> tuple[bytes, tuple[int, int]]:
    """Return the best JPEG of a picture that fits the wire, and its width and height."""
    height, width = image.shape[:2]
    scale = min(1.0, _MAX_SIDE_PX / max(height, width))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    for quality in _QUALITIES:
        content = _encode(image, quality)
        if len(content) <= MAX_EVIDENCE_BYTES:
            return content, (image.shape[1], image.shape[0])
    msg = f"a {width}x{height} picture does not fit in {MAX_EVIDENCE_BYTES} bytes as a JPEG"
    raise ValueError(msg)


def _encode(image: Image, quality: int) -> bytes:
    is_done, buffer = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not is_done:
        msg = f"a picture of shape {image.shape} could not be encoded as JPEG"
        raise ValueError(msg)
    return buffer.tobytes()
