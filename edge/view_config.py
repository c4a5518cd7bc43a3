"""What a camera looks for in its view, and where: zones, lamps, and how the ground lies."""

from typing import Final, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from analytics.congestion import CongestionRule
from analytics.ground_plane import GroundPlane
from analytics.lamps import LampRule
from analytics.messages import Fraction, IncidentKind, Slug, ViewBox
from analytics.zones import Zone
from edge.settings import Corners, LongSeconds, Name, Seconds, Settings, ViewFraction

SLOW_KINDS: Final = (IncidentKind.POTHOLE, IncidentKind.RUBBISH)
"""What does not move, and is looked for on the empty scene."""
ZoneAnalytic = Literal[IncidentKind.CONGESTION, IncidentKind.POTHOLE, IncidentKind.RUBBISH]


class CongestionSettings(Settings):
    """When a zone is congested: `analytics.congestion.CongestionRule`, field by field."""

    enter_occupancy: Fraction = 0.25
    leave_occupancy: Fraction = 0.18
    enter_stopped_share: Fraction = 0.7
    leave_stopped_share: Fraction = 0.5
    min_vehicles: int = Field(default=4, ge=1, le=1000)
    min_duration_s: Seconds = 60.0
    clear_duration_s: Seconds = 30.0
    smoothing_s: Seconds = 5.0

    @model_validator(mode="after")
    def _leaves_below_where_it_enters(self) -> Self:
        for figure in ("occupancy", "stopped_share"):
            if getattr(self, f"leave_{figure}") > getattr(self, f"enter_{figure}"):
                msg = f"leave_{figure} is above enter_{figure}, so a jam would end as it begins"
                raise ValueError(msg)
        return self

    def rule(self) -> CongestionRule:
        """Return the rule that analytics applies."""
        return CongestionRule(**self.model_dump())


class InspectionSettings(Settings):
    """How a camera looks for what does not move: `edge.slow_scene.SlowScene`."""

    every_s: LongSeconds = 300.0
    background_every_s: Seconds = 15.0
    background_looks: int = Field(default=30, ge=3, le=1000)
    least: int = Field(default=3, ge=1, le=100)
    over_s: LongSeconds = 3600.0
    gone_s: LongSeconds = 3600.0
    stands_s: LongSeconds = 7200.0


class GroundPointSettings(Settings):
    """A point whose place on the ground was measured."""

    view: tuple[ViewFraction, ViewFraction]
    east_m: float = Field(ge=-1000, le=1000)
    north_m: float = Field(ge=-1000, le=1000)


class ZoneSettings(Settings):
    """A part of the view that is judged by itself, such as one carriageway."""

    zone: Slug
    name: Name
    polygon: tuple[tuple[ViewFraction, ViewFraction], ...] = Field(min_length=3, max_length=64)
    looks_for: tuple[ZoneAnalytic, ...] = Field(
        default=(IncidentKind.CONGESTION,), min_length=1, max_length=3
    )
    congestion: CongestionSettings = CongestionSettings()

    @field_validator("looks_for", mode="after")
    @classmethod
    def _each_once(cls, looks_for: tuple[IncidentKind, ...]) -> tuple[IncidentKind, ...]:
        if len(set(looks_for)) < len(looks_for):
            msg = "names one twice"
            raise ValueError(msg)
        return looks_for

    @field_validator("polygon", mode="after")
    @classmethod
    def _can_be_measured(cls, polygon: Corners, info: ValidationInfo) -> Corners:
        Zone.of(str(info.data.get("zone", "")), polygon)
        return polygon

    @property
    def slow_kinds(self) -> tuple[IncidentKind, ...]:
        """What it looks for that does not move."""
        return tuple(kind for kind in SLOW_KINDS if kind in self.looks_for)


class LampSettings(Settings):
    """A street lamp in the view, found by the box around its head."""

    lamp: Slug
    name: Name
    box: tuple[ViewFraction, ViewFraction, ViewFraction, ViewFraction]

    @field_validator("box", mode="after")
    @classmethod
    def _has_ends_in_order(cls, box: ViewBox) -> ViewBox:
        x1, y1, x2, y2 = box
        if x1 >= x2 or y1 >= y2:
            msg = "is no box: expected [left, top, right, bottom]"
            raise ValueError(msg)
        return box

    @property
    def corners(self) -> Corners:
        """The box's corners, clockwise from its top left."""
        x1, y1, x2, y2 = self.box
        return ((x1, y1), (x2, y1), (x2, y2), (x1, y2))


class StreetLightSettings(Settings):
    """When a lamp is out: `analytics.lamps.LampRule`, field by field."""

    nights: int = Field(default=3, ge=1, le=30)
    dark_s: Seconds = 1800.0
    shine_s: Seconds = 300.0

    def rule(self) -> LampRule:
        """Return the rule that analytics applies."""
        return LampRule(**self.model_dump())


def ground_plane(points: tuple[GroundPointSettings, ...]) -> GroundPlane:
    """Return the plane through measured points.

    Raises
    ------
    ValueError
        Where they are too few, or lie on a line.
    """
    return GroundPlane.of(
        [point.view for point in points], [(point.east_m, point.north_m) for point in points]
    )
