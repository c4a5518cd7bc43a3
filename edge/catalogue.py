"""Tells central which cameras a site has, and what each looks at."""

from datetime import UTC, datetime

from analytics.messages import (
    MAX_MESSAGE_BYTES,
    Analytic,
    CatalogueCamera,
    CatalogueMessage,
    CatalogueZone,
    encode,
)
from edge.camera_config import CameraSettings
from edge.config import SiteSettings
from edge.settings import Corners

_CORNER_DIGITS = 4
"""Of a fraction of the view: a third of a pixel of the widest camera."""

_LONG_TIME = datetime(2000, 1, 1, microsecond=1, tzinfo=UTC)
"""Any that has a fraction of a second: it takes the most room."""


def catalogue(settings: SiteSettings, *, at: datetime) -> CatalogueMessage:
    """Return the site's catalogue; field by field, so that no address can slip into it."""
    return CatalogueMessage(
        site=settings.site,
        name=settings.name,
        sent_at=at,
        cameras=tuple(_camera(camera) for camera in settings.cameras),
    )


def catalogue_problem(settings: SiteSettings) -> str | None:
    """Return why central would not read the site's catalogue; None where it would."""
    size_bytes = len(encode(catalogue(settings, at=_LONG_TIME)))
    if size_bytes <= MAX_MESSAGE_BYTES:
        return None
    return (
        f"cameras: their catalogue takes {size_bytes} bytes, and central reads {MAX_MESSAGE_BYTES}"
        " at most: use fewer corners or shorter names, or make two sites of it"
    )


def _camera(camera: CameraSettings) -> CatalogueCamera:
    return CatalogueCamera(
        camera=camera.camera,
        name=camera.name,
        position=camera.position,
        heading_deg=camera.heading_deg,
        simulated=camera.simulated,
        zones=(
            *(
                _zone(
                    one.zone,
                    one.name,
                    tuple(Analytic(kind.value) for kind in one.looks_for),
                    one.polygon,
                )
                for one in camera.zones
            ),
            # A lamp is a part of the view that is judged by itself, so it is a zone to central:
            # its incidents show its name, and those of two lamps are two complaints.
            *(
                _zone(one.lamp, one.name, (Analytic.STREET_LIGHT,), one.corners)
                for one in camera.lamps
            ),
        ),
    )


def _zone(zone: str, name: str, analytics: tuple[Analytic, ...], corners: Corners) -> CatalogueZone:
    polygon = tuple((round(x, _CORNER_DIGITS), round(y, _CORNER_DIGITS)) for x, y in corners)
    return CatalogueZone(zone=zone, name=name, analytics=analytics, polygon=polygon)
