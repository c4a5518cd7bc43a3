"""Tells central which cameras a site has, and what each looks at."""

from datetime import datetime

from analytics.messages import Analytic, CatalogueCamera, CatalogueMessage, CatalogueZone
from edge.config import CameraSettings, SiteSettings


def catalogue(settings: SiteSettings, *, at: datetime) -> CatalogueMessage:
    """Return the site's catalogue; field by field, so that no address can slip into it."""
    return CatalogueMessage(
        site=settings.site,
        name=settings.name,
        sent_at=at,
        cameras=tuple(_camera(camera) for camera in settings.cameras),
    )


def _camera(camera: CameraSettings) -> CatalogueCamera:
    return CatalogueCamera(
        camera=camera.camera,
        name=camera.name,
        position=camera.position,
        heading_deg=camera.heading_deg,
        simulated=camera.simulated,
        zones=tuple(
            CatalogueZone(
                zone=zone.zone,
                name=zone.name,
                analytics=(Analytic.CONGESTION,),
                polygon=zone.polygon,
            )
            for zone in camera.zones
        ),
    )
