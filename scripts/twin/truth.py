"""The truth of a film: where everything is in every frame, and what the traffic really does."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from scripts.twin.actors import Kind

TRUTH_VERSION: Literal[1] = 1

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of the film, cut at the picture's rim."""

Matrix34 = tuple[tuple[float, float, float, float], ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeenObject(_Part):
    """One vehicle or person in one frame.

    Attributes
    ----------
    actor
        The same for its whole life in the film.
    box
        Around the whole object, a motorcycle or bicycle with its rider, as if nothing hid it.
    visible
        Share of its pixels in the picture that nothing hides, 0 to 1.
    inside
        Share of its box that lies inside the picture, 0 to 1.
    speed_mps, ground
        Along its heading; where it stands, world metres.
    lane
        SUMO's lane; empty for parked vehicles.
    """

    actor: str
    kind: Kind
    box: Box
    visible: float
    inside: float
    speed_mps: float
    ground: tuple[float, float]
    lane: str


class SeenThing(_Part):
    """One slow thing while it looks the same: its box does not move.

    Attributes
    ----------
    thing, kind, state
        As in the scenario; for a pothole ``dry`` or ``water``, for a prop its shape.
    from_s, to_s
        Of the film, half open.
    box, pixels
        Around what of it is in the picture when no traffic hides it, and its area.
    size_m
        Its width on the ground.
    """

    thing: str
    kind: Literal["pothole", "patch", "rubbish", "prop"]
    state: str
    from_s: float
    to_s: float
    box: Box
    pixels: int
    ground: tuple[float, float]
    size_m: float


class LampState(_Part):
    """A lamp in view that can fail: its head's box, and when it is dark."""

    lamp: str
    box: Box
    dark: tuple[tuple[float, float], ...]


class ViewFault(_Part):
    """When the view could not be trusted, and why."""

    kind: Literal["turned", "frozen", "covered", "dark"]
    from_s: float
    to_s: float


class SignalPhase(_Part):
    """From ``from_s`` on, what each approach's signal shows: ``red``, ``amber`` or ``green``."""

    from_s: float
    shows: dict[str, Literal["red", "amber", "green"]]


class ApproachSecond(_Part):
    """One approach or carriageway in one second, as SUMO measured it.

    Attributes
    ----------
    at_s
        Of the film, the second's start.
    vehicles, halting
        On the detector's length; halting is slower than 0.1 m/s.
    queue_m
        Length of the jam, SUMO's ``jamLengthInMetersSum`` over its lanes.
    mean_speed_mps
        None where it is empty.
    occupancy
        Share of its lanes' length that vehicles cover, 0 to 1.
    """

    at_s: float
    vehicles: int
    halting: int
    queue_m: float
    mean_speed_mps: float | None
    occupancy: float


class Trip(_Part):
    """One vehicle's whole trip through the net, as SUMO measured it; times in seconds."""

    actor: str
    kind: Kind
    time_loss_s: float
    waiting_s: float
    duration_s: float
    approach: str


class ZoneTruth(_Part):
    """A zone's polygon in fractions of the view, and when it is jammed."""

    polygon: tuple[tuple[float, float], ...]
    congested: tuple[tuple[float, float], ...]


class FrameTruth(_Part):
    """One frame: its time in the film, what the clock shows, and what is in it."""

    at_s: float
    clock: str
    objects: tuple[SeenObject, ...]


class Truth(_Part):
    """All that is true of one film; see ``docs/twin.md``."""

    truth_version: Literal[1] = TRUTH_VERSION
    film: str
    title: str
    simulated: Literal[True] = True
    camera: str
    look: str
    size: tuple[int, int]
    fps: int
    projection: Annotated[Matrix34, Field(min_length=3, max_length=3)]
    camera_position: tuple[float, float, float]
    zones: dict[str, ZoneTruth]
    things: tuple[SeenThing, ...]
    lamps: tuple[LampState, ...]
    faults: tuple[ViewFault, ...]
    signals: tuple[SignalPhase, ...]
    approaches: dict[str, tuple[ApproachSecond, ...]]
    trips: tuple[Trip, ...]
    frames: tuple[FrameTruth, ...]


_COLUMNS = tuple(SeenObject.model_fields)


def write_truth(file: Path, truth: Truth) -> None:
    """Write the truth as JSON, a line a frame.

    A frame's objects are rows under ``object_columns``, which says what stands where: a film has
    tens of thousands of them. The same truth gives the same bytes.
    """
    head = truth.model_dump(mode="json", exclude={"frames"})
    head["object_columns"] = list(_COLUMNS)
    lines = [f"{json.dumps(key)}: {_compact(value)}," for key, value in head.items()]
    frames = [
        _compact(
            {
                "at_s": frame.at_s,
                "clock": frame.clock,
                "objects": [list(seen.model_dump(mode="json").values()) for seen in frame.objects],
            }
        )
        for frame in truth.frames
    ]
    body = ",\n".join(frames)
    file.write_text("{\n" + "\n".join(lines) + f'\n"frames": [\n{body}\n]}}\n', encoding="utf-8")


def read_truth(file: Path) -> Truth:
    """Read what ``write_truth`` wrote.

    Raises
    ------
    pydantic.ValidationError
        Where the file is of another version, or not a truth.
    """
    stored = json.loads(file.read_text(encoding="utf-8"))
    columns = stored.pop("object_columns")
    for frame in stored["frames"]:
        frame["objects"] = [dict(zip(columns, row, strict=True)) for row in frame["objects"]]
    return Truth.model_validate(stored)


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
