"""What cameras a site has and what each looks at; never a credential, never an address."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from analytics.messages.base import Polygon, Position, Slug, UtcTime, WireMessage, WireModel

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class Analytic(StrEnum):
    """What a camera is used for."""

    CONGESTION = "congestion"
    TRAFFIC = "traffic"
    POTHOLE = "pothole"
    RUBBISH = "rubbish"
    STREET_LIGHT = "street_light"


class CatalogueZone(WireModel):
    """A named part of the view."""

    zone: Slug
    name: Name
    analytics: tuple[Analytic, ...] = Field(min_length=1)
    polygon: Polygon


class CatalogueCamera(WireModel):
    """One camera, as the map and the operator need it."""

    camera: Slug
    name: Name
    position: Position | None = None
    heading_deg: float | None = Field(
        default=None, ge=0, lt=360, description="Where it looks, clockwise from north."
    )
    simulated: bool = Field(
        default=False, description="Its pictures are recorded or made, not of now; shown as such."
    )
    zones: tuple[CatalogueZone, ...] = Field(default=(), max_length=32)


class CatalogueMessage(WireMessage):
    """A site's cameras; retained, and replaced as a whole."""

    site: Slug
    name: Name
    sent_at: UtcTime
    cameras: tuple[CatalogueCamera, ...] = Field(max_length=500)
