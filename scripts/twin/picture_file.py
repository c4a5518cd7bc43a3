"""One labelled picture on disk: a JPEG below ``images/``, YOLO text below ``labels/``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.opencv import write_image
from scripts.twin.camera import Box
from scripts.twin.film.sensor import Image

JPEG_QUALITIES = (40, 92)
"""From a stream that is starved to a snapshot; each picture has one of its own."""


def write_picture(
    folder: Path, stem: str, image: Image, lines: Sequence[str], quality: int
) -> None:
    """Write a picture, BGR uint8 ``(h, w, 3)``, and its labels.

    Parameters
    ----------
    lines
        As `label_line` gives them; none for a picture in which nothing is.
    quality
        Of the JPEG, see `JPEG_QUALITIES`.
    """
    images, labels = folder / "images", folder / "labels"
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    (labels / f"{stem}.txt").write_text("".join(lines), encoding="utf-8")
    # Written last: what has a picture has its labels too.
    write_image(images / f"{stem}.jpg", image, jpeg_quality=quality)


def label_line(class_number: int, box: Box, size: tuple[int, int]) -> str:
    """Return an object's line: class, then the box's middle and size as fractions of the picture.

    Parameters
    ----------
    box
        Pixels of a picture of ``size``, width and height; what reaches over its rim is cut off.
    """
    corners = np.clip(np.reshape(box, (2, 2)) / size, 0, 1)
    middle, extent = corners.mean(axis=0), corners[1] - corners[0]
    fractions = " ".join(f"{value:.5f}" for value in (*middle, *extent))
    return f"{class_number} {fractions}\n"
