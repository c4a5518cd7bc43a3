"""Asks each camera and the broker, once, whether they answer: `simpang edge check --probe`."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

from analytics.frames import Image
from analytics.messages import StreamFaultType
from analytics.zone_sight import ZoneSight
from analytics.zones import Zone
from edge.camera_config import CameraSettings
from edge.config import SiteSettings
from edge.connection import Connection
from edge.errors import BrokerError, StreamError
from edge.sampling import EVERY_PICTURE
from edge.sources import open_rtsp
from edge.stream_snapshot import StreamInfo

AT_ONCE = 8
"""Cameras asked at the same time: a dead one takes its whole time-out to say so."""


@dataclass(frozen=True, slots=True)
class CameraProbe:
    """One camera's answer.

    Attributes
    ----------
    info
        What its stream says of itself; None where it gave no picture.
    first_frame_s
        Time from asking to the first picture.
    fault, text
        Why it gave none, in words without a credential; None where it did.
    sights
        How well the picture shows each zone that looks for what does not move, by the zone's slug.
    """

    camera: str
    info: StreamInfo | None = None
    first_frame_s: float | None = None
    fault: StreamFaultType | None = None
    text: str | None = None
    sights: Mapping[str, ZoneSight] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        """Whether a picture came."""
        return self.fault is None


def probe_cameras(cameras: Sequence[CameraSettings]) -> list[CameraProbe]:
    """Open each camera's stream once and wait for a picture, several at a time."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="probe") as pool:
        return list(pool.map(probe_camera, cameras))


def probe_camera(camera: CameraSettings) -> CameraProbe:
    """Open a camera's stream and wait for one picture."""
    started = time.monotonic()
    try:
        source = open_rtsp(camera.address, sampling=EVERY_PICTURE, line=camera.line)
        with closing(source):
            picture = next(source.samples()).frame().image
            info = source.info
    except StreamError as exc:
        return CameraProbe(camera.camera, fault=exc.fault, text=exc.text)
    took_s = round(time.monotonic() - started, 2)
    return CameraProbe(camera.camera, info, took_s, sights=_sights(camera, picture, info))


def _sights(camera: CameraSettings, picture: Image, info: StreamInfo) -> dict[str, ZoneSight]:
    plane = camera.ground_plane
    return {
        zone.zone: ZoneSight.of(Zone.of(zone.zone, zone.polygon), plane, picture, info.width_px)
        for zone in camera.zones
        if zone.slow_kinds
    }


def probe_broker(site: SiteSettings) -> str | None:
    """Sign in to the broker once; return why it does not take the site, None where it does."""
    try:
        with Connection(site.broker, f"simpang-check-{site.site}", will=None):
            return None
    except BrokerError as exc:
        return str(exc)
