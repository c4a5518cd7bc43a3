"""Looks for what does not move in one camera's view: potholes, and rubbish.

::

    look ─> background ─ every few minutes ─> inspection ─> places ─> incidents
            no traffic   a tile at a time     boxes         seen for long, gone for long

The background has neither traffic nor people in it. An inspection is many small pieces of work,
done between looks, so that it never delays them. What it comes to is reported with the next look,
whose frame is the picture of it.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import numpy as np

from analytics.detections import BoolArray, Detections, FloatArray
from analytics.frames import Frame
from analytics.ground import AROUND, OWN, box_px, grown
from analytics.messages import (
    EvidenceMessage,
    EvidenceRole,
    IncidentKind,
    IncidentMessage,
    PotholeMeasurement,
    RubbishMeasurement,
)
from analytics.places import Outcome, Place, PlaceRule
from analytics.tracking import Tracks
from analytics.zones import Zone
from edge.camera_config import CameraSettings
from edge.evidence import spot_of
from edge.inspection import Inspection, Task
from edge.photographer import Photographer
from edge.rechecks import RecheckOrder, RecheckReply
from edge.reporting import Reporter
from edge.second_looks import SecondLooks
from edge.sight import Sight
from edge.slow_places import ZonePlaces
from edge.slow_store import SlowStore
from models.detector import Detector
from models.errors import DetectorError


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame of a view that can be trusted, and what was found in it, in its pixels."""

    frame: Frame
    detections: Detections


@dataclass(frozen=True, slots=True)
class SlowTools:
    """What it takes to look for what does not move.

    Attributes
    ----------
    detectors
        What finds each kind that the camera's zones look for.
    store
        Keeps what is known over restarts.
    """

    detectors: Mapping[IncidentKind, Detector]
    store: SlowStore


class SlowScene:
    """What does not move in one camera's view. For the looking thread, but for `recheck`.

    Parameters
    ----------
    reporters
        Who reports each kind that there is a detector for.
    reply
        Told the answer to each order of `recheck`, in the looking thread.
    open_incidents
        Those of the camera that were open when the edge stopped.
    """

    def __init__(
        self,
        camera: CameraSettings,
        tools: SlowTools,
        reporters: Mapping[IncidentKind, Reporter],
        photographer: Photographer,
        *,
        reply: Callable[[RecheckReply], None],
        open_incidents: Sequence[IncidentMessage] = (),
    ) -> None:
        self._camera = camera
        self._detectors = tools.detectors
        self._store = tools.store
        self._reporters = reporters
        self._photographer = photographer
        self._zones = _zone_places(camera, tools.detectors, tools.store.places())
        _adopt(self._zones, open_incidents)
        self._second_looks = SecondLooks(
            self._zones,
            tools.detectors,
            reporters,
            photographer,
            reply=reply,
            every_s=camera.inspection.background_every_s,
        )
        self._sight: Sight | None = None
        self._inspection: Inspection | None = None
        self._next_at: datetime | None = None
        self._is_news = False

    @property
    def open_incidents(self) -> frozenset[UUID]:
        """The incidents that are open now."""
        told = (place.open_incident for _, place in self._places())
        return frozenset(incident.incident_id for incident in told if incident is not None)

    def recheck(self, order: RecheckOrder) -> None:
        """Look again at what an incident found; from any thread. The reply comes later."""
        self._second_looks.ask(order)

    def look(self, seen: Seen) -> None:
        """Take one look in."""
        frame, at = seen.frame, seen.frame.captured_at
        sight = self._sight_of(frame.size_px)
        if self._is_news:
            self._is_news = False
            self._report(seen, sight)
        self._second_looks.begin(sight, at)
        is_due = sight.background.is_due(at)
        if is_due or self._second_looks.is_due(at):
            # At its full size, which takes as long to convert as all the rest.
            image = frame.whole()
            hidden = self._hidden(sight, seen)
            if is_due:
                sight.background.look(image, hidden, at)
            self._second_looks.look(image, hidden, at)
        self._begin(sight, at)

    def look_away(self, at: datetime, *, turned: bool) -> None:
        """Note that the view cannot be trusted; one that was turned is learnt anew."""
        if turned and self._sight is not None and self._sight.background.looks:
            # The clean scene is that of the right view, which this one is not.
            self._sight.learn_anew()
            self._store.discard_present()
            self._give_up()
        self._second_looks.begin(None, at)

    def work(self, at: datetime) -> bool:
        """Do one small piece of what waits; tell whether there was any.

        Raises
        ------
        models.errors.DetectorError
            Where an inference failed; what waits goes on without it.
        """
        sight = self._sight
        if sight is None:
            return False
        if self._second_looks.answer_next(sight, at):
            # What came back is a new incident, which the next look reports.
            self._is_news = True
            self._keep_places()
            return True
        if self._inspection is None:
            return False
        if not self._inspection.is_done:
            self._step(self._inspection, sight, at)
            return True
        inspection, self._inspection = self._inspection, None
        self._conclude(inspection, sight, at)
        return True

    def rest(self, now: datetime) -> None:
        """Answer what expired, and keep what was learnt, if it is time."""
        self._second_looks.expire(now)
        if self._sight is not None and self._store.scene_is_due():
            self._sight.keep(self._store)

    def keep(self) -> None:
        """Keep what was learnt."""
        if self._sight is not None:
            self._sight.keep(self._store)
        self._keep_places()

    def _sight_of(self, size_px: tuple[int, int]) -> Sight:
        if self._sight is not None and self._sight.background.blocks.size_px != size_px:
            self._sight = None
            self._give_up()
        if self._sight is None:
            self._sight = Sight.of(self._camera, [one.zone for one in self._zones], size_px)
            self._sight.restore(self._store)
        return self._sight

    def _give_up(self) -> None:
        """End what was begun in another view."""
        self._inspection = None
        self._is_news = False
        self._second_looks.give_up()

    def _step(self, inspection: Inspection, sight: Sight, at: datetime) -> None:
        try:
            inspection.step(sight.background, at)
        except DetectorError:
            # What was not looked at is not gone.
            self._inspection = None
            raise

    def _begin(self, sight: Sight, at: datetime) -> None:
        """Begin an inspection, if it is time and there is something to see."""
        every = timedelta(seconds=self._camera.inspection.every_s)
        if self._next_at is None or at < self._next_at - every:
            # By its name, so that a hundred cameras take their turns.
            part = zlib.crc32(self._camera.camera.encode()) / 2**32
            self._next_at = at + every * part
        if at < self._next_at or self._inspection is not None:
            return
        eyesight = sight.eyesight
        if not eyesight.is_enough:
            if eyesight.is_known:
                self._next_at = at + every
                for zone in self._zones:
                    zone.hide_all(at)
            return
        due_at = self._next_at + every
        self._next_at = due_at if due_at > at else at + every
        for zone, place in self._places():
            if place.is_open or place.looks:
                box = box_px(place.box, sight.background.blocks.size_px)
                sight.quiet.disturb(zone.kind, box)
        tasks = [Task(one.kind, one.zone) for one in self._zones]
        self._inspection = Inspection(tasks, self._detectors, sight.camera, sight.quiet)

    def _conclude(self, inspection: Inspection, sight: Sight, at: datetime) -> None:
        background = sight.background
        blocks = background.blocks
        each = list(zip(self._zones, inspection.results(), strict=True))
        occupied = [zone.worth_a_look(boxes).xyxy for zone, boxes in each]
        occupied += [
            box_px(place.box, blocks.size_px)[None]
            for _, place in self._places()
            if place.last is Outcome.SEEN
        ]
        faint = [zone.small(boxes).xyxy for zone, boxes in each]
        sight.reference.update(
            background,
            at,
            occupied=blocks.touched(np.concatenate(occupied).astype(np.float32)),
            faint=blocks.touched(np.concatenate(faint).astype(np.float32)),
            standing=sight.hidden.standing,
        )
        ground = sight.ground()
        for zone, boxes in each:
            zone.look(boxes, ground, at)
        sight.inspected_look = background.looks
        self._is_news = True
        self._keep_places()

    def _report(self, seen: Seen, sight: Sight) -> None:
        """Report what the last inspection came to, with the pictures of this look."""
        for zone, place in self._places():
            last = place.open_incident
            if last is None and not place.is_open:
                continue
            revision = self._reporters[zone.kind].advance(
                last,
                sight.finding(zone, place) if place.is_open else None,
                seen.frame.captured_at,
                partial(self._pictures, zone, place, seen),
            )
            if revision is not None:
                place.told(revision)
        self._keep_places()

    def _pictures(
        self, zone: ZonePlaces, place: Place, seen: Seen, incident: IncidentMessage
    ) -> Sequence[EvidenceMessage]:
        context = self._photographer.of_frame(
            incident,
            seen.frame,
            seen.detections,
            Tracks.none(),
            zone.zone,
            spot=spot_of(place.box, seen.frame.size_px),
        )
        if place.before is None:
            return context
        close = self._photographer.of_scene(
            incident, place.before.image, EvidenceRole.CLOSE_UP, place.before.seen_at
        )
        return (*context, *close)

    def _hidden(self, sight: Sight, seen: Seen) -> BoolArray:
        """Return which blocks of the view are hidden in a look, ``(n,)``."""
        found = [
            place for _, place in self._places() if place.is_open or place.incident is not None
        ]
        size_px = seen.frame.size_px

        def around(places: Sequence[Place], times: float) -> FloatArray:
            boxes = [grown(box_px(place.box, size_px), times) for place in places]
            return np.array(boxes, np.float32).reshape(-1, 4)

        return sight.hidden.look(
            seen.detections,
            seen.frame.captured_at,
            open_boxes=around([place for place in found if place.is_open], OWN),
            near_boxes=around(found, AROUND),
        )

    def _places(self) -> Iterator[tuple[ZonePlaces, Place]]:
        for zone in self._zones:
            for place in zone.places:
                yield zone, place

    def _keep_places(self) -> None:
        self._store.keep_places(
            [(zone.kind, zone.zone.name, place) for zone, place in self._places()]
        )


def _zone_places(
    camera: CameraSettings,
    detectors: Mapping[IncidentKind, Detector],
    kept: Sequence[tuple[IncidentKind, str, Place]],
) -> list[ZonePlaces]:
    settings = camera.inspection
    rule = PlaceRule(least=settings.least, over_s=settings.over_s, gone_s=settings.gone_s)
    return [
        ZonePlaces(
            kind,
            Zone.of(zone.zone, zone.polygon),
            rule,
            [
                place
                for its_kind, its_zone, place in kept
                if (its_kind, its_zone) == (kind, zone.zone)
            ],
        )
        for zone in camera.zones
        for kind in zone.slow_kinds
    ]


def _adopt(zones: Sequence[ZonePlaces], open_incidents: Sequence[IncidentMessage]) -> None:
    """Give each open incident its place; the outbox knows better than the places' file."""
    for zone in zones:
        zone.drop_untold({incident.incident_id for incident in open_incidents})
    for incident in open_incidents:
        measurement = incident.measurement
        if not isinstance(measurement, PotholeMeasurement | RubbishMeasurement):
            continue
        where = (incident.kind, incident.zone)
        for zone in zones:
            if (zone.kind, zone.zone.name) == where and measurement.view_box is not None:
                zone.adopt(incident, measurement.view_box)
