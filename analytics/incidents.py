"""The life of an incident: opened, updated, closed, under one id.

The state of an incident is its last revision. So an incident that was open when the edge stopped is
carried on when it starts again, from the revision that it left on its disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.messages import (
    CameraFaultMeasurement,
    CongestionMeasurement,
    EvidenceRef,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    ModelVersion,
    Position,
    PotholeMeasurement,
    Quality,
    RubbishMeasurement,
    Severity,
    StreetLightMeasurement,
    new_id,
)

UPDATE_INTERVAL = timedelta(minutes=5)
"""Between updates of an incident that only goes on; what is news is told at once."""

_OTHER_INTERVALS: Mapping[IncidentKind, timedelta] = {
    IncidentKind.POTHOLE: timedelta(hours=6),
    IncidentKind.RUBBISH: timedelta(hours=6),
    IncidentKind.STREET_LIGHT: timedelta.max,
}
"""Of kinds that go on for weeks. A lamp is not seen by day, and each dark night is news."""


OPEN_PHASES = frozenset({IncidentPhase.OPENED, IncidentPhase.UPDATED})
"""Of an incident that goes on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule holds to be so after a look, as long as it is so.

    Attributes
    ----------
    zone
        None for what concerns the whole view.
    started_at
        When it began, which is before it was certain.
    confidence
        From 0 to 1; each rule says what it means by it.
    position
        Where it is; None for where the camera is.
    """

    kind: IncidentKind
    zone: str | None
    started_at: datetime
    severity: Severity
    confidence: float
    quality: Quality
    measurement: (
        CongestionMeasurement
        | PotholeMeasurement
        | RubbishMeasurement
        | StreetLightMeasurement
        | CameraFaultMeasurement
    )
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who reports: the part of an incident message that is the same for a camera's whole run."""

    site: str
    camera: str
    position: Position | None
    software: str
    models: tuple[ModelVersion, ...]


def advance(
    last: IncidentMessage | None,
    finding: Finding | None,
    sender: Sender,
    at: datetime,
) -> IncidentMessage | None:
    """Return the next revision of an incident, or none where there is nothing to tell.

    Parameters
    ----------
    last
        The last revision that was kept; None where no incident is open.
    finding
        What the rule holds now; None where it holds nothing, which closes an open incident.
    at
        Captured time of the look.
    """
    if last is None:
        return None if finding is None else _opened(finding, sender, at)
    if finding is None:
        return closed(last, sender, at)
    # After a clock was set back none is due until it has caught up: news and the end still go.
    is_due = at - last.observed_at >= _OTHER_INTERVALS.get(last.kind, UPDATE_INTERVAL)
    return updated(last, finding, sender, at) if is_due or _is_news(last, finding) else None


def closed(last: IncidentMessage, sender: Sender, at: datetime) -> IncidentMessage:
    """Return the revision that ends an incident at ``at``."""
    return _ended(last, IncidentPhase.CLOSED, sender, at)


def verified(last: IncidentMessage, sender: Sender, at: datetime) -> IncidentMessage:
    """Return the revision that says that a second look found it gone; it ended then or before."""
    return _ended(last, IncidentPhase.VERIFIED, sender, at)


def updated(
    last: IncidentMessage, finding: Finding, sender: Sender, at: datetime
) -> IncidentMessage:
    """Return the revision that tells how an incident goes on."""
    return _opened(finding, sender, at).model_copy(
        update={
            "incident_id": last.incident_id,
            "revision": last.revision + 1,
            "phase": IncidentPhase.UPDATED,
            "started_at": last.started_at,
            "observed_at": max(at, last.started_at),
        }
    )


def with_evidence(message: IncidentMessage, evidence: tuple[EvidenceRef, ...]) -> IncidentMessage:
    """Return the revision with references to its pictures."""
    return message.model_copy(update={"evidence": evidence})


def _is_news(last: IncidentMessage, finding: Finding) -> bool:
    return last.severity is not finding.severity or _news(last) != _news(finding)


def _news(told: IncidentMessage | Finding) -> object:
    """Return what is told at once when it changes, beside the severity."""
    match told.measurement:
        case RubbishMeasurement(state=state):
            return state
        case StreetLightMeasurement(dark_nights=nights):
            return nights
        case _:
            return None


def _opened(finding: Finding, sender: Sender, at: datetime) -> IncidentMessage:
    return IncidentMessage(
        message_id=new_id(at),
        incident_id=new_id(at),
        revision=1,
        phase=IncidentPhase.OPENED,
        kind=finding.kind,
        site=sender.site,
        camera=sender.camera,
        zone=finding.zone,
        position=finding.position or sender.position,
        started_at=finding.started_at,
        observed_at=max(at, finding.started_at),
        severity=finding.severity,
        confidence=finding.confidence,
        quality=finding.quality,
        measurement=finding.measurement,
        software=sender.software,
        models=sender.models,
    )


def _ended(
    last: IncidentMessage, phase: IncidentPhase, sender: Sender, at: datetime
) -> IncidentMessage:
    # The wall clock may have been set back while the edge was down; an end is never before a start.
    observed_at = max(at, last.started_at)
    return last.model_copy(
        update={
            "message_id": new_id(at),
            "revision": last.revision + 1,
            "phase": phase,
            "observed_at": observed_at,
            "ended_at": last.ended_at or observed_at,
            "evidence": (),
            "software": sender.software,
            "models": sender.models,
        }
    )
