"""One revision of one incident: what a camera found, from opening to closing."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import UUID7, Field, StringConstraints, model_validator

from analytics.messages.base import (
    Fraction,
    Measure,
    Position,
    Slug,
    UtcTime,
    VehicleClass,
    ViewBox,
    WireMessage,
    WireModel,
)
from analytics.messages.evidence import EvidenceRole, MediaType, Sha256


class IncidentKind(StrEnum):
    """What an incident is about."""

    CONGESTION = "congestion"
    POTHOLE = "pothole"
    RUBBISH = "rubbish"
    STREET_LIGHT = "street_light"
    CAMERA_FAULT = "camera_fault"


class IncidentPhase(StrEnum):
    """Where an incident is in its life."""

    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"
    VERIFIED = "verified"


class Severity(StrEnum):
    """How much it matters to those who use the road."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class QualityLevel(StrEnum):
    """Whether the view allowed a sound judgement."""

    GOOD = "good"
    DEGRADED = "degraded"


class QualityReason(StrEnum):
    """What makes a judgement less sound."""

    NIGHT = "night"
    RAIN = "rain"
    LOW_RESOLUTION = "low_resolution"
    LOW_FRAME_RATE = "low_frame_rate"
    PARTLY_HIDDEN = "partly_hidden"
    UNSTEADY_VIEW = "unsteady_view"


class Quality(WireModel):
    """How far the finding can be trusted, and why not where it cannot."""

    level: QualityLevel = QualityLevel.GOOD
    reasons: tuple[QualityReason, ...] = ()

    @model_validator(mode="after")
    def _degraded_says_why(self) -> Self:
        if (self.level is QualityLevel.DEGRADED) != bool(self.reasons):
            msg = "degraded quality needs at least one reason, good quality none"
            raise ValueError(msg)
        return self


class CongestionMeasurement(WireModel):
    """How dense and how slow a zone was."""

    kind: Literal[IncidentKind.CONGESTION] = IncidentKind.CONGESTION
    occupancy: Fraction = Field(description="Share of the zone's ground that vehicles cover.")
    stopped_share: Fraction = Field(description="Share of the vehicles that do not move.")
    vehicles: dict[VehicleClass, Annotated[int, Field(ge=0)]] = Field(
        description="Vehicles in the zone, by class, as a mean over the last looks, rounded."
    )
    dense_s: Measure = Field(description="For how long the zone has been dense and not moving.")
    queue_length_m: Measure | None = Field(default=None, description="Calibrated views only.")
    mean_speed_kmh: Measure | None = Field(default=None, description="Calibrated views only.")


class PotholeMeasurement(WireModel):
    """How large a pothole is, and how often it was seen."""

    kind: Literal[IncidentKind.POTHOLE] = IncidentKind.POTHOLE
    looks: int = Field(ge=1, description="Inspections that found it.")
    width_px: Measure
    width_m: Measure | None = Field(default=None, description="Calibrated views only.")
    area_m2: Measure | None = Field(default=None, description="Calibrated views only.")
    water_filled: bool = False
    view_box: ViewBox | None = Field(default=None, description="Where it is in the view.")


class RubbishState(StrEnum):
    """What state a place is in; the agency's own scale."""

    SCATTERED = "scattered"
    PILE = "pile"
    OVERFLOWING = "overflowing"


class RubbishMeasurement(WireModel):
    """How bad a rubbish place is, and how often it was seen."""

    kind: Literal[IncidentKind.RUBBISH] = IncidentKind.RUBBISH
    looks: int = Field(ge=1, description="Inspections that found it.")
    state: RubbishState
    width_px: Measure
    area_m2: Measure | None = Field(default=None, description="Calibrated views only.")
    returns: int = Field(default=0, ge=0, description="Times that it came back to this place.")
    view_box: ViewBox | None = Field(default=None, description="Where it is in the view.")


class StreetLightMeasurement(WireModel):
    """Which lamp is dark, and for how many nights."""

    kind: Literal[IncidentKind.STREET_LIGHT] = IncidentKind.STREET_LIGHT
    lamp: Slug = Field(description="The lamp's name in the site's configuration.")
    dark_nights: int = Field(ge=1)


CameraFault = Literal["turned", "frozen", "dark", "overexposed", "covered", "no_stream"]


class CameraFaultMeasurement(WireModel):
    """What is wrong with the view or the stream."""

    kind: Literal[IncidentKind.CAMERA_FAULT] = IncidentKind.CAMERA_FAULT
    fault: CameraFault
    lasted_s: Measure


Measurement = Annotated[
    CongestionMeasurement
    | PotholeMeasurement
    | RubbishMeasurement
    | StreetLightMeasurement
    | CameraFaultMeasurement,
    Field(discriminator="kind"),
]


class EvidenceRef(WireModel):
    """Names a picture that belongs to this incident; it travels on the evidence topic."""

    sha256: Sha256
    role: EvidenceRole
    media_type: MediaType


class ModelVersion(WireModel):
    """A model that had a part in the finding."""

    name: Slug
    version: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class IncidentMessage(WireMessage):
    """One revision of one incident. The higher revision wins; an old one changes nothing."""

    message_id: UUID7 = Field(description="Names this message; central stores each id once.")
    incident_id: UUID7 = Field(description="One id for the incident's whole life.")
    revision: int = Field(ge=1, description="1 when opened; each later message is higher.")
    phase: IncidentPhase
    kind: IncidentKind
    site: Slug
    camera: Slug
    zone: Slug | None = Field(
        default=None, description="None for faults of the whole view; the lamp of a street light."
    )
    position: Position | None = None
    started_at: UtcTime = Field(description="When what was found began.")
    observed_at: UtcTime = Field(description="Captured time of the frame behind this revision.")
    ended_at: UtcTime | None = Field(default=None, description="Set once it is closed.")
    severity: Severity
    confidence: Fraction
    quality: Quality = Quality()
    measurement: Measurement
    evidence: tuple[EvidenceRef, ...] = Field(default=(), max_length=8)
    software: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    models: tuple[ModelVersion, ...] = Field(default=(), max_length=8)

    @model_validator(mode="after")
    def _tells_one_story(self) -> Self:
        ended = self.phase in {IncidentPhase.CLOSED, IncidentPhase.VERIFIED}
        if self.measurement.kind is not self.kind:
            msg = f"measurement is of {self.measurement.kind.value}, expected {self.kind.value}"
        elif (self.phase is IncidentPhase.OPENED) != (self.revision == 1):
            msg = f"revision {self.revision} cannot be {self.phase.value}: revision 1 opens"
        elif ended != (self.ended_at is not None):
            msg = f"ended_at must be set when closed or verified, and only then ({self.phase})"
        elif self.started_at > self.observed_at:
            msg = "started_at is later than observed_at"
        elif self.ended_at is not None and self.ended_at < self.started_at:
            msg = "ended_at is earlier than started_at"
        else:
            return self
        raise ValueError(msg)
