"""Incidents as a city's cameras send them, about 1 KB each."""

from datetime import UTC, datetime

from analytics.messages import (
    CongestionMeasurement,
    EvidenceRef,
    EvidenceRole,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    MediaType,
    ModelVersion,
    Position,
    Severity,
    VehicleClass,
    new_id,
)
from scripts.bench.watching import SITE, SOFTWARE

CAMERAS = 100
"""What one site has; the incidents are spread over them."""

_SPACING_DEG = 0.005
"""About 500 m between two cameras: what one sees is not taken for what another sees."""


def incidents(count: int) -> list[IncidentMessage]:
    """Return ``count`` jams that have just opened, each with ids of its own."""
    at = datetime.now(UTC)
    return [_incident(number % CAMERAS, at) for number in range(count)]


def _incident(camera: int, at: datetime) -> IncidentMessage:
    return IncidentMessage(
        message_id=new_id(at),
        incident_id=new_id(at),
        revision=1,
        phase=IncidentPhase.OPENED,
        kind=IncidentKind.CONGESTION,
        site=SITE,
        camera=f"camera-{camera}",
        zone="northbound",
        position=Position(latitude_deg=-6.2 + camera * _SPACING_DEG, longitude_deg=106.8),
        started_at=at,
        observed_at=at,
        severity=Severity.MEDIUM,
        confidence=0.8,
        measurement=CongestionMeasurement(
            occupancy=0.62,
            stopped_share=0.9,
            vehicles={VehicleClass.CAR: 14, VehicleClass.MOTORCYCLE: 6},
            dense_s=180.0,
        ),
        # Named only: pictures travel in messages of their own.
        evidence=tuple(
            EvidenceRef(sha256="0" * 64, role=role, media_type=MediaType.JPEG)
            for role in (EvidenceRole.ANNOTATED, EvidenceRole.CONTEXT)
        ),
        software=SOFTWARE,
        models=(ModelVersion(name="traffic", version="0.1.0"),),
    )
