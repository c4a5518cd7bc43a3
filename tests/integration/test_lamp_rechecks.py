"""A second look at a street lamp, through simulated nights and days: is it really mended?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from analytics.frames import Frame, Image
from analytics.messages import (
    EvidenceRole,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    RecheckAnswer,
    RecheckReason,
    ReplyOutcome,
    new_id,
)
from edge.camera_config import CameraSettings
from edge.lamps import KeptLamps
from edge.pipeline import CameraPipeline
from edge.rechecks import RecheckOrder, RecheckReply
from edge.slow_scene import SlowTools
from edge.slow_store import SlowStore
from edge.views import KeptView
from models.onnx_detector import OnnxDetector
from tests.lamp_camera import BROKEN, FILM, Kept, a_camera, a_detector
from tests.lamp_films import SIZE, between, box_of, film_truth

pytestmark = [pytest.mark.integration, pytest.mark.computes]

DARK, LIT = between(FILM, 15, 45)[::10], between(FILM, 1, 13)[::10]
DAY = between("street-dense", 0, 20)[::10]
BLACK = [np.zeros((360, 640, 3), np.uint8)]
EVENING = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
PICTURES = {EvidenceRole.CONTEXT, EvidenceRole.ANNOTATED, EvidenceRole.CLOSE_UP}
GONE, STILL_THERE, CANNOT_SEE = RecheckAnswer


def letters_over_the_lamp() -> list[Image]:
    """Return looks whose lamp is behind letters of a burned-in clock."""
    x1, y1, x2, y2 = (
        round(side * size)
        for side, size in zip(box_of(film_truth(FILM), BROKEN), SIZE * 2, strict=True)
    )
    looks = [image.copy() for image in DARK]
    for image in looks:
        image[max(0, y1 - 10) : y2 + 10, x1 - 20 : x2 + 20 : 2] = 255
    return looks


@dataclass
class Street:
    """A camera that is looked at, and asked to look again."""

    camera: CameraSettings
    detector: OnnxDetector
    file: Path | None = None
    slow: SlowTools | None = None
    kept: Kept = field(default_factory=Kept)
    replies: list[RecheckReply] = field(default_factory=list)
    at: datetime = EVENING

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin with what the disk holds, as after a power cut."""
        self.pipeline = CameraPipeline(
            "harmoni",
            self.camera,
            self.detector,
            self.kept.keep,
            view=KeptView(None),
            lamps=KeptLamps(self.file),
            slow=self.slow,
            open_incidents=self.kept.open,
            software="0.1.0",
            reply=self.replies.append,
        )

    def show(self, images: Sequence[Image], seconds: int) -> None:
        """Have it look once a second."""
        for number in range(seconds):
            self.pipeline.look(Frame(images[number % len(images)], self.at, 0.0, number))
            self.at += timedelta(seconds=1)

    def ask(self, incident_id: UUID, *, expires_at: datetime | None = None) -> None:
        self.pipeline.recheck(
            RecheckOrder(
                new_id(self.at),
                self.camera.camera,
                incident_id,
                expires_at or self.at + timedelta(hours=1),
            )
        )

    @property
    def reply(self) -> RecheckReply:
        (reply,) = self.replies
        return reply

    @property
    def told(self) -> list[tuple[IncidentPhase, int]]:
        return [(one.phase, one.revision) for one in self.kept.incidents]


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> OnnxDetector:
    return a_detector(tmp_path_factory.mktemp("model"))


def an_outage(
    detector: OnnxDetector,
    *,
    file: Path | None = None,
    shine_s: float = 300.0,
    slow: SlowTools | None = None,
) -> tuple[Street, IncidentMessage]:
    """Return a street whose lamp is out, and its incident."""
    street = Street(a_camera(nights=1, dark_s=20, shine_s=shine_s), detector, file, slow)
    street.show(DARK, 30)
    (opened,) = street.kept.incidents
    assert (opened.zone, opened.phase) == (BROKEN, IncidentPhase.OPENED)
    return street, opened


def an_ended_outage(
    detector: OnnxDetector, file: Path | None = None
) -> tuple[Street, IncidentMessage]:
    """Return a street whose lamp shines again, and its incident, which the edge has closed."""
    street, _ = an_outage(detector, file=file, shine_s=5.0)
    street.show(LIT, 10)
    closed = street.kept.incidents[-1]
    assert (closed.phase, closed.revision) == (IncidentPhase.CLOSED, 2)
    return street, closed


def test_a_lamp_that_shines_is_gone_and_stays_so(detector: OnnxDetector) -> None:
    street, opened = an_outage(detector)
    street.ask(opened.incident_id)
    street.show(LIT, 20)

    assert (street.reply.outcome, street.reply.answer) == (ReplyOutcome.DONE, GONE)
    assert street.reply.reason is RecheckReason.LIT
    verified = street.kept.incidents[-1]
    assert street.told == [(IncidentPhase.OPENED, 1), (IncidentPhase.VERIFIED, 2)]
    assert verified.incident_id == opened.incident_id
    assert verified.ended_at == verified.observed_at
    assert verified.ended_at - opened.observed_at < timedelta(seconds=30)
    assert street.pipeline.open_count == 0
    assert {one.role for one in verified.evidence} == PICTURES
    assert street.reply.evidence == verified.evidence
    stored = {one.header.sha256 for one in street.kept.pictures}
    assert {one.sha256 for one in verified.evidence} <= stored

    # A dark look is no outage; one that lasts is a new one.
    street.show(DARK, 15)
    assert len(street.told) == 2
    street.show(DARK, 20)
    assert street.told[2:] == [(IncidentPhase.OPENED, 1)]
    assert street.kept.incidents[-1].incident_id != opened.incident_id


def test_a_lamp_that_is_dark_is_still_there_and_its_incident_goes_on(
    detector: OnnxDetector,
) -> None:
    street, opened = an_outage(detector)
    street.ask(opened.incident_id)
    street.show(DARK, 20)

    assert (street.reply.answer, street.reply.reason) == (STILL_THERE, RecheckReason.FOUND_AGAIN)
    updated = street.kept.incidents[-1]
    assert (updated.incident_id, updated.revision) == (opened.incident_id, 2)
    assert (updated.phase, updated.started_at) == (IncidentPhase.UPDATED, opened.started_at)
    assert {one.role for one in updated.evidence} == PICTURES
    assert street.reply.evidence == updated.evidence

    street.show(LIT, 310)
    assert street.told[2:] == [(IncidentPhase.CLOSED, 3)]


def test_an_incident_that_the_edge_has_closed_is_verified(detector: OnnxDetector) -> None:
    street, closed = an_ended_outage(detector)
    street.ask(closed.incident_id)
    street.show(LIT, 15)

    assert street.reply.answer is GONE
    verified = street.kept.incidents[-1]
    assert (verified.phase, verified.revision) == (IncidentPhase.VERIFIED, 3)
    assert verified.ended_at == closed.ended_at
    assert {one.role for one in verified.evidence} == PICTURES


def test_a_lamp_that_fails_again_is_said_to_be_dark_and_found_anew(detector: OnnxDetector) -> None:
    street, closed = an_ended_outage(detector)
    street.ask(closed.incident_id)
    street.show(DARK, 15)
    assert (street.reply.answer, street.reply.evidence) == (STILL_THERE, ())
    assert len(street.told) == 2, "nothing is told of an incident that has ended"

    street.show(DARK, 20)
    found = street.kept.incidents[-1]
    assert (found.phase, found.revision) == (IncidentPhase.OPENED, 1)
    assert found.incident_id != closed.incident_id


def test_an_earlier_incident_of_the_lamp_is_known_too(detector: OnnxDetector) -> None:
    street, first = an_ended_outage(detector)
    street.show(DARK, 30)
    second = street.kept.open[0]
    for incident in (first, second):
        street.ask(incident.incident_id)
    street.show(LIT, 20)
    assert [reply.answer for reply in street.replies] == [GONE, GONE]
    last = {one.incident_id: one for one in street.kept.incidents}
    assert {one.phase for one in last.values()} == {IncidentPhase.VERIFIED}
    assert street.pipeline.open_count == 0


def test_by_day_a_lamp_cannot_be_seen_which_is_said_at_once(detector: OnnxDetector) -> None:
    street, opened = an_outage(detector)
    street.at += timedelta(hours=12)
    street.start()
    street.show(DAY, 5)
    street.ask(opened.incident_id)
    street.show(DAY, 1)
    assert (street.reply.answer, street.reply.reason) == (CANNOT_SEE, RecheckReason.DAYLIGHT)
    assert street.told == [(IncidentPhase.OPENED, 1)]
    assert street.pipeline.open_count == 1


@pytest.mark.parametrize(
    "images",
    [
        pytest.param(letters_over_the_lamp(), id="behind letters"),
        pytest.param([LIT[0], LIT[0], DARK[0], DARK[0]], id="it flickers"),
    ],
)
def test_a_lamp_that_cannot_be_told_stays_as_it_is(
    images: list[Image], detector: OnnxDetector
) -> None:
    street, opened = an_outage(detector)
    street.ask(opened.incident_id)
    street.show(images, 20)
    assert (street.reply.answer, street.reply.reason) == (CANNOT_SEE, RecheckReason.HIDDEN)
    assert street.told == [(IncidentPhase.OPENED, 1)]
    assert street.pipeline.open_count == 1


def test_one_look_proves_nothing(detector: OnnxDetector) -> None:
    street, opened = an_outage(detector)
    street.ask(opened.incident_id)
    street.show([*DARK[:2], *LIT[:8]], 20)
    assert (street.reply.answer, street.reply.reason) == (GONE, RecheckReason.LIT)


def test_a_view_that_cannot_be_trusted_is_no_answer(detector: OnnxDetector) -> None:
    street, opened = an_outage(detector)
    street.show(BLACK, 90)
    assert IncidentKind.CAMERA_FAULT in {one.kind for one in street.kept.incidents}
    street.ask(opened.incident_id)
    street.show(BLACK, 1)
    assert street.reply.answer is CANNOT_SEE
    assert street.reply.reason is RecheckReason.VIEW_NOT_TRUSTED


def test_an_order_that_expires_unseen_is_told(detector: OnnxDetector) -> None:
    street, opened = an_outage(detector)
    street.ask(opened.incident_id, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    street.pipeline.rest()
    assert (street.reply.answer, street.reply.reason) == (CANNOT_SEE, RecheckReason.NOT_IN_TIME)


def test_what_no_lamp_was_told_of_is_unknown(detector: OnnxDetector) -> None:
    street, _ = an_outage(detector)
    street.ask(new_id(EVENING))
    assert street.reply.outcome is ReplyOutcome.REFUSED
    assert street.reply.reason is RecheckReason.UNKNOWN_INCIDENT


def test_a_camera_without_lamps_says_that_it_looks_for_none(detector: OnnxDetector) -> None:
    camera = a_camera().model_copy(update={"lamps": ()})
    street = Street(camera, detector)
    street.ask(new_id(EVENING))
    assert street.reply.outcome is ReplyOutcome.REFUSED
    assert street.reply.reason is RecheckReason.NOT_LOOKED_FOR


def test_beside_what_is_looked_for_on_the_ground_each_order_finds_its_place(
    detector: OnnxDetector,
) -> None:
    slow = SlowTools({IncidentKind.POTHOLE: detector}, SlowStore(None))
    street, opened = an_outage(detector, slow=slow)
    street.ask(opened.incident_id)
    street.ask(new_id(EVENING))
    street.show(LIT, 20)
    answers = {reply.order.incident_id: (reply.answer, reply.reason) for reply in street.replies}
    assert len(answers) == 2
    assert answers.pop(opened.incident_id) == (GONE, RecheckReason.LIT)
    assert list(answers.values()) == [(None, RecheckReason.UNKNOWN_INCIDENT)]


def test_after_a_restart_what_was_open_can_be_verified(
    tmp_path: Path, detector: OnnxDetector
) -> None:
    # The file may be lost: the outbox knows what is open.
    street, opened = an_outage(detector, file=tmp_path / "street.home.json")
    (tmp_path / "street.home.json").unlink()
    street.start()
    street.ask(opened.incident_id)
    street.show(LIT, 15)
    assert street.reply.answer is GONE
    assert street.told[-1] == (IncidentPhase.VERIFIED, 2)


def test_after_restarts_what_was_closed_can_be_verified_and_is_not_opened_again(
    tmp_path: Path, detector: OnnxDetector
) -> None:
    street, closed = an_ended_outage(detector, tmp_path / "street.home.json")
    street.start()
    street.ask(closed.incident_id)
    street.show(LIT, 15)
    assert street.reply.answer is GONE
    assert street.told[-1] == (IncidentPhase.VERIFIED, 3)

    street.start()
    street.show(DARK, 15)
    street.ask(closed.incident_id)
    street.show(LIT, 15)
    assert [reply.answer for reply in street.replies] == [GONE, GONE]
    assert street.told[-1] == (IncidentPhase.VERIFIED, 4)
    assert {one.incident_id for one in street.kept.incidents} == {closed.incident_id}
