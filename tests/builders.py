"""Messages with sane defaults: a test states only what it is about."""

import hashlib
from datetime import UTC, datetime, timedelta

from analytics.messages import (
    Acked,
    AckMessage,
    AckOutcome,
    CatalogueCamera,
    CatalogueMessage,
    CommandMessage,
    CongestionMeasurement,
    EvidenceHeader,
    EvidenceMessage,
    EvidenceRole,
    HealthMessage,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    MediaType,
    PotholeMeasurement,
    RecheckAnswer,
    RecheckCommand,
    ReplyMessage,
    ReplyOutcome,
    Severity,
    SiteState,
    StatusMessage,
    StreamState,
    StreetLightMeasurement,
    TrafficMessage,
    VehicleClass,
    ZoneTraffic,
    new_id,
)

AT = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)
"""Ten in the morning in Jakarta, on a fixed day."""

SITE = "harmoni"
CAMERA = "toll-west"


def a_congestion_measurement(**changes: object) -> CongestionMeasurement:
    """Return a dense zone in which nearly nothing moves."""
    defaults: dict[str, object] = {
        "occupancy": 0.62,
        "stopped_share": 0.9,
        "vehicles": {VehicleClass.CAR: 14, VehicleClass.MOTORCYCLE: 6},
        "dense_s": 180.0,
    }
    return CongestionMeasurement.model_validate(defaults | changes)


def an_incident(**changes: object) -> IncidentMessage:
    """Return the first revision of a congestion incident, with new ids."""
    defaults: dict[str, object] = {
        "message_id": new_id(AT),
        "incident_id": new_id(AT),
        "revision": 1,
        "phase": IncidentPhase.OPENED,
        "kind": IncidentKind.CONGESTION,
        "site": SITE,
        "camera": CAMERA,
        "zone": "westbound",
        "started_at": AT,
        "observed_at": AT,
        "severity": Severity.MEDIUM,
        "confidence": 0.8,
        "measurement": a_congestion_measurement(),
        "software": "0.1.0",
    }
    return IncidentMessage.model_validate(defaults | changes)


def a_pothole(**changes: object) -> IncidentMessage:
    """Return the first revision of a pothole, seen well."""
    defaults: dict[str, object] = {
        "kind": IncidentKind.POTHOLE,
        "measurement": PotholeMeasurement(looks=6, width_px=48.0),
    }
    return an_incident(**(defaults | changes))


def a_dark_lamp(lamp: str = "lamp-1", **changes: object) -> IncidentMessage:
    """Return the first revision of a street lamp that is out."""
    defaults: dict[str, object] = {
        "kind": IncidentKind.STREET_LIGHT,
        "zone": lamp,
        "measurement": StreetLightMeasurement(lamp=lamp, dark_nights=3),
    }
    return an_incident(**(defaults | changes))


def a_revision(of: IncidentMessage, **changes: object) -> IncidentMessage:
    """Return the next revision of an incident; ``phase=CLOSED`` also ends it."""
    fields = {name: getattr(of, name) for name in IncidentMessage.model_fields}
    later: dict[str, object] = {
        "message_id": new_id(of.observed_at),
        "revision": of.revision + 1,
        "phase": IncidentPhase.UPDATED,
    }
    if changes.get("phase") in {IncidentPhase.CLOSED, IncidentPhase.VERIFIED}:
        later["ended_at"] = changes.get("observed_at", of.observed_at)
    return IncidentMessage.model_validate(fields | later | changes)


def an_evidence(
    of: IncidentMessage | None = None,
    *,
    content: bytes = b"\xff\xd8 a picture \xff\xd9",
    **changes: object,
) -> EvidenceMessage:
    """Return a picture; of the incident ``of`` where one is given."""
    defaults: dict[str, object] = {
        "message_id": new_id(AT),
        "incident_id": of.incident_id if of else new_id(AT),
        "site": of.site if of else SITE,
        "camera": of.camera if of else CAMERA,
        "role": EvidenceRole.ANNOTATED,
        "media_type": MediaType.JPEG,
        "sha256": hashlib.sha256(content).hexdigest(),
        "width_px": 1280,
        "height_px": 720,
        "captured_at": AT,
        "blurred_regions": 3,
    }
    return EvidenceMessage(EvidenceHeader.model_validate(defaults | changes), content)


def a_traffic(**changes: object) -> TrafficMessage:
    """Return a quiet minute of one zone."""
    defaults: dict[str, object] = {
        "message_id": new_id(AT),
        "site": SITE,
        "camera": CAMERA,
        "from_at": AT,
        "to_at": AT.replace(minute=1),
        "zones": (
            ZoneTraffic(
                zone="westbound",
                looks=30,
                occupancy=0.1,
                stopped_share=0.0,
                vehicles={VehicleClass.CAR: 2.5},
            ),
        ),
    }
    return TrafficMessage.model_validate(defaults | changes)


def a_health(**changes: object) -> HealthMessage:
    """Return a camera that runs well."""
    defaults: dict[str, object] = {
        "site": SITE,
        "camera": CAMERA,
        "observed_at": AT,
        "stream": StreamState.RUNNING,
        "stream_since": AT,
    }
    return HealthMessage.model_validate(defaults | changes)


def a_catalogue(**changes: object) -> CatalogueMessage:
    """Return a site of one camera without zones."""
    defaults: dict[str, object] = {
        "site": SITE,
        "name": "Harmoni",
        "sent_at": AT,
        "cameras": (CatalogueCamera(camera=CAMERA, name="Toll road, west"),),
    }
    return CatalogueMessage.model_validate(defaults | changes)


def a_status(**changes: object) -> StatusMessage:
    """Return a site that is online."""
    defaults: dict[str, object] = {
        "site": SITE,
        "state": SiteState.ONLINE,
        "at": AT,
        "started_at": AT,
        "software": "0.1.0",
    }
    return StatusMessage.model_validate(defaults | changes)


def a_recheck(of: IncidentMessage | None = None, **changes: object) -> CommandMessage:
    """Return a command, good for an hour, to look again at ``of``, or at an incident of no note."""
    incident_id = new_id(AT) if of is None else of.incident_id
    defaults: dict[str, object] = {
        "command_id": new_id(AT),
        "site": SITE if of is None else of.site,
        "issued_at": AT,
        "expires_at": AT + timedelta(hours=1),
        "command": RecheckCommand(
            camera=CAMERA if of is None else of.camera, incident_id=incident_id
        ),
    }
    return CommandMessage.model_validate(defaults | changes)


def a_reply(to: CommandMessage, **changes: object) -> ReplyMessage:
    """Return a camera's word that what it was asked about is gone."""
    defaults: dict[str, object] = {
        "command_id": to.command_id,
        "site": to.site,
        "camera": to.command.camera,
        "at": to.issued_at,
        "outcome": ReplyOutcome.DONE,
        "answer": RecheckAnswer.GONE,
    }
    return ReplyMessage.model_validate(defaults | changes)


def an_ack(
    *of: IncidentMessage | EvidenceMessage | TrafficMessage,
    outcome: AckOutcome = AckOutcome.COMMITTED,
    **changes: object,
) -> AckMessage:
    """Return central's word on the messages ``of``, all with one outcome."""
    defaults: dict[str, object] = {
        "site": of[0].site if of else SITE,
        "sent_at": AT,
        "messages": tuple(Acked(message_id=one.message_id, outcome=outcome) for one in of),
    }
    return AckMessage.model_validate(defaults | changes)
