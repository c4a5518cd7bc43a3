"""What operators made of incidents, as pictures to learn from.

An export is a folder with ``judgements.jsonl`` and the pictures that it names. Each line is one
`Judgement`: an incident, what an operator called it, and the picture it was judged by. A confirmed
one is a picture with its boxes, one that was dismissed as false a picture with nothing in it.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self
from uuid import UUID

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from models.dataset import SUFFIXES, Labels, new_dataset, write_labels
from models.opencv import read_image
from scripts.training.config import TrainingError

JUDGEMENTS = "judgements.jsonl"

Share = Annotated[float, Field(ge=0, le=1)]


class Kind(StrEnum):
    """What operators judge that a detector finds."""

    POTHOLE = "pothole"
    RUBBISH = "rubbish"


class Verdict(StrEnum):
    """What an operator called an incident."""

    CONFIRMED = "confirmed"
    FALSE = "false"
    """There is no such thing in the picture."""
    OTHER = "other"
    """Dismissed for what the picture does not show: known already, not ours, mended since."""


class Box(BaseModel):
    """Where a thing is: its edges as fractions of the picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left: Share
    top: Share
    right: Share
    bottom: Share

    @model_validator(mode="after")
    def _has_an_area(self) -> Self:
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError("has no area: expected left < right and top < bottom")
        return self

    def middle_and_size(self) -> tuple[float, float, float, float]:
        """Return middle x, middle y, width and height."""
        width, height = self.right - self.left, self.bottom - self.top
        return self.left + width / 2, self.top + height / 2, width, height


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("expected a file below the export's folder")
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"expected a picture: {', '.join(SUFFIXES)}")
    return name


class Judgement(BaseModel):
    """One line of an export.

    Attributes
    ----------
    incident_id
        Of the incident; its pictures are named after it.
    kind
        What it was found as: the model's class.
    verdict
        What the operator called it.
    picture
        File below the export's folder: as the camera saw it, blurred, nothing drawn into it.
    boxes
        Of every such thing in the picture; for a confirmed one at least one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    judgement_version: Literal[1] = 1
    incident_id: UUID
    kind: Kind
    verdict: Verdict
    picture: Annotated[str, AfterValidator(_inside)]
    boxes: tuple[Box, ...] = ()


def write_feedback(export: Path, kind: Kind, out: Path) -> Counter[Verdict]:
    """Write the judged pictures of a kind as ``images/`` and ``labels/``; count the verdicts.

    Raises
    ------
    TrainingError
        Where a line is no judgement, a confirmed one has no box, or a picture cannot be read; says
        which line. Nothing of it is written then.
    models.errors.DatasetError
        Where pictures are in ``out`` already.
    """
    judged = [one for one in _read(export / JUDGEMENTS) if one.kind == kind]
    used = [one for one in judged if one.verdict is not Verdict.OTHER]
    for one in used:
        if read_image(export / one.picture) is None:
            raise TrainingError(f"{export / one.picture}: cannot be read; expected a JPEG or PNG")
    new_dataset(out)
    for one in used:
        boxes = [] if one.verdict is Verdict.FALSE else [b.middle_and_size() for b in one.boxes]
        labels = Labels(np.zeros(len(boxes), np.int64), np.array(boxes, np.float32).reshape(-1, 4))
        write_labels(out / "labels" / f"{one.incident_id}.txt", labels)
        suffix = Path(one.picture).suffix
        shutil.copyfile(export / one.picture, out / "images" / f"{one.incident_id}{suffix}")
    return Counter(one.verdict for one in judged)


def _read(file: Path) -> Iterator[Judgement]:
    try:
        lines = file.read_text(encoding="utf-8").rstrip("\n").split("\n")
    except UnicodeDecodeError as exc:
        raise TrainingError(f"{file}: is no UTF-8 text") from exc
    known: set[UUID] = set()
    for number, line in enumerate(lines, start=1):
        try:
            judgement = Judgement.model_validate(json.loads(line))
        except ValidationError as exc:
            problem = exc.errors(include_url=False)[0]
            where = ".".join(map(str, problem["loc"])) or "the whole"
            raise TrainingError(f"{file}:{number}: {where}: {problem['msg']}") from exc
        except json.JSONDecodeError as exc:
            raise TrainingError(f"{file}:{number}: expected one JSON object a line") from exc
        if judgement.verdict is Verdict.CONFIRMED and not judgement.boxes:
            raise TrainingError(f"{file}:{number}: boxes: a confirmed incident needs at least one")
        if judgement.incident_id in known:
            raise TrainingError(f"{file}:{number}: incident_id: is judged twice")
        known.add(judgement.incident_id)
        yield judgement
