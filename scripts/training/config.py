"""What one model is trained on and how: a YAML file below ``configs/training``."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from scripts.yaml_files import read_yaml

Share = Annotated[float, Field(ge=0, le=1)]


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
    lacks_people
        Whether people in it are unlabelled, and ``people`` is to label them first.
    """

    folder: str
    repeat: Annotated[int, Field(ge=1)] = 1
    lacks_people: bool = False

    def resolved(self) -> Path:
        """Return the folder on this machine.

        Raises
        ------
        TrainingError
            Where it is not there: a variable may not be set.
        """
        path = Path(os.path.expandvars(self.folder)).resolve()
        if not (path / "images").is_dir():
            raise TrainingError(
                f"{self.folder}: expected a folder with images/ and labels/ at {path}"
            )
        return path


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
    """A part of the training, which starts from the best weights of the one before it.

    Attributes
    ----------
    side_px
        Of the square pictures that are trained on.
    warmup_epochs, plain_epochs
        Epochs in which the learning rate rises; last epochs without mosaics.
    """

    side_px: Annotated[int, Field(ge=64, multiple_of=32)]
    epochs: Annotated[int, Field(ge=1)]
    learning_rate: Annotated[float, Field(gt=0, lt=1)]
    warmup_epochs: Annotated[float, Field(ge=0)] = 0.5
    plain_epochs: Annotated[int, Field(ge=0)] = 2


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
        Pictures to learn from, and to choose the best epoch on.
    stages
        One after the other: many epochs of small pictures, then a few of large ones, say.
    input_px
        Width and height of the exported network's input.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    start: str
    classes: tuple[str, ...]
    train: tuple[Pictures, ...]
    val: Pictures
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    batch: Annotated[int, Field(ge=1)] = 16
    seed: int = 0
    augmentation: Augmentation = Augmentation()
    input_px: tuple[int, int] = (640, 384)

    def start_file(self) -> Path:
        """Return the weights that training starts from.

        Raises
        ------
        TrainingError
            Where they are not there.
        """
        path = Path(os.path.expandvars(self.start)).resolve()
        if not path.is_file():
            raise TrainingError(f"{self.start}: expected weights to start from at {path}")
        return path


def read_config(file: Path) -> TrainingConfig:
    """Read a training configuration.

    Raises
    ------
    TrainingError
        With everything that is wrong with it, at once.
    """
    return read_yaml(file, TrainingConfig, TrainingError)
