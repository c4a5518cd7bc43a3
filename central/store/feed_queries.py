"""Reads the figures at the top of the screen, dead letters, and the feed of changes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analytics.messages import SiteState
from central.complaints import OPEN, Status
from central.incidents import ReviewState
from central.reading import (
    CameraHealth,
    Change,
    Counts,
    DeadLetterItem,
    Feed,
    Overview,
    SiteHealth,
)
from central.store.site_queries import camera_healths, site_healths
from central.store.tables import ChangeRow, ComplaintRow, DeadLetterRow, IncidentRow


def overview(session: Session, *, at: datetime) -> Overview:
    """Return cameras, sites and figures as seen at ``at``, each of them read once."""
    cameras = camera_healths(session, at=at)
    sites = site_healths(session, cameras)
    return Overview(_counts(session, cameras, sites), cameras, sites)


def _counts(
    session: Session, cameras: Sequence[CameraHealth], sites: Sequence[SiteHealth]
) -> Counts:
    rows = session.execute(select(ComplaintRow.status, func.count()).group_by(ComplaintRow.status))
    by_status = {status: count for status, count in rows}  # noqa: C416  # typed rows
    awaiting = (
        select(func.count())
        .select_from(IncidentRow)
        .where(IncidentRow.review == ReviewState.AWAITING)
    )
    return Counts(
        open=sum(by_status.get(status, 0) for status in OPEN),
        new=by_status.get(Status.NEW, 0),
        reopened=by_status.get(Status.REOPENED, 0),
        awaiting_review=session.scalar(awaiting) or 0,
        dead_letters=session.scalar(select(func.count()).select_from(DeadLetterRow)) or 0,
        cameras_running=sum(camera.is_running for camera in cameras),
        cameras_total=len(cameras),
        sites_online=sum(site.state is SiteState.ONLINE for site in sites),
        sites_total=len(sites),
    )


def dead_letter_items(session: Session, *, limit: int) -> tuple[DeadLetterItem, ...]:
    """Return dead letters, the one seen last first."""
    rows = session.scalars(
        select(DeadLetterRow)
        .order_by(DeadLetterRow.last_seen_at.desc(), DeadLetterRow.dead_letter_id.desc())
        .limit(limit)
    )
    return tuple(
        DeadLetterItem(
            dead_letter_id=row.dead_letter_id,
            sha256=row.sha256,
            topic=row.topic,
            fault=row.fault,
            detail=row.detail,
            size_bytes=row.size_bytes,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            times_seen=row.times_seen,
        )
        for row in rows
    )


def changes_after(session: Session, sequence: int | None, *, limit: int) -> Feed:
    """Return what changed after ``sequence``; with None, only where the feed ends now."""
    newest = session.scalar(select(func.max(ChangeRow.sequence)))
    oldest = session.scalar(select(func.min(ChangeRow.sequence)))
    if newest is None or oldest is None or sequence is None:
        return Feed((), newest or 0, has_gap=bool(sequence))
    rows = session.scalars(
        select(ChangeRow)
        .where(ChangeRow.sequence > sequence)
        .order_by(ChangeRow.sequence)
        .limit(limit)
    )
    changes = tuple(Change(row.sequence, row.subject, row.key) for row in rows)
    return Feed(changes, newest, has_gap=sequence < oldest - 1 or sequence > newest)
