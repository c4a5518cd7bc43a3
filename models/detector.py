"""The port between a picture and what is in it."""

from typing import Protocol

from analytics.detections import Detections
from analytics.frames import Image
from models.manifest import Manifest


class Detector(Protocol):
    """Finds objects in one picture.

    Attributes
    ----------
    manifest
        Which model this is, what it finds, and from which confidence on to believe it.
    """

    manifest: Manifest

    def detect(self, image: Image) -> Detections:
        """Return all objects in ``image``, also those that are too uncertain to act on.

        Parameters
        ----------
        image
            BGR uint8, shape ``(h, w, 3)``, of any size. It is not written to.

        Returns
        -------
        Detections
            Boxes inside the picture, in its pixels, each with ``confidence >= manifest.floor``.
            A tracker holds on to an uncertain box and privacy blurs it; what counts as seen is
            `Manifest.confident`.

        Raises
        ------
        DetectorError
            Where the inference failed, or its output is not finite.
        """
        ...
