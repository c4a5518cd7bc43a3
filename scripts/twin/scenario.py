"""Scenario files: what happens in front of one camera, when and where."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from scripts.twin.shapes import SHAPES
from scripts.twin.world import CAMERAS, LAMPS
from scripts.yaml_files import read_yaml

Ground = tuple[float, float]
"""A point on the ground, world metres."""

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Metres = Annotated[float, Field(gt=0, le=20, allow_inf_nan=False)]

Polygon = Annotated[tuple[Ground, ...], Field(min_length=3)]
"""Corners in order, world metres."""


class ScenarioError(ValueError):
    """A scenario file cannot be used; says which, and all that is wrong with it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Lasting(_Part):
    """Something that is so from ``from_s`` until ``to_s`` of the film, or its end."""

    from_s: Seconds = 0.0
    to_s: Seconds | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "_Lasting":
        if self.to_s is not None and self.to_s <= self.from_s:
            raise ValueError(f"ends at {self.to_s:g} s, not after its start at {self.from_s:g} s")
        return self

    def is_so(self, at_s: float) -> bool:
        """Tell whether it is so at ``at_s`` seconds of the film."""
        return self.from_s <= at_s and (self.to_s is None or at_s < self.to_s)


class Pothole(_Lasting):
    """A hole in the road; ``water`` is how full it stands, 0 to 1."""

    kind: Literal["pothole"]
    thing: str
    at: Ground
    width_m: Metres
    depth_m: Annotated[float, Field(gt=0, le=0.4)] = 0.08
    water: Annotated[float, Field(ge=0, le=1)] = 0.0
    seed: int = 0


class Patch(_Lasting):
    """New asphalt over a mended place: darker and smoother than the road."""

    kind: Literal["patch"]
    thing: str
    at: Ground
    size_m: tuple[Metres, Metres]
    heading_deg: float = 90.0


class Rubbish(_Lasting):
    """Rubbish at one place; ``bags`` are counted, ``spread_m`` is the heap's radius.

    ``state`` is what the place would be called: scattered, pile or overflowing (a bin).
    """

    kind: Literal["rubbish"]
    thing: str
    at: Ground
    state: Literal["scattered", "pile", "overflowing"]
    bags: Annotated[int, Field(ge=1, le=60)]
    spread_m: Metres = 1.0
    seed: int = 0


class Prop(_Lasting):
    """A thing that only stands there: a parked vehicle, a street stall, a bin, a cart."""

    kind: Literal["prop"]
    thing: str
    shape: str
    at: Ground
    heading_deg: float = 0.0
    paint: tuple[float, float, float] = (0.5, 0.5, 0.5)


Thing = Annotated[Pothole | Patch | Rubbish | Prop, Field(discriminator="kind")]


class DarkLamp(_Lasting):
    """A street lamp that gives no light."""

    lamp: str


class Fault(_Lasting):
    """What ails the camera: turned away, a frozen picture, covered, or dark."""

    kind: Literal["turned", "frozen", "covered", "dark"]


class ClockJump(_Part):
    """At ``at_s`` of the film, ``skips_s`` seconds of the day are left out."""

    at_s: Seconds
    skips_s: Annotated[float, Field(gt=0)]


class Traffic(_Part):
    """Which traffic passes: a demand by name, and which part of its simulation."""

    demand: Literal["free", "busy", "dense", "jam", "night"]
    seed: int = 1
    from_s: Seconds = 300.0


class Scenario(_Part):
    """One film.

    Attributes
    ----------
    name
        The film's file name, without its ending.
    title
        What it shows, in a line for people.
    camera, turned_camera
        Keys of ``world.CAMERAS``; the second is the view while the fault ``turned`` lasts.
    look
        Hour and weather: a key of ``looks.LOOKS``.
    size, fps
        Of the film, pixels and frames per second; fps divides 10, the traffic's step.
    starts_at
        What the burned-in clock shows first, with its zone.
    duration_s
        Of the film, seconds.
    seed
        Of the sensor's noise, the rain, and what covers the lens.
    traffic, things
        What passes, and what is there for a while: potholes, patches, rubbish, props.
    dark_lamps, faults
        Street lamps that give no light, and what ails the camera.
    jumps
        Parts of the day left out, so that days pass in one film.
    zones
        Name to polygon on the ground, world metres: the carriageways to be watched.
    congested
        Zone to ``[from_s, to_s]`` in which it is jammed; a zone without is free all the time.
    still_at_s
        The moment that stands for the film on a page of stills.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
    title: str
    camera: str
    turned_camera: str | None = None
    look: Literal["day", "overcast", "dusk", "night", "rain", "night-rain"]
    size: Literal["640x360", "1280x720"] = "640x360"
    fps: Literal[5, 10] = 5
    duration_s: Annotated[float, Field(ge=2, le=600)]
    starts_at: AwareDatetime
    seed: int = 0
    traffic: Traffic
    things: tuple[Thing, ...] = ()
    dark_lamps: tuple[DarkLamp, ...] = ()
    faults: tuple[Fault, ...] = ()
    jumps: tuple[ClockJump, ...] = ()
    zones: dict[str, Polygon]
    congested: dict[str, tuple[tuple[Seconds, Seconds], ...]] = {}
    still_at_s: Seconds = 30.0

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the film."""
        width, height = self.size.split("x")
        return int(width), int(height)

    @property
    def frames(self) -> int:
        """How many frames the film has."""
        return round(self.duration_s * self.fps)

    def clock(self, at_s: float) -> datetime:
        """Return what the burned-in clock shows at ``at_s`` seconds of the film."""
        skipped = sum(jump.skips_s for jump in self.jumps if jump.at_s <= at_s)
        return datetime.fromtimestamp(
            self.starts_at.timestamp() + at_s + skipped, tz=self.starts_at.tzinfo
        )

    @model_validator(mode="after")
    def _happens_within_the_film(self) -> "Scenario":
        parts = (*self.things, *self.dark_lamps, *self.faults)
        starts = [part.from_s for part in parts] + [jump.at_s for jump in self.jumps]
        late = [at_s for at_s in starts if at_s >= self.duration_s]
        spans = [span for zone in self.congested.values() for span in zone]
        backward = [span for span in spans if not span[0] < span[1] <= self.duration_s]
        problems = [f"{at_s:g} s is not in the film of {self.duration_s:g} s" for at_s in late]
        problems += [
            f"congested from {start:g} to {end:g} s: expected a span of the film"
            for start, end in backward
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @model_validator(mode="after")
    def _names_what_exists(self) -> "Scenario":
        problems = [
            f"camera {name!r} is none of {', '.join(CAMERAS)}"
            for name in (self.camera, self.turned_camera)
            if name is not None and name not in CAMERAS
        ]
        if not problems:
            lamps = [lamp.name for lamp in LAMPS[CAMERAS[self.camera].street] if lamp.alone]
            problems += [
                f"lamp {dark.lamp!r} cannot fail by itself; these can: {', '.join(lamps) or 'none'}"
                for dark in self.dark_lamps
                if dark.lamp not in lamps
            ]
        problems += [
            f"shape {thing.shape!r} of {thing.thing!r} is none of {', '.join(SHAPES)}"
            for thing in self.things
            if isinstance(thing, Prop) and thing.shape not in SHAPES
        ]
        if self.turned_camera is None and any(fault.kind == "turned" for fault in self.faults):
            problems.append("a fault `turned` needs turned_camera: where does it look then?")
        problems += [
            f"congested names {zone!r}, which is none of the zones {', '.join(self.zones)}"
            for zone in self.congested
            if zone not in self.zones
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self


def read_scenario(file: Path) -> Scenario:
    """Read a scenario file.

    Raises
    ------
    ScenarioError
        With everything that is wrong with it, at once.
    """
    scenario = read_yaml(file, Scenario, ScenarioError)
    if scenario.name != file.stem:
        raise ScenarioError(f"{file}: its name is {scenario.name!r}, expected {file.stem!r}")
    return scenario
