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

from analytics.detections import Detections, FloatArray
from analytics.frames import Frame, Image
from analytics.messages import (
    MAX_EVIDENCE_BYTES,
    EvidenceHeader,
    EvidenceMessage,
    EvidenceRole,
    MediaType,
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
_ZONE_COLOUR = (80, 200, 255)
_BOX_COLOUR = (255, 200, 60)


class Belonging(NamedTuple):
    """What a picture belongs to."""

    site: str
    camera: str
    incident_id: UUID


def take(
    frame: Frame, detections: Detections, tracks: Tracks, zone: Zone | None, belonging: Belonging
) -> tuple[EvidenceMessage, EvidenceMessage]:
    """Return two blurred pictures of a frame: as it was, and with zone and vehicles drawn in.

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

    Raises
    ------
    EvidenceWithheldError
        Where a region could not be blurred, or a picture not be encoded within the limit.
    """
    try:
        hidden = regions(detections, frame.size_px)
        plain = blurred(frame.whole(), hidden)
        annotated = _annotated(plain, zone, tracks.xyxy)
        pictures = [
            _message(image, role, frame.captured_at, len(hidden), belonging)
            for image, role in (
                (plain, EvidenceRole.CONTEXT),
                (annotated, EvidenceRole.ANNOTATED),
            )
        ]
    except (cv2.error, ValueError, MemoryError) as exc:
        raise EvidenceWithheldError(f"{type(exc).__name__}: {' '.join(str(exc).split())}") from exc
    return pictures[0], pictures[1]


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


def _annotated(image: Image, zone: Zone | None, vehicles: FloatArray) -> Image:
    result = image.copy()
    height, width = image.shape[:2]
    line_px = max(1, round(width / 640))
    for x1, y1, x2, y2 in vehicles.astype(int).tolist():
        cv2.rectangle(result, (x1, y1), (x2, y2), _BOX_COLOUR, line_px, cv2.LINE_AA)
    if zone is None:
        return result
    outline = np.round(zone.polygon * (width, height)).astype(np.int32)
    cv2.polylines(result, [outline], isClosed=True, color=(0, 0, 0), thickness=3 * line_px)
    cv2.polylines(result, [outline], isClosed=True, color=_ZONE_COLOUR, thickness=line_px + 1)
    return result


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
