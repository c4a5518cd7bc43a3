"""The truth of a film: where everything is in every frame, and what the traffic really does."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scripts.twin.actors import Kind
from scripts.twin.camera import Box
from scripts.twin.world import Signal

TRUTH_VERSION: Literal[1] = 1

Matrix34 = tuple[tuple[float, float, float, float], ...]


class TruthError(ValueError):
    """A file is not the truth of a film; says which file, and what is wrong with it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeenObject(_Part):
    """One vehicle or person in one frame.

    Attributes
    ----------
    actor
        The same for its whole life in the film.
    box
        Around the whole object, a motorcycle or bicycle with its rider, as if nothing hid it;
        pixels of the film, cut at its rim.
    visible
        Share of its pixels in the picture that nothing hides, 0 to 1.
    inside
        Share of its box that lies inside the picture, 0 to 1.
    speed_mps
        Along its heading.
    ground
        World x and y, metres: of a vehicle's front bumper, of the middle of a person.
    lane
        SUMO's lane, for people the edge whose pavement they walk on; empty for parked vehicles.
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
    ground, size_m
        World x and y of its middle, and its width on the ground, metres.
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
    """From ``from_s`` on, what each approach's signal shows."""

    from_s: float
    shows: dict[str, Signal]


class ApproachSecond(_Part):
    """One approach or carriageway in one second, as SUMO measured it.

    Attributes
    ----------
    at_s
        Of the film, the second's start.
    vehicles, halting
        On the detector's length; halting is slower than 0.1 m/s.
    queue_m
        Of the lane with the longest queue: SUMO's ``jamLengthInMetersSum``.
    mean_speed_mps
        None where there was nobody for most of the second.
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
    """One vehicle's whole trip through the net, as SUMO measured it; times in seconds.

    ``approach`` is the leg by which it came.
    """

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
    """One frame: its time in the film, what its burned-in clock shows, and what is in it.

    A frozen picture's clock stands still; the clock shows the scenario's local time.
    """

    at_s: float
    clock: str
    objects: tuple[SeenObject, ...]


class Truth(_Part):
    """All that is true of one film; see ``docs/twin.md``.

    Attributes
    ----------
    film, title
        Its file's name, and what it shows in a line for people.
    camera, look, size, fps
        As in the scenario.
    projection, camera_position
        World metres to pixels of the film, as ``Camera.projection``, and where the lens is. While
        the camera is turned away they hold for none of what the frames list.
    zones, things, lamps, faults
        What is to be watched, and what of it is when as it should not be.
    signals, approaches, trips
        The traffic, whether in view or not; trips are those that end within the film.
    frames
        In order, one for each frame of the film.
    """

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
    """Write what `truth_text` returns; the file is whole or as it was."""
    partial = file.with_suffix(".part.json")
    partial.write_text(truth_text(truth), encoding="utf-8")
    partial.replace(file)


def truth_text(truth: Truth) -> str:
    """Return the truth as JSON, a line a frame.

    A frame's objects are rows under ``object_columns``, which says what stands where: a film has
    tens of thousands of them. The same truth gives the same text.
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
    return "{\n" + "\n".join(lines) + f'\n"frames": [\n{body}\n]}}\n'


def read_truth(file: Path) -> Truth:
    """Read what ``write_truth`` wrote.

    Raises
    ------
    TruthError
        Where the file cannot be read, is of another version, or is no truth.
    """
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        columns = stored.pop("object_columns")
        for frame in stored["frames"]:
            frame["objects"] = [dict(zip(columns, row, strict=True)) for row in frame["objects"]]
        return Truth.model_validate(stored)
    except OSError as exc:
        raise TruthError(f"{file}: {exc.strerror}") from exc
    except ValidationError as exc:
        problem = exc.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise TruthError(f"{file} is not the truth of a film: {where}: {problem['msg']}") from exc
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise TruthError(f"{file} is not the truth of a film: expected JSON of one") from exc


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
