"""The pictures of a training: checked, people labelled where they are not, listed for the tool."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import yaml

from analytics.detections import FloatArray
from analytics.frames import Image
from analytics.geometry import iou
from models.dataset import LabelledPicture, Labels, pictures, write_labels
from scripts.training.config import Pictures, TrainingConfig, TrainingError

People = Callable[[Image], FloatArray]
"""Gives the boxes of people in a picture, ``(n, 4)``: left, top, right, bottom in pixels."""

PERSON = "person"
RIDDEN = ("motorcycle", "bicycle")
"""A rider is part of what is ridden, and not labelled as a person."""

_RIDER_IOU = 0.2


def prepare(config: TrainingConfig, folder: Path, people: People) -> Path:
    """Write what the training tool reads below ``folder``, and return its description.

    The pictures are linked and their labels copied. Where people are unlabelled, the copy has
    those that ``people`` finds as well; it is kept, so that preparing again goes on where it ended.

    Raises
    ------
    TrainingError
        Where one picture is in both parts.
    models.errors.DatasetError
        Where pictures or labels are missing or wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = [(part, _linked(part, config, folder, people)) for part in config.train]
    val = _linked(config.val, config, folder, people)
    _refuse_leaks([file for _, files in parts for file in files], val)
    lists = {
        "train": [file for part, files in parts for file in files for _ in range(part.repeat)],
        "val": val,
    }
    for name, files in lists.items():
        (folder / f"{name}.txt").write_text("".join(f"{file}\n" for file in files), "utf-8")
    description = folder / "data.yaml"
    described = {
        "path": str(folder.resolve()),
        **{name: f"{name}.txt" for name in lists},
        "names": dict(enumerate(config.classes)),
    }
    description.write_text(yaml.safe_dump(described, sort_keys=False), encoding="utf-8")
    return description


def with_people(
    labels: Labels, people: FloatArray, size: tuple[int, int], classes: tuple[str, ...]
) -> Labels:
    """Return labels and those people who ride nothing.

    Parameters
    ----------
    people
        ``(n, 4)``: left, top, right, bottom in pixels.
    size
        Width and height of the picture.
    """
    ridden = np.isin(labels.class_id, [classes.index(name) for name in RIDDEN])
    overlap = iou(people, labels.xyxy(size)[ridden])
    afoot = people[overlap.max(axis=1, initial=0) < _RIDER_IOU]
    middles, sizes = (afoot[:, :2] + afoot[:, 2:]) / 2, afoot[:, 2:] - afoot[:, :2]
    boxes = (np.hstack([middles, sizes]) / [*size, *size]).astype(np.float32)
    return Labels(
        np.append(labels.class_id, np.full(len(afoot), classes.index(PERSON))),
        np.vstack([labels.boxes, boxes]),
    )


def _linked(part: Pictures, config: TrainingConfig, folder: Path, people: People) -> list[Path]:
    """Link a part's pictures into ``folder``, with complete labels beside them; return them."""
    source = part.resolved()
    here = folder / f"{source.parent.name}-{source.name}"
    for name in ("images", "labels"):
        (here / name).mkdir(parents=True, exist_ok=True)
    links = []
    for picture in pictures(source):
        link = here / "images" / picture.image_file.name
        link.unlink(missing_ok=True)
        link.symlink_to(picture.image_file)
        links.append(link.absolute())
        kept = here / "labels" / picture.label_file.name
        if not (part.lacks_people and kept.is_file()):
            write_labels(kept, _labels(picture, part, config, people))
    return links


def _labels(
    picture: LabelledPicture, part: Pictures, config: TrainingConfig, people: People
) -> Labels:
    labels = picture.labels(len(config.classes))
    if not part.lacks_people:
        return labels
    image = picture.image()
    height, width = image.shape[:2]
    return with_people(labels, people(image), (width, height), config.classes)


def _refuse_leaks(train: Iterable[Path], val: Iterable[Path]) -> None:
    shared = sorted({file.resolve() for file in train} & {file.resolve() for file in val})
    if shared:
        raise TrainingError(f"{len(shared)} pictures are in train and in val, {shared[0]} first")
