"""A model's manifest: one YAML that says what the weights beside it are and how to read them."""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from math import ceil
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from analytics.detections import BoolArray, Detections, FloatArray, ObjectClass
from analytics.messages import Fraction, Slug
from models.errors import InputSizeError, ManifestError, WeightsMismatchError, WeightsMissingError

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
"""Where the models that ship with Simpang are."""

_CLASSES_BY_NAME = {member.name.lower(): member for member in ObjectClass}


def _known_class(name: str) -> str:
    if name not in _CLASSES_BY_NAME:
        msg = f"no object class; expected one of {', '.join(_CLASSES_BY_NAME)}"
        raise ValueError(msg)
    return name


ClassName = Annotated[str, AfterValidator(_known_class)]
"""The lower-case name of an `ObjectClass`."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
MOST_SIDE_PX = 8192
SidePx = Annotated[int, Field(ge=1, le=MOST_SIDE_PX)]


class Head(StrEnum):
    """How the numbers that come out of the weights are laid out."""

    RAW = "raw"
    """``(1, 4 + classes, n)``: centre, size and one score a class; duplicates are left in."""
    END_TO_END = "end_to_end"
    """``(1, n, 6)``: corners, score, class; the weights leave out duplicates themselves."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ModelInput(_Model):
    """The picture that the weights take: ``(1, 3, height, width)`` float32, letterboxed."""

    width_px: SidePx
    height_px: SidePx
    colour: Literal["rgb", "bgr"] = Field(default="rgb", description="Order of the channels.")
    scale: Literal["0-1", "0-255"] = Field(default="0-1", description="Range of the values.")
    multiple_px: SidePx | None = Field(
        default=None,
        description="Sides that this divides are taken too; none where no other size is.",
    )


class Metric(_Model):
    """What was measured of the model on one set of pictures."""

    data: Line = Field(description="The pictures it was measured on.")
    measure: Slug = Field(description="Which figure, for instance ap50.")
    by_class: dict[ClassName, Fraction]
    note: Line | None = None


class Manifest(_Model):
    """What a weights file is, where it comes from, and how to run it.

    The order of the fields is the order in which they are checked: a check of one field may look
    at those above it.
    """

    name: Slug
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    file: Path = Field(description="The weights. A bare name in the YAML, a path once loaded.")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    input: ModelInput
    head: Head
    classes: tuple[ClassName, ...] = Field(description="In the order of the head.")
    floor: Fraction = Field(default=0.1, description="Boxes under this are not handed out.")
    threshold: Fraction = Field(default=0.35, description="What counts as seen.")
    thresholds: dict[ClassName, Fraction] = Field(
        default_factory=dict, description="Instead of `threshold`, for single classes."
    )
    nms_iou: Fraction | None = Field(
        default=None,
        validate_default=True,
        description="Overlap from which two boxes of a class are one; for a raw head only.",
    )
    licence: Line
    data: Line = Field(description="What the weights were trained on, and on whose terms.")
    metrics: tuple[Metric, ...] = ()

    @field_validator("file", mode="after")
    @classmethod
    def _beside_the_manifest(cls, file: Path, info: ValidationInfo) -> Path:
        if file.name != str(file):
            msg = "expected the bare name of a file beside the manifest"
            raise ValueError(msg)
        folder = info.context
        return folder / file if isinstance(folder, Path) else file

    @field_validator("classes", mode="after")
    @classmethod
    def _each_class_once(cls, classes: tuple[str, ...]) -> tuple[str, ...]:
        # No min_length on the field: pydantic would call a tuple of one wrong name empty as well.
        if not classes or len(set(classes)) < len(classes):
            msg = "expected at least one class, and each once"
            raise ValueError(msg)
        return classes

    @field_validator("threshold", "thresholds", mode="after")
    @classmethod
    def _not_under_the_floor(
        cls, value: float | dict[str, float], info: ValidationInfo
    ) -> float | dict[str, float]:
        lowest = min(value.values(), default=1.0) if isinstance(value, dict) else value
        if lowest < info.data.get("floor", 0.0):
            msg = "is under the floor, so it could never be reached"
            raise ValueError(msg)
        return value

    @field_validator("thresholds", mode="after")
    @classmethod
    def _of_our_classes(cls, value: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        classes = info.data.get("classes")
        strangers = [] if classes is None else sorted(set(value) - set(classes))
        if strangers:
            msg = f"this model has no class {', '.join(strangers)}"
            raise ValueError(msg)
        return value

    @field_validator("nms_iou", mode="after")
    @classmethod
    def _as_the_head_asks(cls, value: float | None, info: ValidationInfo) -> float | None:
        head = info.data.get("head")
        if head is Head.RAW and value is None:
            msg = "a raw head holds duplicates; expected an overlap, for instance 0.6"
            raise ValueError(msg)
        if head is Head.END_TO_END and value is not None:
            msg = "an end_to_end head holds no duplicates; leave it out"
            raise ValueError(msg)
        return value

    @property
    def object_classes(self) -> tuple[ObjectClass, ...]:
        """Our class for each class of the head, in its order."""
        return tuple(_CLASSES_BY_NAME[name] for name in self.classes)

    def resized(self, width_px: int, height_px: int | None = None) -> "Manifest":
        """Return a manifest of the same weights at another size of the input.

        Parameters
        ----------
        height_px
            None for that of the same shape, rounded up so that ``multiple_px`` divides it.

        Raises
        ------
        InputSizeError
            Where the weights do not take the size.
        """
        size = self.input
        if height_px is None:
            step_px = size.multiple_px or 1
            height_px = step_px * ceil(width_px * size.height_px / size.width_px / step_px)
        if (width_px, height_px) == (size.width_px, size.height_px):
            return self
        own = f"{size.width_px}x{size.height_px}"
        if size.multiple_px is None:
            reason = f"its weights take {own} only"
        elif min(width_px, height_px) < size.multiple_px:
            reason = f"expected sides of {size.multiple_px} pixels at least"
        elif width_px % size.multiple_px or height_px % size.multiple_px:
            reason = f"expected sides that {size.multiple_px} divides, as of {own}"
        elif max(width_px, height_px) > MOST_SIDE_PX:
            reason = f"expected sides of {MOST_SIDE_PX} pixels at most"
        else:
            sides = {"width_px": width_px, "height_px": height_px}
            return self.model_copy(update={"input": size.model_copy(update=sides)})
        raise InputSizeError(self.name, (width_px, height_px), reason)

    def threshold_of(self, name: str) -> float:
        """Return from which confidence on a class counts as seen."""
        return self.thresholds.get(name, self.threshold)

    def confident(self, detections: Detections) -> BoolArray:
        """Return which rows are certain enough to count as seen, shape ``(n,)``."""
        least: FloatArray = np.full(len(ObjectClass), self.threshold, np.float32)
        for name in self.thresholds:
            least[_CLASSES_BY_NAME[name]] = self.threshold_of(name)
        return detections.confidence >= least[detections.class_id]


def shipped_manifests() -> list[Path]:
    """Return the manifests of the models that ship with Simpang, by name."""
    return sorted(WEIGHTS_FOLDER.glob("*.yaml"))


def find_manifest(name_or_path: str) -> Path:
    """Return where a manifest is.

    Parameters
    ----------
    name_or_path
        Name of a model that ships with Simpang, else the path of a manifest, taken as it is.

    Raises
    ------
    ManifestError
        Where there is no such file.
    """
    shipped = {path.stem: path for path in shipped_manifests()}
    path = shipped.get(name_or_path, Path(name_or_path))
    if not path.is_file():
        known = ", ".join(shipped)
        raise ManifestError(path, [f"no such file, and no model that ships ({known})"])
    return path


def load_manifest(path: Path) -> Manifest:
    """Return the manifest in a YAML file; its weights are not looked at yet.

    Raises
    ------
    ManifestError
        With all that is wrong at once.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ManifestError(path, [f"cannot be read: {exc.strerror}"]) from exc
    except (UnicodeDecodeError, yaml.YAMLError) as exc:
        raise ManifestError(path, [f"is no YAML: {' '.join(str(exc).split())}"]) from exc
    try:
        return Manifest.model_validate(raw, context=path.parent)
    except ValidationError as exc:
        raise ManifestError(path, _problems(exc)) from exc


def read_weights(manifest: Manifest) -> bytes:
    """Return the weights, once their hash is found to be the manifest's.

    The bytes that were hashed are the bytes that are run: a file that is replaced in between, or
    data that an ONNX file keeps in a second file, would run unchecked.

    Raises
    ------
    WeightsMissingError
        Where the file cannot be read.
    WeightsMismatchError
        Where its hash is another.
    """
    try:
        weights = manifest.file.read_bytes()
    except OSError as exc:
        raise WeightsMissingError(manifest.file, exc.strerror or str(exc)) from exc
    found = hashlib.sha256(weights).hexdigest()
    if found != manifest.sha256:
        problem = f"sha256 is {found}, expected {manifest.sha256}"
        raise WeightsMismatchError(manifest.file, [problem])
    return weights


def verify(manifest: Manifest) -> None:
    """Check that the weights are there and are those of the manifest, by their hash.

    Raises
    ------
    WeightsMissingError
        Where the file cannot be read.
    WeightsMismatchError
        Where its hash is another.
    """
    read_weights(manifest)


def _problems(exc: ValidationError) -> Sequence[str]:
    lines = []
    for error in exc.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in error["loc"])
        what = error["msg"].removeprefix("Value error, ")
        lines.append(f"{where}: {what}" if where else what)
    return lines
