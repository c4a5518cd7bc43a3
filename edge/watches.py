"""What judges one camera's looks: a watch for each kind of incident in each zone.

A new analytic is one more watch in `watches`: a function from a look to a `Finding` or None. All
from the reporter on stays as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from analytics.camera_fault import TRUSTED, CameraFaultWatch
from analytics.congestion import CongestionWatch
from analytics.detections import Detections
from analytics.frames import Frame
from analytics.incidents import Finding
from analytics.lamps import LampRule
from analytics.messages import (
    CameraFaultMeasurement,
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    StreetLightMeasurement,
    ViewBox,
    ViewState,
)
from analytics.tracking import Tracks
from analytics.traffic import ZoneMeter
from analytics.zones import Zone
from edge.camera_config import CameraSettings
from edge.evidence import spot_of
from edge.lamps import KeptLamps
from edge.photographer import Photographer
from edge.view_config import LampSettings, ZoneSettings


@dataclass(frozen=True, slots=True)
class Look:
    """A frame and what was seen in it; nothing where its view cannot be trusted.

    ``view_since`` is since when the view is in its state.
    """

    frame: Frame
    view: ViewState
    view_since: datetime
    detections: Detections = field(default_factory=Detections.none)
    tracks: Tracks = field(default_factory=Tracks.none)


@dataclass(slots=True)
class Watch:
    """One kind of incident in one place: what judges a look, and the incident that is open.

    Attributes
    ----------
    place
        Name of the zone or lamp; None for what concerns the whole view.
    zone
        None for what concerns the whole view or one small thing.
    spot
        Where in the view a small thing is.
    """

    kind: IncidentKind
    place: str | None
    judge: Callable[[Look], Finding | None]
    last: IncidentMessage | None
    zone: Zone | None = None
    spot: ViewBox | None = None

    def pictures(
        self, photographer: Photographer, look: Look, incident: IncidentMessage
    ) -> Sequence[EvidenceMessage]:
        """Return the pictures of an incident in a look; none where they had to be withheld."""
        # In a view that is not trusted nobody was looked for yet, and somebody may stand there.
        found = look.detections if look.view in TRUSTED else None
        spot = None if self.spot is None else spot_of(self.spot, look.frame.size_px)
        return photographer.of_frame(incident, look.frame, found, look.tracks, self.zone, spot=spot)


OpenIn = Mapping[tuple[IncidentKind, str | None], IncidentMessage]
"""The open incident of each kind and place."""


def open_in(open_incidents: Sequence[IncidentMessage]) -> OpenIn:
    """Return open incidents by where they are."""
    # By start, so that of two in one place, which only lost messages can leave, the newer stays.
    by_start = sorted(open_incidents, key=lambda incident: incident.started_at)
    return {(incident.kind, incident.zone): incident for incident in by_start}


def watches(camera: CameraSettings, lamps: KeptLamps, opened: OpenIn) -> list[Watch]:
    """Return the watches of a camera's zones and lamps, which carry on what is open."""
    rule = camera.street_light.rule()
    return [
        *(
            _congestion_watch(zone, opened.get((IncidentKind.CONGESTION, zone.zone)))
            for zone in camera.zones
            if IncidentKind.CONGESTION in zone.looks_for
        ),
        *(
            _lamp_watch(lamp, rule, lamps, opened.get((IncidentKind.STREET_LIGHT, lamp.lamp)))
            for lamp in camera.lamps
        ),
    ]


def view_watch(last: IncidentMessage | None) -> Watch:
    """Return the watch of the camera itself."""
    watch = CameraFaultWatch()
    if last is not None and isinstance(last.measurement, CameraFaultMeasurement):
        watch = CameraFaultWatch((last.measurement, last.started_at))

    def judge(look: Look) -> Finding | None:
        return watch.look(look.view, look.view_since, look.frame.captured_at)

    return Watch(IncidentKind.CAMERA_FAULT, None, judge, last)


def _lamp_watch(
    settings: LampSettings, rule: LampRule, lamps: KeptLamps, last: IncidentMessage | None
) -> Watch:
    opened = None
    if last is not None and isinstance(last.measurement, StreetLightMeasurement):
        opened = (last.measurement, last.started_at)
    watch = lamps.watch(settings, rule, opened)
    if last is not None:
        lamps.told(last)

    def judge(look: Look) -> Finding | None:
        return watch.look(look.frame.image, look.frame.captured_at)

    return Watch(IncidentKind.STREET_LIGHT, settings.lamp, judge, last, spot=settings.box)


def _congestion_watch(settings: ZoneSettings, last: IncidentMessage | None) -> Watch:
    zone = Zone.of(settings.zone, settings.polygon)
    meter = ZoneMeter(zone, traffic_is_known=last is not None)
    rule = settings.congestion.rule()
    watch = CongestionWatch(rule, settings.zone, None if last is None else last.started_at)

    def judge(look: Look) -> Finding | None:
        frame = look.frame
        return watch.look(meter.measure(look.tracks, frame.size_px, frame.captured_at))

    return Watch(IncidentKind.CONGESTION, settings.zone, judge, last, zone)
