"""A model measured on a folder of labelled pictures, as figures and as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.detections import Detections, ObjectClass
from models.dataset import pictures
from models.detector import Detector
from models.evaluation import SIZES, Figures, Judged, figures, judge, picture_auc
from models.manifest import Manifest

_COLUMNS = ("objects", "AP50", "AP50-95", "precision", "recall", "F1")


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
        no picture is empty.
    """

    model: str
    version: str
    pictures: int
    empty_pictures: int
    thresholds: dict[str, float]
    by_class: dict[str, Figures]
    by_size: dict[str, dict[str, Figures]]
    picture_auc: float | None


def evaluate_model(
    detector: Detector,
    folder: Path,
    *,
    threshold: float | None = None,
    ignore_above: float = 0.0,
) -> Report:
    """Run a model on every picture of a folder, and return how good it is.

    Parameters
    ----------
    folder
        With ``images/`` and ``labels/``, whose classes are numbered as the manifest lists them.
    threshold
        Instead of the manifest's.
    ignore_above
        Share of the height, from the top, in which objects are not labelled.

    Raises
    ------
    models.errors.DatasetError
        Where pictures or labels are missing or wrong.
    models.errors.DetectorError
        Where an inference failed.
    """
    manifest = detector.manifest
    judged = list(_judged(detector, folder, ignore_above))
    thresholds = {
        name: manifest.thresholds.get(name, manifest.threshold) if threshold is None else threshold
        for name in manifest.classes
    }

    def measured(name: str, size: str | None = None) -> Figures | None:
        return figures(judged, ObjectClass[name.upper()], thresholds[name], size=size)

    by_class = {name: one for name in manifest.classes if (one := measured(name)) is not None}
    return Report(
        model=manifest.name,
        version=manifest.version,
        pictures=len(judged),
        empty_pictures=sum(len(picture.truth) == 0 for picture in judged),
        thresholds=thresholds,
        by_class=by_class,
        by_size={
            name: {size: one for size in SIZES if (one := measured(name, size)) is not None}
            for name in by_class
        },
        picture_auc=picture_auc(judged),
    )


def report_text(report: Report) -> str:
    """Return a report as a table for people."""
    rows: list[Sequence[str]] = [(f"{report.model} {report.version}", *_COLUMNS)]
    for name, one in report.by_class.items():
        rows.append((f"{name} (from {report.thresholds[name]:g})", *_cells(one)))
        rows += [(f"  {size}", *_cells(part)) for size, part in report.by_size[name].items()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        )
        for row in rows
    ]
    lines.append(f"{report.pictures} pictures, {report.empty_pictures} of them empty")
    if report.picture_auc is not None:
        lines.append(f"AUC of a picture's most confident box: {report.picture_auc:.3f}")
    return "\n".join(lines)


def _cells(one: Figures) -> tuple[str, ...]:
    precision = "-" if one.precision is None else f"{one.precision:.3f}"
    shares = (f"{value:.3f}" for value in (one.ap50, one.ap50_95))
    return (str(one.objects), *shares, precision, f"{one.recall:.3f}", f"{one.f1:.3f}")


def _judged(detector: Detector, folder: Path, ignore_above: float) -> Iterator[Judged]:
    classes = _class_ids(detector.manifest)
    for picture in pictures(folder):
        labels, image = picture.labels(len(classes)), picture.image()
        height, width = image.shape[:2]
        truth = Detections(
            labels.xyxy((width, height)),
            np.ones(len(labels), np.float32),
            classes[labels.class_id],
        )
        yield judge(truth, detector.detect(image), ignore_above=ignore_above, height=height)


def _class_ids(manifest: Manifest) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the `ObjectClass` of each of the model's classes, shape ``(classes,)``."""
    return np.array([ObjectClass[name.upper()] for name in manifest.classes], np.int64)
