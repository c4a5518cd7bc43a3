"""The pictures of a training: checked, completed, without copies on both sides, listed."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from analytics.detections import VEHICLES, FloatArray
from analytics.frames import Image
from analytics.geometry import iou
from models.dataset import (
    NO_LABELS,
    LabelledPicture,
    Labels,
    new_dataset,
    pictures,
    read_labels,
    write_labels,
)
from models.opencv import write_image
from scripts.training.config import Pictures, TrainingConfig, TrainingError
from scripts.training.copies import copied, digests
from scripts.training.empty_scene import as_empty_scene
from scripts.training.progress import progress
from scripts.training.weather import Weather, weathered

People = Callable[[Image], FloatArray]
"""Gives the boxes of people in a picture, ``(n, 4)``: left, top, right, bottom in pixels."""

PERSON = "person"
RIDDEN = ("motorcycle", "bicycle")
"""A rider is part of what is ridden, and not labelled as a person."""

_RIDER_IOU = 0.2


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a training reads, and what is in it.

    Attributes
    ----------
    descriptions
        The file that the training tool is given, for each stage.
    story
        A line for each part of the pictures, for people.
    """

    descriptions: tuple[Path, ...]
    story: tuple[str, ...]


def description(folder: Path, stage: int) -> Path:
    """Return where `prepare` writes what a stage, counted from 1, is told about its pictures."""
    return folder / f"stage-{stage}.yaml"


def listed(folder: Path, stage: int) -> Path:
    """Return where `prepare` lists what a stage learns from, a picture a line."""
    return folder / f"stage-{stage}.txt"


def prepare(config: TrainingConfig, folder: Path, people: People) -> Prepared:
    """Write what the training tool reads below ``folder``.

    The pictures are linked and their labels copied. Where people are unlabelled, the copy has
    those that ``people`` finds as well; it is kept, so that preparing again goes on where it ended.
    Pictures to learn from that are nearly one to follow it on are left out.

    Raises
    ------
    TrainingError
        Where one picture is in both parts, or two folders' names end alike.
    models.errors.DatasetError
        Where pictures or labels are missing or wrong.
    """
    _refuse_one_name(config, folder)
    val = _linked(config.val, config, folder, people)
    parts = [(part, _linked(part, config, folder, people)) for part in config.train]
    _refuse_shared([file for _, files in parts for file in files], val)
    story = [_told(config.val, val, "to follow the training on")]
    known = digests(val)
    shown: list[list[Path]] = []
    for part, files in parts:
        leaks = copied(files, known)
        kept = [file for file in files if file not in leaks]
        copies = list(_in_other_weather(part, config, kept))
        scenes = list(_as_empty_scenes(part, config, kept))
        shown.append((kept + copies + scenes) * part.repeat)
        more = f", {len(copies)} of them in another weather as well"
        more += f", {len(scenes)} as an empty scene" if part.empty_scene else ""
        left_out = f"; {len(leaks)} left out that are nearly one of those" if leaks else ""
        story.append(_told(part, kept, f"to learn from{more}{left_out}"))
    _write_list(folder / "val.txt", val)
    stages = range(1, len(config.stages) + 1)
    for stage in stages:
        learnt = [
            file
            for part, files in zip(config.train, shown, strict=True)
            if part.is_shown_in(stage)
            for file in files
        ]
        _write_list(listed(folder, stage), learnt)
        described = {
            "path": str(folder.resolve()),
            "train": listed(folder, stage).name,
            "val": "val.txt",
            "names": dict(enumerate(config.classes)),
        }
        text = yaml.safe_dump(described, sort_keys=False)
        description(folder, stage).write_text(text, encoding="utf-8")
    return Prepared(tuple(description(folder, stage) for stage in stages), tuple(story))


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


def write_weathered(folder: Path, how: Weather, out: Path, classes: Sequence[str]) -> int:
    """Write a copy of labelled pictures in another weather, and return how many there are.

    The same pictures give the same copies.

    Raises
    ------
    models.errors.DatasetError
        Where pictures or labels are missing or wrong, or pictures are in ``out`` already.
    """
    new_dataset(out)
    found = list(pictures(folder))
    for picture in found:
        labels, rng = picture.labels(len(classes)), _rng_of(picture.image_file)
        changed = _weathered(picture.image(), labels, how, classes, rng)
        write_labels(out / "labels" / picture.label_file.name, labels)
        write_image(out / "images" / f"{picture.image_file.stem}.jpg", changed)
    return len(found)


def _write_list(file: Path, pictures: Sequence[Path]) -> None:
    file.write_text("".join(f"{picture}\n" for picture in pictures), encoding="utf-8")


def _refuse_one_name(config: TrainingConfig, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    sources = [part.resolved() for part in (*config.train, config.val)]
    places = [_place_of(source, folder) for source in sources]
    for number, place in enumerate(places):
        if place in places[:number] and sources[places.index(place)] != sources[number]:
            one, other = sources[places.index(place)], sources[number]
            raise TrainingError(f"{one} and {other} end alike: expected folders of other names")


def _place_of(source: Path, folder: Path) -> Path:
    return folder / f"{source.parent.name}-{source.name}"


def _linked(part: Pictures, config: TrainingConfig, folder: Path, people: People) -> list[Path]:
    """Link a part's pictures into ``folder``, with complete labels beside them; return them."""
    source = part.resolved()
    here = _place_of(source, folder)
    for name in ("images", "labels"):
        (here / name).mkdir(parents=True, exist_ok=True)
    links = []
    for picture in progress(_chosen(list(pictures(source)), part.most), part.folder):
        link = here / "images" / picture.image_file.name
        link.unlink(missing_ok=True)
        link.symlink_to(picture.image_file)
        links.append(link.absolute())
        kept = here / "labels" / picture.label_file.name
        if not (part.lacks_people and kept.is_file()):
            write_labels(kept, _labels(picture, part, config, people))
    return links


def _chosen(found: list[LabelledPicture], most: int | None) -> list[LabelledPicture]:
    if most is None or len(found) <= most:
        return found
    return [found[number * len(found) // most] for number in range(most)]


def _labels(
    picture: LabelledPicture, part: Pictures, config: TrainingConfig, people: People
) -> Labels:
    if part.shows_none:
        return NO_LABELS
    labels = picture.labels(len(config.classes))
    tall = labels.boxes[:, 3] >= part.least_height
    labels = Labels(labels.class_id[tall], labels.boxes[tall])
    if not part.lacks_people:
        return labels
    image = picture.image()
    height, width = image.shape[:2]
    return with_people(labels, people(image), (width, height), config.classes)


def _in_other_weather(
    part: Pictures, config: TrainingConfig, files: Sequence[Path]
) -> Iterator[Path]:
    """Write copies of a share of the pictures beside them, and yield them."""
    for file in files:
        rng = _rng_of(file)
        if rng.random() >= part.weather:
            continue
        how = list(Weather)[rng.integers(len(Weather))]
        image, labels = _labelled(file, config)
        changed = _weathered(image, labels, how, config.classes, rng)
        yield _written_beside(file, how, changed, labels)


def _as_empty_scenes(
    part: Pictures, config: TrainingConfig, files: Sequence[Path]
) -> Iterator[Path]:
    """Write copies of a share of the pictures as empty scenes beside them, and yield them."""
    for file in files:
        rng = _rng_of(file, "empty scene")
        if rng.random() >= part.empty_scene:
            continue
        image, labels = _labelled(file, config)
        height, width = image.shape[:2]
        changed = as_empty_scene(image, labels.xyxy((width, height)), rng)
        yield _written_beside(file, "empty-scene", changed, labels)


def _labelled(file: Path, config: TrainingConfig) -> tuple[Image, Labels]:
    label_file = file.parent.parent / "labels" / f"{file.stem}.txt"
    labels = read_labels(label_file, len(config.classes))
    return LabelledPicture(file, label_file).image(), labels


def _written_beside(file: Path, kind: str, image: Image, labels: Labels) -> Path:
    copy = file.with_name(f"{file.stem}-{kind}.jpg")
    write_labels(file.parent.parent / "labels" / f"{copy.stem}.txt", labels)
    write_image(copy, image)
    return copy


def _weathered(
    image: Image,
    labels: Labels,
    how: Weather,
    classes: Sequence[str],
    rng: np.random.Generator,
) -> Image:
    vehicles = [kind.name.lower() for kind in VEHICLES]
    lit = np.isin(labels.class_id, [n for n, name in enumerate(classes) if name in vehicles])
    height, width = image.shape[:2]
    return weathered(image, how, labels.xyxy((width, height))[lit], rng)


def _rng_of(file: Path, purpose: str = "") -> np.random.Generator:
    """Return a source of chance that is a picture's own, the same on every machine."""
    return np.random.default_rng(zlib.crc32(f"{file.name}{purpose}".encode()))


def _refuse_shared(train: Sequence[Path], val: Sequence[Path]) -> None:
    shared = sorted({file.resolve() for file in train} & {file.resolve() for file in val})
    if shared:
        raise TrainingError(f"{len(shared)} pictures are in train and in val, {shared[0]} first")


def _told(part: Pictures, files: Sequence[Path], purpose: str) -> str:
    return f"{part.folder}: {len(files)} pictures {purpose}"
