"""Looks for what does not move in one camera's view: potholes, and rubbish.

::

    look ─> background ─ every few minutes ─> inspection ─> places ─> incidents
            no traffic   a tile at a time     boxes         seen for long, gone for long

The background has neither traffic nor people in it. An inspection is many small pieces of work,
done between looks, so that it never delays them. What it comes to is reported with the next look,
whose frame is the picture of it.
"""

import logging
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from analytics.background import Background, BackgroundRule
from analytics.blocks import Blocks
from analytics.clean_reference import CleanReference
from analytics.detections import Detections, FloatArray
from analytics.eyesight import Eyesight
from analytics.frames import Frame
from analytics.incidents import Finding, updated, verified
from analytics.messages import (
    EvidenceMessage,
    EvidenceRef,
    EvidenceRole,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    PotholeMeasurement,
    RecheckAnswer,
    ReplyOutcome,
    RubbishMeasurement,
)
from analytics.places import Place, PlaceRule
from analytics.slow_finding import Ground, finding_of
from analytics.tracking import Tracks
from analytics.zones import Zone
from edge.config import CameraSettings
from edge.inspection import Inspection, Task
from edge.photographer import Photographer
from edge.rechecks import RecheckOrder, RecheckReply
from edge.reporting import Reporter
from edge.second_look import SecondLook
from edge.slow_places import Inspected, ZonePlaces, box_px
from edge.slow_store import SlowStore
from models.detector import Detector
from models.errors import DetectorError

logger = logging.getLogger(__name__)

SLOW_KINDS: Final = (IncidentKind.POTHOLE, IncidentKind.RUBBISH)
_HIDES: Final = 0.15
"""Confidence from which on a box of the traffic's detector hides the ground."""
_WIDER: Final = 0.15
"""Of a box's width and height, on each side: its shadow, and what its edges are off."""
_OPEN: Final = frozenset({IncidentPhase.OPENED, IncidentPhase.UPDATED})


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
        self._reply = reply
        self._reporters = reporters
        self._photographer = photographer
        self._zones = _zone_places(camera, tools.detectors, tools.store.places())
        _adopt(self._zones, open_incidents)
        self._orders: deque[RecheckOrder] = deque()
        self._second_looks: list[SecondLook] = []
        self._sight: _Sight | None = None
        self._inspection: Inspection | None = None
        self._next_at: datetime | None = None
        self._is_news = False

    @property
    def open_incidents(self) -> frozenset[UUID]:
        """The incidents that are open now."""
        return frozenset(
            place.incident.incident_id
            for _, place in self._places()
            if place.incident is not None and place.incident.phase in _OPEN
        )

    def recheck(self, order: RecheckOrder) -> None:
        """Look again at what an incident found; from any thread. The reply comes later."""
        self._orders.append(order)

    def look(self, seen: Seen) -> None:
        """Take one look in."""
        frame, at = seen.frame, seen.frame.captured_at
        sight = self._sight_of(frame.size_px)
        if self._is_news:
            self._is_news = False
            self._report(seen, sight.ground)
        self._take_orders(at)
        hidden = _hidden(seen.detections)
        if sight.background.is_due(at):
            sight.background.look(frame.whole(), hidden, at)
        for second in self._second_looks:
            second.look(frame, hidden)
        self._begin(sight, at)

    def look_away(self, at: datetime, *, turned: bool) -> None:
        """Note that the view cannot be trusted; one that was turned is learnt anew."""
        if turned and self._sight is not None:
            self._forget_sight("the view was turned away")
            self._store.discard_scene()
        self._take_orders(at)

    def work(self, at: datetime) -> bool:
        """Do one small piece of what waits; tell whether there was any.

        Raises
        ------
        models.errors.DetectorError
            Where an inference failed; what waits goes on without it.
        """
        ready = next((one for one in self._second_looks if one.is_ready(at)), None)
        if ready is not None:
            self._second_looks.remove(ready)
            self._answer(ready, at)
            return True
        if self._inspection is None or self._sight is None:
            return False
        if not self._inspection.is_done:
            self._step(self._inspection, self._sight.background)
            return True
        inspection, self._inspection = self._inspection, None
        self._conclude(inspection, self._sight, at)
        return True

    def rest(self, now: datetime) -> None:
        """Answer what expired, and keep what was learnt, if it is time."""
        for second in [one for one in self._second_looks if now >= one.order.expires_at]:
            self._second_looks.remove(second)
            self._cannot_see(second.order, "the camera did not see the place in time")
        if self._store.scene_is_due():
            self._keep_scene()

    def keep(self) -> None:
        """Keep what was learnt."""
        self._keep_scene()
        self._keep_places()

    def _step(self, inspection: Inspection, background: Background) -> None:
        try:
            inspection.step(background)
        except DetectorError:
            # What was not looked at is not gone.
            self._inspection = None
            raise

    def _forget_sight(self, why: str) -> None:
        self._sight = self._inspection = None
        self._is_news = False
        seconds, self._second_looks = self._second_looks, []
        for second in seconds:
            self._cannot_see(second.order, why)

    def _sight_of(self, size_px: tuple[int, int]) -> "_Sight":
        if self._sight is not None and self._sight.background.blocks.size_px != size_px:
            self._forget_sight("the picture's size has changed")
            for _, place in self._places():
                place.before = None
        if self._sight is None:
            self._sight = _Sight.of(self._camera, [one.zone for one in self._zones], size_px)
            self._sight.restore(self._store)
        return self._sight

    def _begin(self, sight: "_Sight", at: datetime) -> None:
        """Begin an inspection, if it is time and there is something to see."""
        every = timedelta(seconds=self._camera.inspection.every_s)
        if self._next_at is None or at < self._next_at - every:
            # By its name, so that a hundred cameras take their turns.
            part = zlib.crc32(self._camera.camera.encode()) / 2**32
            self._next_at = at + every * part
        if at < self._next_at or self._inspection is not None:
            return
        eyesight = Eyesight.of(sight.background)
        if not eyesight.is_enough:
            if eyesight.is_known:
                self._next_at = at + every
                for zone in self._zones:
                    zone.hide_all(at)
            return
        due_at = self._next_at + every
        self._next_at = due_at if due_at > at else at + every
        tasks = [Task(one.kind, one.zone) for one in self._zones]
        self._inspection = Inspection(tasks, self._detectors, sight.ground)

    def _conclude(self, inspection: Inspection, sight: "_Sight", at: datetime) -> None:
        background = sight.background
        found = [
            zone.worth_a_look(boxes)
            for zone, (_, boxes) in zip(self._zones, inspection.results(), strict=True)
        ]
        size_px = background.blocks.size_px
        occupied = [one.xyxy for one in found]
        occupied += [box_px(place.box, size_px)[None] for _, place in self._places() if place.looks]
        boxes = np.concatenate(occupied).astype(np.float32)
        sight.reference.update(background, background.blocks.touched(boxes), at)
        inspected = Inspected(background, sight.reference, sight.inspected_look)
        for zone, one in zip(self._zones, found, strict=True):
            zone.look(one, inspected, at)
        sight.inspected_look = background.looks
        self._is_news = True
        self._keep_places()

    def _report(self, seen: Seen, ground: Ground) -> None:
        """Report what the last inspection came to, with the pictures of this look."""
        assert self._sight is not None
        at, eyesight = seen.frame.captured_at, Eyesight.of(self._sight.background)
        for zone, place in self._places():
            last = _open_part(place.incident)
            if last is None and not place.is_open:
                continue
            finding = self._finding(zone, place, ground, eyesight) if place.is_open else None

            def pictures(
                incident: IncidentMessage, zone: ZonePlaces = zone, place: Place = place
            ) -> Sequence[EvidenceMessage]:
                return self._pictures(incident, zone, place, seen)

            revision = self._reporters[zone.kind].advance(last, finding, at, pictures)
            place.incident = revision or place.incident
        self._keep_places()

    def _finding(
        self, zone: ZonePlaces, place: Place, ground: Ground, eyesight: Eyesight
    ) -> Finding:
        width_px = (place.box[2] - place.box[0]) * ground.width_px
        return finding_of(zone.kind, zone.zone.name, place, ground, eyesight.quality(width_px))

    def _pictures(
        self, incident: IncidentMessage, zone: ZonePlaces, place: Place, seen: Seen
    ) -> Sequence[EvidenceMessage]:
        x1, y1, x2, y2 = box_px(place.box, seen.frame.size_px).tolist()
        context = self._photographer.of_frame(
            incident,
            seen.frame,
            seen.detections,
            Tracks.none(),
            zone.zone,
            spot=(x1, y1, x2, y2),
        )
        if place.before is None:
            return context
        close = self._photographer.of_scene(
            incident, place.before.image, EvidenceRole.CLOSE_UP, seen.frame.captured_at
        )
        return (*context, *close)

    def _take_orders(self, at: datetime) -> None:
        while self._orders:
            order = self._orders.popleft()
            known = next(
                (
                    (zone, place)
                    for zone, place in self._places()
                    if place.incident is not None
                    and place.incident.incident_id == order.incident_id
                ),
                None,
            )
            if known is None:
                text = "nothing is known of this incident here any more"
                self._reply(RecheckReply(order, ReplyOutcome.REFUSED, text=text))
            elif self._sight is None:
                self._cannot_see(order, "the view cannot be trusted now")
            elif Eyesight.of(self._sight.background).is_dark:
                self._cannot_see(order, "it is too dark")
            else:
                zone, place = known
                detector = self._detectors[zone.kind]
                every_s = self._camera.inspection.background_every_s
                ground = self._sight.ground
                second = SecondLook(order, zone, place, ground, detector, at, every_s)
                self._second_looks.append(second)

    def _answer(self, second: SecondLook, at: datetime) -> None:
        try:
            answer, text = second.answer()
        except DetectorError as exc:
            reply = RecheckReply(second.order, ReplyOutcome.FAILED, text=str(exc)[:500])
            self._reply(reply)
            raise
        if answer is RecheckAnswer.CANNOT_SEE:
            self._cannot_see(second.order, text)
            return
        refs = self._tell(second, answer, at)
        self._reply(RecheckReply(second.order, ReplyOutcome.DONE, answer, text, refs))
        self._keep_places()

    def _tell(
        self, second: SecondLook, answer: RecheckAnswer, at: datetime
    ) -> tuple[EvidenceRef, ...]:
        """Store what a second look found, as a revision with its pictures."""
        zone, place = second.places, second.place
        reporter, last = self._reporters[zone.kind], place.incident
        assert last is not None
        assert self._sight is not None
        if answer is RecheckAnswer.GONE:
            revision = verified(last, reporter.sender, at)
            if place.is_open:
                place.close(at)
        elif last.phase in _OPEN:
            eyesight = Eyesight.of(self._sight.background)
            finding = self._finding(zone, place, self._sight.ground, eyesight)
            revision = updated(last, finding, reporter.sender, at)
        else:
            # It came back, or was never gone: a new incident tells so with the next look.
            place.is_open, place.began_at, self._is_news = True, at, True
            place.looks, place.misses = max(place.looks, 1), 0
            place.confidence = last.confidence
            return ()
        pictures = self._pair(second, revision, at)
        reporter.store(revision, pictures)
        place.incident = revision
        return tuple(
            EvidenceRef(
                sha256=picture.header.sha256,
                role=picture.header.role,
                media_type=picture.header.media_type,
            )
            for picture in pictures
        )

    def _pair(
        self, second: SecondLook, revision: IncidentMessage, at: datetime
    ) -> list[EvidenceMessage]:
        scenes = second.scenes()
        roles = (EvidenceRole.BEFORE, EvidenceRole.AFTER)[-len(scenes) :]
        taken_at = {EvidenceRole.BEFORE: revision.started_at, EvidenceRole.AFTER: at}
        return [
            picture
            for one, role in zip(scenes, roles, strict=True)
            for picture in self._photographer.of_scene(revision, one.image, role, taken_at[role])
        ]

    def _cannot_see(self, order: RecheckOrder, text: str) -> None:
        self._reply(RecheckReply(order, ReplyOutcome.DONE, RecheckAnswer.CANNOT_SEE, text=text))

    def _places(self) -> Iterator[tuple[ZonePlaces, Place]]:
        for zone in self._zones:
            for place in zone.places:
                yield zone, place

    def _keep_places(self) -> None:
        self._store.keep_places(
            [(zone.kind, zone.zone.name, place) for zone, place in self._places()]
        )

    def _keep_scene(self) -> None:
        if self._sight is not None:
            self._store.background.write(self._sight.background.to_bytes())
            self._store.reference.write(self._sight.reference.to_bytes())


@dataclass(slots=True)
class _Sight:
    """What is known of a view at one picture size."""

    background: Background
    reference: CleanReference
    ground: Ground
    inspected_look: int = 0

    @classmethod
    def of(
        cls, camera: CameraSettings, zones: Sequence[Zone], size_px: tuple[int, int]
    ) -> "_Sight":
        blocks = Blocks.of(zones, size_px)
        rule = BackgroundRule(
            camera.inspection.background_every_s, camera.inspection.background_looks
        )
        return cls(
            Background(blocks, rule),
            CleanReference(blocks),
            Ground(*size_px, camera.ground_plane, camera.position),
        )

    def restore(self, store: SlowStore) -> None:
        """Go on with what was kept, where it is of this view."""
        for file, part in ((store.background, self.background), (store.reference, self.reference)):
            content = file.read()
            if not content:
                continue
            try:
                part.restore(content)
            except ValueError as exc:
                file.refuse(exc)


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
            detectors[kind].manifest,
            [
                place
                for its_kind, its_zone, place in kept
                if (its_kind, its_zone) == (kind, zone.zone)
            ],
        )
        for zone in camera.zones
        for kind in SLOW_KINDS
        if kind in zone.looks_for
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


def _open_part(incident: IncidentMessage | None) -> IncidentMessage | None:
    return incident if incident is not None and incident.phase in _OPEN else None


def _hidden(found: Detections) -> FloatArray:
    """Return the boxes that what was found may hide, shadows included."""
    boxes = found.where(found.confidence >= _HIDES).xyxy
    rim = _WIDER * (boxes[:, 2:] - boxes[:, :2])
    hidden: FloatArray = np.concatenate([boxes[:, :2] - rim, boxes[:, 2:] + rim], axis=1)
    return hidden
