"""Takes the pictures of a camera's incidents, or withholds them: nobody is to be known on one."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np

from analytics.detections import Detections, ObjectClass
from analytics.frames import Frame, Image
from analytics.messages import EvidenceMessage, EvidenceRole, IncidentMessage
from analytics.privacy import NEEDED
from analytics.tracking import Tracks
from analytics.zones import Zone
from edge.errors import EvidenceWithheldError
from edge.evidence import Belonging, Spot, take, take_scene
from models.detector import Detector
from models.errors import DetectorError
from models.letterbox import PADDING

logger = logging.getLogger(__name__)

_SURE_IN_SCENE = 0.25
"""Confidence from which on a vehicle is taken to be in the empty scene: what is in it was missed by
all looks for minutes, and a doubtful box would hide the thing that the picture is of. Of people
there is no doubt that counts."""

_CLOSED = (ObjectClass.CAR, ObjectClass.BUS, ObjectClass.TRUCK)


class Photographer:
    """Not thread-safe: a pipeline has its own.

    Parameters
    ----------
    camera
        The camera's slug, for the log.
    detector
        What the camera is looked at with.
    blurring
        Finds whoever must not be seen; another one where the looks are at pictures too small to
        cover a face as well as the model could.

    Attributes
    ----------
    withheld
        Times that pictures could not be blurred or encoded.
    """

    def __init__(self, camera: str, detector: Detector, blurring: Detector) -> None:
        self._camera = camera
        self._detector = detector
        self._blurring = blurring
        self._knows_people = frozenset(blurring.manifest.object_classes) >= NEEDED
        self.withheld = 0

    def of_frame(
        self,
        incident: IncidentMessage,
        frame: Frame,
        found: Detections | None,
        tracks: Tracks,
        zone: Zone | None,
        *,
        spot: Spot | None = None,
    ) -> Sequence[EvidenceMessage]:
        """Return the pictures of an incident in a frame, see `edge.evidence.take`.

        Parameters
        ----------
        found
            What was found in the frame, in its pixels; None where nobody was looked for yet.
        tracks
            The vehicles that are drawn in.
        """

        def photos() -> Sequence[EvidenceMessage]:
            hides = self._to_blur(frame, found)
            return take(frame, hides, tracks, zone, _belonging(incident), spot=spot)

        return self._unless_withheld(photos)

    def of_scene(
        self, incident: IncidentMessage, image: Image, role: EvidenceRole, at: datetime
    ) -> Sequence[EvidenceMessage]:
        """Return a picture of a part of the empty scene; who sat there for long is blurred too."""

        def photos() -> Sequence[EvidenceMessage]:
            found = self._blurring.detect(_at_its_scale(image, self._blurring))
            doubtful = found.of_class(*_CLOSED) & (found.confidence < _SURE_IN_SCENE)
            found = found.where(~doubtful)
            return (take_scene(image, found, role, at, _belonging(incident)),)

        return self._unless_withheld(photos)

    def _to_blur(self, frame: Frame, found: Detections | None) -> Detections:
        if self._blurring is not self._detector:
            return self._blurring.detect(frame.whole())
        if found is not None:
            return found
        seen = self._detector.detect(frame.image)
        height_px, width_px = frame.image.shape[:2]
        return seen.scaled(frame.size_px[0] / width_px, frame.size_px[1] / height_px)

    def _unless_withheld(
        self, photos: Callable[[], Sequence[EvidenceMessage]]
    ) -> Sequence[EvidenceMessage]:
        try:
            if not self._knows_people:
                needed = ", ".join(sorted(one.name.lower() for one in NEEDED))
                msg = f"the model must know {needed} for a picture to be blurred"
                raise EvidenceWithheldError(msg)
            return photos()
        except (EvidenceWithheldError, DetectorError) as exc:
            self.withheld += 1
            logger.warning("no picture of %s: %s", self._camera, exc)
            return ()


def _at_its_scale(image: Image, detector: Detector) -> Image:
    """Return a picture on a grey ground as large as the detector's input.

    By itself a small one would be enlarged, and a stone be taken for a car.
    """
    size = detector.manifest.input
    height_px, width_px = image.shape[:2]
    ground = np.full(
        (max(size.height_px, height_px), max(size.width_px, width_px), 3), PADDING, np.uint8
    )
    ground[:height_px, :width_px] = image
    return ground


def _belonging(incident: IncidentMessage) -> Belonging:
    return Belonging(incident.site, incident.camera, incident.incident_id)
