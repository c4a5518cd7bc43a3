"""What one model is trained on and how: a YAML file below ``configs/training``."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scripts.yaml_files import read_yaml

STRIDE_PX = 32
"""What divides both sides of every picture: YOLO's coarsest output has one cell for so much."""

Share = Annotated[float, Field(ge=0, le=1)]
Metres = Annotated[float, Field(gt=0, le=20)]

Side = Literal["train", "val"]
"""To learn from, or to measure on."""


class TrainingError(ValueError):
    """Training cannot be started or finished; says what is wrong and what was expected."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pictures(_Part):
    """A folder with ``images/`` and ``labels/`` (YOLO text), and how often an epoch shows it.

    Attributes
    ----------
    folder
        May name environment variables, ``${SIMPANG_DATA}/traffic/train``.
    repeat
        How often each of its pictures is shown in an epoch.
    most
        Only so many of its pictures, spread evenly over their names; None for all.
    weather
        Share of its pictures that are shown in another weather as well, see `weather.Weather`.
    empty_scene
        Share of its pictures that are shown as an empty scene as well, see `empty_scene`.
    lacks_people
        Whether people in it are unlabelled, and are labelled first.
    shows_none
        Whether it holds none of what the model finds, whatever its labels tell: what is not to be
        found is learnt from it.
    least_height
        Share of the picture's height under which a box is taken for nothing.
    stages
        In which it is shown, counted from 1; None for all.
    """

    folder: str
    repeat: Annotated[int, Field(ge=1)] = 1
    most: Annotated[int, Field(ge=1)] | None = None
    weather: Share = 0.0
    empty_scene: Share = 0.0
    lacks_people: bool = False
    shows_none: bool = False
    least_height: Share = 0.0
    stages: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] | None = None

    def is_shown_in(self, stage: int) -> bool:
        """Tell whether a stage, counted from 1, shows it."""
        return self.stages is None or stage in self.stages

    def resolved(self) -> Path:
        """Return the folder on this machine.

        Raises
        ------
        TrainingError
            Where it is not there: a variable may not be set.
        """
        path = _resolved(self.folder)
        if not (path / "images").is_dir():
            raise TrainingError(
                f"{self.folder}: expected a folder with images/ and labels/ at {path}"
            )
        return path


class Surface(StrEnum):
    """On what things lie."""

    ROAD = "road"
    KERB = "kerb"


class Labelled(StrEnum):
    """What of a picture with things pasted into it is labelled."""

    THINGS = "things"
    STREET = "street"
    """What the street's own labels tell: the things are what is not to be taken for any of it."""


class Sides(_Part):
    """A folder to learn from, and one to measure on; may name environment variables."""

    train: str
    val: str

    def folder(self, side: Side) -> Path:
        """Return a side's folder on this machine.

        Raises
        ------
        TrainingError
            Where it is not there.
        """
        return Pictures(folder=self.train if side == "train" else self.val).resolved()


class Counts(_Part):
    """How many pictures are made for each side."""

    train: Annotated[int, Field(ge=1)]
    val: Annotated[int, Field(ge=1)]


class Paste(_Part):
    """Things of close photos, put into the pictures of street cameras.

    Attributes
    ----------
    things
        Folders with labelled photos of the one class.
    named
        Patterns of the photos' names; others are of things that nobody sees from a pole.
    streets, street_classes
        Folders with labelled traffic of fixed cameras, and the classes of their labels.
    surface
        Where the things lie: on the road, or beside it.
    width_m
        Smallest and largest width of a thing on the ground, metres.
    most_things
        In one picture; a part of the pictures has none.
    labels
        The things', or the street's own.
    """

    things: Sides
    named: tuple[str, ...] = ("*",)
    streets: Sides
    street_classes: tuple[str, ...]
    surface: Surface
    width_m: tuple[Metres, Metres]
    most_things: Annotated[int, Field(ge=1)] = 3
    labels: Labelled = Labelled.THINGS
    pictures: Counts


class Augmentation(_Part):
    """How pictures are changed at random before the network sees them, as shares or chances."""

    hue: Share = 0.02
    saturation: Share = 0.6
    brightness: Share = 0.5
    shift: Share = 0.1
    scale: Share = 0.5
    mirror: Share = 0.5
    mosaic: Share = 1.0


class Stage(_Part):
    """A part of the training, which starts from the weights of the one before it.

    Attributes
    ----------
    side_px
        Of the square pictures that are trained on.
    warmup_epochs, plain_epochs
        Epochs in which the learning rate rises; last epochs without mosaics.
    """

    side_px: Annotated[int, Field(ge=64, multiple_of=STRIDE_PX)]
    epochs: Annotated[int, Field(ge=1)]
    learning_rate: Annotated[float, Field(gt=0, lt=1)]
    warmup_epochs: Annotated[float, Field(ge=0)] = 0.5
    plain_epochs: Annotated[int, Field(ge=0)] = 2


class MeasuredSet(_Part):
    """Labelled pictures that a model is measured on before it ships.

    Attributes
    ----------
    name
        In a line for people; says what the pictures are, and whether they are made.
    folder, named
        The pictures, and which of them: a pattern of their names.
    shows_none
        Whether they hold none of what the model finds, whatever their labels tell.
    """

    name: str
    folder: str
    named: str = "*"
    shows_none: bool = False

    def resolved(self) -> Path:
        """Return the folder on this machine; see `Pictures.resolved`."""
        return Pictures(folder=self.folder).resolved()


class Release(_Part):
    """How a trained model ships: its manifest's settings, what is measured, and its card's prose.

    Attributes
    ----------
    version, floor, threshold, thresholds, nms_iou, data
        As in the manifest.
    sets
        What it is measured on; eight bits are judged by the first.
    finds, trained_on, remarks, not_for
        Parts of the card, Markdown.
    """

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    floor: Share
    threshold: Share
    thresholds: dict[str, Share] = {}
    nms_iou: Share = 0.5
    data: str
    sets: Annotated[tuple[MeasuredSet, ...], Field(min_length=1)]
    finds: str
    trained_on: str
    remarks: str
    not_for: str


class TrainingConfig(_Part):
    """One model's training.

    Attributes
    ----------
    name
        Of the model: its weights are ``<name>.onnx``.
    start
        Weights that training starts from, ``.pt``; may name environment variables.
    classes
        In the order of the labels' first column.
    train, val
        Pictures to learn from, and to follow the training on.
    paste
        Pictures to be made by pasting before they are listed in ``train``; None for none.
    stages
        One after the other: many epochs of small pictures, then a few of large ones, say.
    averaged_with
        Weights of other trainings from the same start, whose mean with those of the last stage
        ships: ``.pt``, or ``.onnx`` beside its manifest, as it shipped before; may name environment
        variables.
    input_px
        Width and height of the pictures that the model takes as it ships.
    release
        How it ships; None for a model that does not.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    start: str
    classes: tuple[str, ...]
    train: tuple[Pictures, ...]
    val: Pictures
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    averaged_with: tuple[str, ...] = ()
    batch: Annotated[int, Field(ge=1)] = 16
    seed: int = 0
    paste: Paste | None = None
    augmentation: Augmentation = Augmentation()
    input_px: tuple[int, int] = (640, 384)
    release: Release | None = None

    @model_validator(mode="after")
    def _shows_something_in_each_stage(self) -> Self:
        last = len(self.stages)
        for part in self.train:
            beyond = [stage for stage in part.stages or () if stage > last]
            if beyond:
                msg = (
                    f"train: {part.folder} is shown in stage {beyond[0]}; expected one up to {last}"
                )
                raise ValueError(msg)
        for stage in range(1, last + 1):
            if not any(part.is_shown_in(stage) for part in self.train):
                msg = f"train: stage {stage} shows no pictures; expected a part without `stages`"
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _labels_a_folder_in_one_way(self) -> Self:
        ways: dict[Path, tuple[float, bool, bool]] = {}
        for part in (self.val, *self.train):
            way = part.least_height, part.shows_none, part.lacks_people
            if ways.setdefault(_resolved(part.folder), way) != way:
                msg = (
                    f"{part.folder} is listed twice and labelled in two ways; expected the same "
                    "`least_height`, `shows_none` and `lacks_people`"
                )
                raise ValueError(msg)
        return self

    def start_file(self) -> Path:
        """Return the weights that training starts from.

        Raises
        ------
        TrainingError
            Where they are not there.
        """
        path = _resolved(self.start)
        if not path.is_file():
            raise TrainingError(f"{self.start}: expected weights to start from at {path}")
        return path

    def others(self) -> list[Path]:
        """Return the weights of other trainings that go into the mean.

        Raises
        ------
        TrainingError
            Where they are not there.
        """
        paths = [_resolved(one) for one in self.averaged_with]
        for one, path in zip(self.averaged_with, paths, strict=True):
            if not path.is_file():
                raise TrainingError(f"{one}: expected weights of another training at {path}")
        return paths


def read_config(file: Path) -> TrainingConfig:
    """Read a training configuration.

    Raises
    ------
    TrainingError
        With everything that is wrong with it, at once.
    """
    return read_yaml(file, TrainingConfig, TrainingError)


def _resolved(named: str) -> Path:
    return Path(os.path.expandvars(named)).resolve()
