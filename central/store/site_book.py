"""Writes what sites say of themselves: catalogue, status, health; and the pictures they send.

All but pictures are retained by the broker and may come many times and late: the newest wins.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from analytics.messages import (
    CatalogueMessage,
    EvidenceMessage,
    HealthMessage,
    SiteState,
    StatusMessage,
)
from central.errors import ForeignIncidentError
from central.reading import Subject
from central.store.database import Writing, upsert
from central.store.tables import CameraRow, ComplaintRow, EvidenceRow, IncidentRow, SiteRow

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a site's clock may be ahead of central's without being taken for wrong."""


def record_catalogue(writing: Writing, message: CatalogueMessage) -> None:
    """Replace the site's list of cameras as a whole."""
    site = _site_row(writing, message.site)
    if not _is_news(message.sent_at, site.catalogue_at, writing):
        return
    site.name = message.name
    site.catalogue_at = message.sent_at
    for row in writing.session.scalars(select(CameraRow).where(CameraRow.site == message.site)):
        row.is_listed = False
    for camera in message.cameras:
        row = _camera_row(writing, message.site, camera.camera)
        row.is_listed = True
        row.entry = camera.model_dump(mode="json", exclude_none=True)
    writing.note(Subject.SITE, message.site)


def record_status(writing: Writing, message: StatusMessage) -> None:
    """Take a site's word on whether it is online, or the broker's word that it vanished.

    Notes
    -----
    A last will was written when the site connected, so that its time is older than all the site
    has said since. Thus *offline* is believed unless an earlier run of the edge left it, and
    *online* only where it is newer than all before.
    """
    site = _site_row(writing, message.site)
    known = None if site.status is None else StatusMessage.model_validate(site.status)
    if known is not None and site.status_at is not None:
        is_earlier_run = message.started_at < known.started_at
        if is_earlier_run and not _is_from_the_future(known.started_at, writing):
            return
        is_online = message.state is SiteState.ONLINE
        if is_online and not _is_news(message.at, site.status_at, writing):
            return
        if message == known:
            return
    # A last will knows no figures; those of the last word are still the best there are.
    outbox = message.outbox or (known.outbox if known is not None else None)
    site.status = message.model_copy(update={"outbox": outbox}).model_dump(
        mode="json", exclude_none=True
    )
    is_news = _is_news(message.at, site.status_at, writing)
    site.status_at = message.at if is_news else site.status_at
    writing.note(Subject.SITE, message.site)


def record_health(writing: Writing, message: HealthMessage) -> None:
    """Keep a camera's health where it is newer than what is known."""
    row = _camera_row(writing, message.site, message.camera)
    if not _is_news(message.observed_at, row.observed_at, writing):
        return
    row.health = message.model_dump(mode="json", exclude_none=True)
    row.observed_at = message.observed_at
    writing.note(Subject.CAMERA, f"{message.site}/{message.camera}")


def record_evidence(writing: Writing, message: EvidenceMessage) -> None:
    """Keep a picture; it finds its incident by id, whichever of the two comes first.

    Raises
    ------
    ForeignIncidentError
        Where the incident is known, and another camera's.
    """
    header = message.header
    incident = writing.session.get(IncidentRow, header.incident_id)
    if incident is not None and (incident.site, incident.camera) != (header.site, header.camera):
        owner = f"{incident.site}/{incident.camera}"
        raise ForeignIncidentError(str(header.incident_id), owner)
    values = header.model_dump(exclude={"schema_version"}) | {"content": message.content}
    writing.session.execute(
        upsert(writing.session, EvidenceRow).values(values).on_conflict_do_nothing()
    )
    writing.note(Subject.INCIDENT, str(header.incident_id))
    if incident is not None and incident.complaint_id is not None:
        complaint = writing.session.get_one(ComplaintRow, incident.complaint_id)
        writing.note(Subject.COMPLAINT, complaint.number)


def _is_news(at: datetime, known_at: datetime | None, writing: Writing) -> bool:
    """Tell whether a word of ``at`` is newer than the one of ``known_at``.

    A word from the future is that of a clock gone wrong. Once the clock is right again, all it says
    is older; it must count all the same.
    """
    if known_at is None or _is_from_the_future(known_at, writing):
        return True
    return at > known_at


def _is_from_the_future(at: datetime, writing: Writing) -> bool:
    return at > writing.at + CLOCK_TOLERANCE


def _site_row(writing: Writing, site: str) -> SiteRow:
    row = writing.session.get(SiteRow, site, with_for_update=True)
    if row is None:
        row = SiteRow(site=site)
        writing.session.add(row)
        writing.session.flush()
    return row


def _camera_row(writing: Writing, site: str, camera: str) -> CameraRow:
    row = writing.session.get(CameraRow, (site, camera), with_for_update=True)
    if row is None:
        row = CameraRow(site=site, camera=camera, is_listed=False)
        writing.session.add(row)
        writing.session.flush()
    return row
