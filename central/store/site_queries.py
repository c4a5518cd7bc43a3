"""Reads how cameras and sites are doing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.messages import (
    CatalogueCamera,
    HealthMessage,
    Losses,
    Position,
    SiteState,
    StatusMessage,
    ViewState,
)
from central.reading import CameraHealth, Place, SiteHealth
from central.store.tables import CameraRow, SiteRow

STALE_AFTER = timedelta(seconds=90)
"""Three times the edge's own interval of saying how a camera is."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All cameras that were ever listed, to put names to what incidents say."""

    _cameras: Mapping[tuple[str, str], CatalogueCamera]

    @classmethod
    def read(cls, session: Session) -> Self:
        """Return the catalogue of every site."""
        rows = session.execute(
            select(CameraRow.site, CameraRow.camera, CameraRow.entry).where(
                CameraRow.entry.is_not(None)
            )
        )
        return cls(
            {(site, camera): CatalogueCamera.model_validate(entry) for site, camera, entry in rows}
        )

    def place(
        self, site: str, camera: str, zone: str | None = None, position: Position | None = None
    ) -> Place:
        """Return the place with its names; slugs where the catalogue has not come yet."""
        entry = self._cameras.get((site, camera))
        zone_names = {one.zone: one.name for one in entry.zones} if entry is not None else {}
        return Place(
            site=site,
            camera=camera,
            camera_name=camera if entry is None else entry.name,
            zone=zone,
            zone_name=None if zone is None else zone_names.get(zone, zone),
            simulated=entry is not None and entry.simulated,
            position=position or (None if entry is None else entry.position),
        )


def camera_healths(session: Session, *, at: datetime) -> tuple[CameraHealth, ...]:
    """Return every camera that is listed, or that was heard of without being listed."""
    catalogue = Catalogue.read(session)
    offline = {site.site for site in _statuses(session) if site.status.state is SiteState.OFFLINE}
    rows = session.scalars(select(CameraRow).order_by(CameraRow.site, CameraRow.camera))
    return tuple(
        _camera_health(
            row,
            catalogue.place(row.site, row.camera),
            is_stale=row.site in offline
            or row.observed_at is None
            or at - row.observed_at > STALE_AFTER,
        )
        for row in rows
        if row.is_listed or row.entry is None
    )


def site_healths(session: Session, cameras: Sequence[CameraHealth]) -> tuple[SiteHealth, ...]:
    """Return every site that was heard of; ``cameras`` are those of all sites."""
    total = Counter(camera.place.site for camera in cameras)
    running = Counter(camera.place.site for camera in cameras if camera.is_running)
    rows = {row.site: row for row in session.scalars(select(SiteRow))}
    return tuple(
        _site_health(site, rows.get(site), total[site], running[site])
        for site in sorted({*rows, *total})
    )


@dataclass(frozen=True, slots=True)
class _SiteStatus:
    site: str
    status: StatusMessage


def _statuses(session: Session) -> list[_SiteStatus]:
    rows = session.execute(select(SiteRow.site, SiteRow.status).where(SiteRow.status.is_not(None)))
    return [_SiteStatus(site, StatusMessage.model_validate(status)) for site, status in rows]


def _camera_health(row: CameraRow, place: Place, *, is_stale: bool) -> CameraHealth:
    health = None if row.health is None else HealthMessage.model_validate(row.health)
    if health is None:
        return CameraHealth(
            place=place,
            stream=None,
            stream_since=None,
            fault=None,
            view=ViewState.UNKNOWN,
            overloaded=False,
            frames_per_s=0.0,
            looks_per_s=0.0,
            frame_age_s=None,
            inference_ms=None,
            reconnects=0,
            losses=Losses(),
            observed_at=None,
            is_stale=True,
        )
    return CameraHealth(
        place=place,
        stream=health.stream,
        stream_since=health.stream_since,
        fault=health.fault,
        view=health.view,
        overloaded=health.overloaded,
        frames_per_s=health.frames_per_s,
        looks_per_s=health.looks_per_s,
        frame_age_s=health.frame_age_s,
        inference_ms=health.inference_ms,
        reconnects=health.reconnects,
        losses=health.losses,
        observed_at=health.observed_at,
        is_stale=is_stale,
    )


def _site_health(site: str, row: SiteRow | None, cameras: int, running: int) -> SiteHealth:
    status = None if row is None or row.status is None else StatusMessage.model_validate(row.status)
    return SiteHealth(
        site=site,
        name=site if row is None or row.name is None else row.name,
        state=None if status is None else status.state,
        at=None if row is None else row.status_at,
        software=None if status is None else status.software,
        outbox=None if status is None else status.outbox,
        cameras=cameras,
        cameras_running=running,
    )
