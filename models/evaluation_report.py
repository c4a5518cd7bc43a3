"""A model measured on a folder of labelled pictures, as figures and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import numpy as np

from analytics.detections import Detections, ObjectClass
from models.dataset import LabelledPicture, pictures
from models.errors import DatasetError
from models.evaluation import SIZES, Figures, Judged, figures, judge, picture_auc
from models.manifest import Manifest
from models.onnx_detector import OnnxDetector

EVALUATION_FLOOR = 0.001
"""Boxes are judged from this confidence on, whatever a manifest hands out: average precision is of
the whole ranking, and its usual tools (pycocotools, ultralytics) read it as far down."""

_COLUMNS = ("objects", "AP50", "AP50-95", "precision", "recall", "F1")


@dataclass(frozen=True, slots=True)
class Looked:
    """A picture that a model has looked at."""

    picture: LabelledPicture
    judged: Judged


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured of a model.

    Attributes
    ----------
    model, version
        From its manifest.
    pictures, empty_pictures
        How many were looked at, and how many of them hold nothing.
    thresholds
        Class to the confidence that precision, recall and F1 belong to.
    by_class
        Class to its figures; classes that are not in the pictures are left out.
    by_size
        Class to size (a key of ``evaluation.SIZES``) to figures.
    picture_auc
        How well the most confident box of a picture tells whether anything is in it; None where
        no picture is empty, or all are.
    false_per_100_empty
        Boxes at the thresholds on a hundred pictures that hold nothing; None where none is empty.
    """

    model: str
    version: str
    pictures: int
    empty_pictures: int
    thresholds: dict[str, float]
    by_class: dict[str, Figures]
    by_size: dict[str, dict[str, Figures]]
    picture_auc: float | None
    false_per_100_empty: float | None


def evaluated(manifest: Manifest, threshold: float | None = None) -> Manifest:
    """Return a manifest whose detector hands out all that an evaluation ranks.

    Parameters
    ----------
    threshold
        Of every class, instead of the manifest's own.
    """
    changed: dict[str, object] = {"floor": min(manifest.floor, EVALUATION_FLOOR)}
    if threshold is not None:
        changed |= {"threshold": threshold, "thresholds": {}}
    return manifest.model_copy(update=changed)


def look(
    detector: OnnxDetector,
    folder: Path,
    *,
    named: str = "*",
    ignore_above: float = 0.0,
    shows_none: bool = False,
) -> list[Looked]:
    """Run a model on every picture of a folder, and return what it saw and what is there.

    Parameters
    ----------
    folder
        With ``images/`` and ``labels/``, whose classes are numbered as the manifest lists them.
    named
        Pattern, as a shell has them, that a picture's name has to match.
    ignore_above
        Share of the height, from the top, in which objects are not labelled.
    shows_none
        Whether the pictures hold none of what the model finds; their labels are not read.

    Raises
    ------
    models.errors.DatasetError
        Where pictures or labels are missing or wrong, or none has such a name.
    models.errors.DetectorError
        Where an inference failed.
    """
    classes = np.array(detector.manifest.object_classes, np.int64)
    looked = []
    for picture in pictures(folder):
        if not fnmatch(picture.image_file.name, named):
            continue
        image = picture.image()
        height, width = image.shape[:2]
        truth = Detections.none() if shows_none else _truth(picture, classes, (width, height))
        found = detector.detect(image)
        looked.append(
            Looked(picture, judge(truth, found, ignore_above=ignore_above, height=height))
        )
    if not looked:
        raise DatasetError(f"{folder}: no picture is named {named}")
    return looked


def report(manifest: Manifest, looked: Sequence[Looked]) -> Report:
    """Return how good a model is at its thresholds, from what it saw."""
    judged = [one.judged for one in looked]
    thresholds = {name: manifest.threshold_of(name) for name in manifest.classes}

    def measured(name: str, size: str | None = None) -> Figures | None:
        return figures(judged, ObjectClass[name.upper()], thresholds[name], size=size)

    by_class = {name: one for name in manifest.classes if (one := measured(name)) is not None}
    empty = [picture for picture in judged if picture.is_empty]
    false = sum(int((manifest.confident(one.found) & one.counted).sum()) for one in empty)
    return Report(
        model=manifest.name,
        version=manifest.version,
        pictures=len(judged),
        empty_pictures=len(empty),
        thresholds=thresholds,
        by_class=by_class,
        by_size={
            name: {size: one for size in SIZES if (one := measured(name, size)) is not None}
            for name in by_class
        },
        picture_auc=picture_auc(judged),
        false_per_100_empty=100 * false / len(empty) if empty else None,
    )


def report_text(found: Report) -> str:
    """Return a report as a table for people."""
    rows: list[Sequence[str]] = [(f"{found.model} {found.version}", *_COLUMNS)]
    for name, one in found.by_class.items():
        rows.append((f"{name} (from {found.thresholds[name]:g})", *_cells(one)))
        rows += [(f"  {size}", *_cells(part)) for size, part in found.by_size[name].items()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        )
        for row in rows
    ]
    lines.append(f"{found.pictures} pictures, {found.empty_pictures} of them empty")
    if found.picture_auc is not None:
        lines.append(f"AUC of a picture's most confident box: {found.picture_auc:.3f}")
    if found.false_per_100_empty is not None:
        lines.append(f"boxes on 100 empty pictures: {found.false_per_100_empty:.2f}")
    return "\n".join(lines)


def _cells(one: Figures) -> tuple[str, ...]:
    precision = "-" if one.precision is None else f"{one.precision:.3f}"
    shares = (f"{value:.3f}" for value in (one.ap50, one.ap50_95))
    return (str(one.objects), *shares, precision, f"{one.recall:.3f}", f"{one.f1:.3f}")


def _truth(
    picture: LabelledPicture,
    classes: np.ndarray[tuple[int], np.dtype[np.int64]],
    size: tuple[int, int],
) -> Detections:
    labels = picture.labels(len(classes))
    return Detections(labels.xyxy(size), np.ones(len(labels), np.float32), classes[labels.class_id])
