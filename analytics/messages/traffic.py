"""A minute's figures per zone."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import UUID7, Field, model_validator

from analytics.messages.base import (
    Fraction,
    Measure,
    Slug,
    UtcTime,
    VehicleClass,
    WireMessage,
    WireModel,
)
from analytics.messages.incident import Quality


class LevelOfService(StrEnum):
    """Level of service of an intersection, by mean delay (Permenhub PM 96/2015)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


class ZoneTraffic(WireModel):
    """What one zone carried; figures that a view cannot give honestly are left out."""

    zone: Slug
    looks: int = Field(ge=0, description="Frames behind these figures.")
    occupancy: Fraction = Field(description="Mean share of the zone's ground under vehicles.")
    stopped_share: Fraction = Field(description="Mean share of the vehicles that do not move.")
    vehicles: dict[VehicleClass, Measure] = Field(description="Mean number present, by class.")
    passed: dict[VehicleClass, Annotated[int, Field(ge=0)]] | None = Field(
        default=None, description="Vehicles that crossed the zone's line; measure mode only."
    )
    flow_smp_h: Measure | None = Field(
        default=None, description="Flow in passenger-car units an hour, by the EMP table."
    )
    emp_table: Slug | None = Field(default=None, description="The EMP table behind the flow.")
    mean_speed_kmh: Measure | None = Field(default=None, description="Calibrated views only.")
    queue_length_m: Measure | None = Field(default=None, description="Calibrated views only.")
    mean_delay_s: Measure | None = Field(default=None, description="Stop time a vehicle.")
    level_of_service: LevelOfService | None = None
    level_of_service_is_estimate: bool = True

    @model_validator(mode="after")
    def _flow_names_its_table(self) -> Self:
        if (self.flow_smp_h is None) != (self.emp_table is None):
            msg = "flow_smp_h and emp_table come together: a flow says which table it used"
            raise ValueError(msg)
        return self


class TrafficMessage(WireMessage):
    """A camera's figures from ``from_at`` to ``to_at``."""

    message_id: UUID7
    site: Slug
    camera: Slug
    from_at: UtcTime
    to_at: UtcTime
    quality: Quality = Quality()
    zones: tuple[ZoneTraffic, ...] = Field(max_length=32)

    @model_validator(mode="after")
    def _time_goes_forward(self) -> Self:
        if self.to_at <= self.from_at:
            msg = "to_at must be later than from_at"
            raise ValueError(msg)
        return self
