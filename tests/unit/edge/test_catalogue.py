"""What central is told of a site's cameras, and when it would be too much to read."""

import math
from pathlib import Path

import pytest

from analytics.messages import Analytic, CatalogueMessage, catalogue_topic, decode, encode
from edge.camera_config import CameraSettings
from edge.catalogue import catalogue, catalogue_problem
from edge.config import SiteSettings
from edge.view_config import ZoneSettings
from tests.builders import AT, SITE

PASSWORD = "hunter2"


def an_outline(corners: int) -> tuple[tuple[float, float], ...]:
    """Return a round zone, its corners with all digits that a float has."""
    angles = [math.tau * corner / corners for corner in range(corners)]
    return tuple((0.5 + math.cos(angle) / 3, 0.5 + math.sin(angle) / 3) for angle in angles)


def a_site(*, cameras: int, zones: int = 2, corners: int = 8) -> SiteSettings:
    """Return a site of like cameras."""
    like = [
        CameraSettings.model_validate(
            {
                "camera": f"camera-{camera:03}",
                "name": f"Camera {camera}",
                "url": f"rtsp://192.0.2.1/{camera}",
                "username": "viewer",
                "password": PASSWORD,
                "zones": [
                    ZoneSettings(zone=f"zone-{zone}", name="Road", polygon=an_outline(corners))
                    for zone in range(zones)
                ],
            }
        )
        for camera in range(cameras)
    ]
    return SiteSettings(site=SITE, name="Harmoni", data_dir=Path("data"), cameras=tuple(like))


def test_a_large_site_of_ordinary_zones_can_be_read_by_central() -> None:
    site = a_site(cameras=500)

    assert catalogue_problem(site) is None
    read = decode(catalogue_topic(SITE), encode(catalogue(site, at=AT)))
    assert isinstance(read, CatalogueMessage)
    assert [one.camera for one in read.cameras] == [one.camera for one in site.cameras]
    for told, drawn in zip(read.cameras[0].zones[0].polygon, an_outline(8), strict=True):
        assert told == pytest.approx(drawn, abs=0.00005)


def test_a_site_that_central_could_not_read_is_told_so_with_what_to_do() -> None:
    problem = catalogue_problem(a_site(cameras=100, zones=32, corners=8))

    assert problem is not None
    assert "bytes, and central reads 262144 at most: use fewer corners" in problem


def test_a_catalogue_holds_neither_address_nor_password() -> None:
    payload = encode(catalogue(a_site(cameras=1), at=AT))

    assert b"192.0.2.1" not in payload
    assert PASSWORD.encode() not in payload


def test_a_lamp_is_told_as_a_zone_that_shows_its_name() -> None:
    camera = CameraSettings.model_validate(
        {
            "camera": "street",
            "name": "Street",
            "lamps": [{"lamp": "pole-14", "name": "Pole 14", "box": [0.72, 0.02, 0.76, 0.05]}],
        }
    )
    site = SiteSettings(site=SITE, name="Harmoni", data_dir=Path("data"), cameras=(camera,))

    ((zone,),) = [one.zones for one in catalogue(site, at=AT).cameras]

    assert (zone.zone, zone.name, zone.analytics) == (
        "pole-14",
        "Pole 14",
        (Analytic.STREET_LIGHT,),
    )
    assert zone.polygon == ((0.72, 0.02), (0.76, 0.02), (0.76, 0.05), (0.72, 0.05))
