"""Labelled pictures: a folder with ``images/`` and ``labels/``, the labels in YOLO text."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.detections import FloatArray, IntArray
from analytics.frames import Image
from models.errors import DatasetError
from models.opencv import read_image

SUFFIXES = (".jpeg", ".jpg", ".png")


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """What is truly in a picture.

    Attributes
    ----------
    class_id
        Number of each object's class in the dataset's own order, int64, shape ``(n,)``.
    boxes
        Middle x, middle y, width, height as fractions of the picture, float32, shape ``(n, 4)``.
    """

    class_id: IntArray
    boxes: FloatArray

    def __len__(self) -> int:
        return len(self.boxes)

    def xyxy(self, size: tuple[int, int]) -> FloatArray:
        """Return the boxes as corners in pixels of a picture of ``size``, width and height."""
        half = self.boxes[:, 2:] / 2
        corners = np.hstack([self.boxes[:, :2] - half, self.boxes[:, :2] + half])
        return np.asarray(corners * np.array([*size, *size]), np.float32)


NO_LABELS = Labels(np.zeros(0, np.int64), np.zeros((0, 4), np.float32))
"""Of a picture in which nothing is."""


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """A picture and the file with its labels."""

    image_file: Path
    label_file: Path

    def image(self) -> Image:
        """Read the picture, BGR.

        Raises
        ------
        DatasetError
            Where it cannot be read.
        """
        image = read_image(self.image_file)
        if image is None:
            raise DatasetError(f"{self.image_file}: cannot be read; expected a JPEG or PNG")
        return image

    def labels(self, classes: int) -> Labels:
        """Read the labels; see `read_labels`."""
        return read_labels(self.label_file, classes)


def pictures(folder: Path) -> Iterator[LabelledPicture]:
    """Yield a folder's pictures in the order of their names.

    Raises
    ------
    DatasetError
        Where there are none, or one has no labels. A picture with nothing in it has an empty file.
    """
    images = folder / "images"
    files = [file for file in images.glob("*") if file.suffix.lower() in SUFFIXES]
    if not files:
        raise DatasetError(f"{folder}: no pictures; expected {images}/*.jpg and labels/*.txt")
    for file in sorted(files):
        labels = folder / "labels" / f"{file.stem}.txt"
        if not labels.is_file():
            raise DatasetError(f"{file}: no labels; expected {labels}, empty for none")
        yield LabelledPicture(file, labels)


def new_dataset(folder: Path) -> None:
    """Make a folder's ``images/`` and ``labels/``, for pictures that are written next.

    Raises
    ------
    DatasetError
        Where files are in them: old pictures would be taken for new ones.
    """
    for part in (folder / "images", folder / "labels"):
        part.mkdir(parents=True, exist_ok=True)
        if any(part.iterdir()):
            raise DatasetError(f"{part} holds files already: expected an empty or a new folder")


def read_labels(file: Path, classes: int) -> Labels:
    """Read YOLO text: a line an object, ``class x y width height``.

    Raises
    ------
    DatasetError
        Where a line is no class below ``classes`` and four fractions.
    """
    rows = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = [float(value) for value in line.split()]
        except ValueError:
            row = []
        if len(row) != 5 or row[0] not in range(classes) or not all(0 <= v <= 1 for v in row[1:]):
            raise DatasetError(
                f"{file}:{number}: {line!r}: expected a class from 0 to {classes - 1} "
                "and a box of four fractions"
            )
        rows.append(row)
    table = np.array(rows, np.float64).reshape(-1, 5)
    return Labels(table[:, 0].astype(np.int64), table[:, 1:].astype(np.float32))


def write_labels(file: Path, labels: Labels) -> None:
    """Write YOLO text."""
    lines = (
        f"{number} {' '.join(f'{value:.5f}' for value in box)}\n"
        for number, box in zip(labels.class_id, labels.boxes, strict=True)
    )
    file.write_text("".join(lines), encoding="utf-8")
