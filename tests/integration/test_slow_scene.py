"""What does not move, from films to incidents and their end, over restarts and second looks."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from analytics.detections import Detections, ObjectClass
from analytics.frames import Frame, Image
from analytics.messages import (
    EvidenceRole,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    PotholeMeasurement,
    RecheckAnswer,
    RecheckReason,
    ReplyOutcome,
    RubbishMeasurement,
    RubbishState,
    ViewBox,
)
from edge.view_config import ZoneSettings
from tests.builders import an_incident
from tests.scenes import some_detections
from tests.slow_films import (
    Watched,
    covered,
    darkened,
    film_camera,
    film_frames,
    film_truth,
    seconds,
    slow_detectors,
    traffic_detector,
)

pytestmark = [pytest.mark.integration, pytest.mark.computes]

HOLES, RUBBISH = "street-pothole", "junction-rubbish"
MENDED_S = 44.0
SLOW = ("pothole", "rubbish")


def phases(watched: Watched) -> list[str]:
    return [one.phase.value for one in watched.incidents]


def hole_of(incident: IncidentMessage) -> str:
    """Return the hole of the film that an incident is of."""
    assert isinstance(incident.measurement, PotholeMeasurement)
    assert incident.measurement.view_box is not None
    x1, y1, x2, y2 = incident.measurement.view_box
    truth = film_truth(HOLES)
    x, y = (x1 + x2) / 2 * truth.size[0], (y1 + y2) / 2 * truth.size[1]
    (name,) = (
        one.thing
        for one in truth.things
        if one.kind == "pothole" and one.box[0] <= x <= one.box[2] and one.box[1] <= y <= one.box[3]
    )
    return name


def picture(content: bytes) -> Image:
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image.astype(np.uint8)


class Jammed:
    """A detector that sees a truck before all of the road."""

    def __init__(self) -> None:
        self.manifest = traffic_detector().manifest

    def detect(self, image: Image) -> Detections:
        height, width = image.shape[:2]
        return some_detections([(0, 0, width, height)], of=ObjectClass.TRUCK)


class Everywhere:
    """A detector that sees something small in the middle of each tile, and counts its looks."""

    def __init__(self, confidence: float) -> None:
        self.manifest = slow_detectors()[IncidentKind.POTHOLE].manifest
        self._confidence = confidence
        self.looks = 0

    def detect(self, image: Image) -> Detections:
        self.looks += 1
        height, width = image.shape[:2]
        box = (width / 2 - 20, height / 2 - 12, width / 2 + 20, height / 2 + 12)
        return some_detections([box], confidence=self._confidence, of=ObjectClass.POTHOLE)


class Parked:
    """The traffic model, and a lorry that nobody drives away.

    Parameters
    ----------
    box
        Around it, as shares of the picture.
    """

    def __init__(self, box: ViewBox) -> None:
        self._traffic = traffic_detector()
        self.manifest = self._traffic.manifest
        self._box = box

    def detect(self, image: Image) -> Detections:
        found = self._traffic.detect(image)
        height, width = image.shape[:2]
        lorry = np.array([self._box], np.float32) * np.array([width, height, width, height])
        return Detections(
            np.concatenate([found.xyxy, lorry.astype(np.float32)]),
            np.append(found.confidence, np.float32(0.9)),
            np.append(found.class_id, ObjectClass.TRUCK),
        )


def potholes(folder: Path | None = None) -> Watched:
    camera = film_camera(HOLES, northbound=("pothole",), southbound=("congestion",))
    return Watched(camera, folder)


@pytest.fixture(scope="module")
def holes_kept(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A camera that found both holes, and was stopped before they were mended."""
    watched = potholes(folder=tmp_path_factory.mktemp("holes"))
    watched.show(HOLES, 0, MENDED_S)
    watched.pipeline.finish()
    assert sorted(hole_of(one) for one in watched.open) == ["hole-1", "hole-2"]
    return watched


@pytest.fixture
def holes(holes_kept: Watched, tmp_path: Path) -> Watched:
    """That camera, started again."""
    assert holes_kept.folder is not None
    folder = tmp_path / "kept"
    shutil.copytree(holes_kept.folder, folder)
    return replace(
        holes_kept,
        folder=folder,
        incidents=list(holes_kept.incidents),
        pictures=list(holes_kept.pictures),
        replies=[],
    )


def test_both_holes_open_once_with_their_pictures_and_close_after_they_were_mended() -> None:
    watched = potholes()
    watched.show(HOLES)
    opened = [one for one in watched.incidents if one.phase is IncidentPhase.OPENED]
    assert sorted(hole_of(one) for one in opened) == ["hole-1", "hole-2"]
    truth = {one.thing: one for one in film_truth(HOLES).things if one.kind == "pothole"}
    for incident in opened:
        thing = truth[hole_of(incident)]
        assert thing.from_s <= seconds(incident.started_at) <= thing.from_s + 12
        assert seconds(incident.observed_at) < MENDED_S
        assert incident.position is None
        assert incident.zone == "northbound"
        assert {model.name for model in incident.models} >= {"pothole"}
        measured = incident.measurement
        assert isinstance(measured, PotholeMeasurement)
        assert measured.width_m == pytest.approx(thing.size_m, rel=0.25)
        pictures = watched.pictures_of(incident)
        assert set(pictures) == {
            EvidenceRole.CONTEXT,
            EvidenceRole.ANNOTATED,
            EvidenceRole.CLOSE_UP,
        }
        close = picture(pictures[EvidenceRole.CLOSE_UP].content)
        # Of the empty scene: the hole with its dark and its lit rim in the middle, on level road.
        height, width = close.shape[:2]
        middle = close[height * 2 // 5 : height * 3 // 5, width * 2 // 5 : width * 3 // 5]
        assert middle.min() < np.median(close) - 50
        assert middle.std() > 1.5 * close[: height // 5].std()
    last = list(watched.last.values())
    assert [one.phase for one in last] == [IncidentPhase.CLOSED] * 2
    for incident in last:
        assert incident.ended_at is not None
        assert seconds(incident.ended_at) > MENDED_S


@pytest.mark.parametrize(
    ("confidence", "least", "most"),
    [pytest.param(0.95, 1.0, 1.0, id="something"), pytest.param(0.6, 0.5, 0.6, id="nothing sure")],
)
def test_each_inspection_looks_where_something_is_followed_and_each_second_elsewhere(
    confidence: float, least: float, most: float
) -> None:
    model = Everywhere(confidence)
    camera = film_camera(HOLES, northbound=("pothole",), southbound=("congestion",))
    watched = Watched(camera, detectors={IncidentKind.POTHOLE: model})
    street = film_frames(HOLES)[:2]
    watched.look_at(street[number % 2] for number in range(60))

    tiles, inspections = 9, 60 / camera.inspection.every_s
    assert least <= model.looks / (tiles * inspections) <= most


def test_a_heap_is_one_incident_that_gets_worse_and_ends_when_it_was_cleared() -> None:
    watched = Watched(film_camera(RUBBISH))
    watched.show(RUBBISH)
    assert len(watched.last) == 1
    assert phases(watched)[0] == "opened"
    assert phases(watched)[-1] == "closed"
    states = [
        one.measurement.state
        for one in watched.incidents
        if isinstance(one.measurement, RubbishMeasurement)
    ]
    order = [RubbishState.SCATTERED, RubbishState.PILE, RubbishState.OVERFLOWING]
    assert states == sorted(states, key=order.index)
    assert states[-1] is RubbishState.OVERFLOWING
    first, last = watched.incidents[0], watched.incidents[-1]
    assert 8 <= seconds(first.started_at) <= 20
    assert last.ended_at is not None
    assert 50 < seconds(last.ended_at) < 75
    assert EvidenceRole.CLOSE_UP in watched.pictures_of(first)


@pytest.mark.parametrize(
    ("film", "zones"),
    [
        ("junction-red-lights", {"south_approach": SLOW, "south_exit": SLOW}),
        ("street-dense", {"northbound": SLOW, "southbound": SLOW}),
        ("junction-rain", {"north_approach": SLOW, "north_exit": SLOW}),
        ("junction-turned", {"south_approach": SLOW, "south_exit": SLOW}),
    ],
)
def test_nothing_is_found_where_nothing_is(film: str, zones: dict[str, tuple[str, ...]]) -> None:
    watched = Watched(film_camera(film, **zones))
    watched.show(film)
    kinds = {one.kind for one in watched.incidents}
    assert kinds <= {IncidentKind.CAMERA_FAULT}
    assert (IncidentKind.CAMERA_FAULT in kinds) is (film == "junction-turned")


def test_a_parked_lorry_parked_motorcycles_and_a_stall_are_no_rubbish() -> None:
    camera = film_camera("street-dusk", northbound=SLOW, southbound=SLOW)
    kerb = ZoneSettings(
        zone="kerb",
        name="Kerb",
        polygon=((0.72, 0.4), (0.97, 0.4), (0.97, 0.95), (0.72, 0.95)),
        looks_for=(IncidentKind.RUBBISH,),
    )
    watched = Watched(camera.model_copy(update={"zones": (*camera.zones, kerb)}))
    watched.show("street-dusk", times=2)
    assert watched.incidents == []


def test_a_view_that_was_turned_is_learnt_anew(tmp_path: Path) -> None:
    camera = film_camera("junction-turned", south_approach=SLOW, south_exit=SLOW)
    watched = Watched(camera, tmp_path)
    fault = next(one for one in film_truth("junction-turned").faults if one.kind == "turned")
    watched.show("junction-turned", 0, fault.from_s)
    watched.pipeline.finish()
    files = {path.suffix for path in tmp_path.iterdir()}
    assert files == {".background", ".reference", ".hidden", ".places"}
    watched.show("junction-turned", fault.from_s, fault.to_s)
    # The clean scene is that of the right view, and what stood before it: they wait for it.
    kept = {".reference", ".hidden", ".places"}
    assert {path.suffix for path in tmp_path.iterdir()} == kept
    watched.pipeline.finish()
    assert {path.suffix for path in tmp_path.iterdir()} == kept
    watched.show("junction-turned", fault.to_s)
    watched.pipeline.finish()
    assert {path.suffix for path in tmp_path.iterdir()} == files


def test_after_a_restart_it_goes_on_under_the_same_id(tmp_path: Path) -> None:
    watched = potholes()
    watched.folder = tmp_path / "slow-scenes"
    watched.start()
    for from_s, to_s in ((0, 30), (30, 40), (40, 52), (52, 60)):
        watched.show(HOLES, from_s, to_s)
        watched.pipeline.finish()
        watched.start()
    watched.show(HOLES, 50)
    assert phases(watched) == ["opened", "opened", "closed", "closed"]
    assert len(watched.last) == 2


def test_an_open_incident_whose_places_were_lost_is_carried_on(holes: Watched) -> None:
    watched = holes
    assert watched.folder is not None
    ids = {one.incident_id for one in watched.open}
    (watched.folder / "camera.home.places").unlink()
    watched.start()
    assert watched.pipeline.carried_on == ids
    watched.show(HOLES, 36, MENDED_S)
    assert {one.incident_id for one in watched.open} == ids
    watched.show(HOLES, 45, times=2)
    assert watched.open == []
    assert set(watched.last) == ids


def test_what_the_outbox_knows_to_be_over_is_not_carried_on(holes: Watched) -> None:
    watched = holes
    watched.incidents.clear()
    watched.start()
    assert watched.pipeline.carried_on == frozenset()
    # The holes are still there: they open again, under ids of their own, and not as updates.
    watched.show(HOLES, 36, MENDED_S)
    assert phases(watched) == ["opened", "opened"]


@pytest.mark.parametrize("file", ["background", "reference", "hidden", "places"])
def test_a_damaged_file_is_learnt_anew_and_said_so(
    file: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watched = potholes()
    watched.folder = tmp_path
    watched.start()
    watched.show(HOLES, 0, 10)
    watched.pipeline.finish()
    path = tmp_path / f"camera.home.{file}"
    path.write_bytes(path.read_bytes()[:-3] + b"xxx")
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        watched.start()
        watched.show(HOLES, 10, 30)
    (said,) = (one.getMessage() for one in caplog.records if "learnt anew" in one.getMessage())
    assert f"camera.home.{file} cannot be read" in said
    assert [hole_of(one) for one in watched.open] == ["hole-1"]


def test_a_folder_that_cannot_be_written_costs_nothing_but_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("not a folder")
    watched = potholes()
    watched.folder = blocked
    with caplog.at_level(logging.WARNING):
        watched.start()
        watched.show(HOLES, 0, 30)
        watched.pipeline.finish()
    assert len(watched.open) == 1
    assert any("is not kept" in one.getMessage() for one in caplog.records)


def test_a_mended_hole_is_gone_with_pictures_of_before_and_after(holes: Watched) -> None:
    watched = holes
    for incident in watched.open:
        watched.recheck(incident)
    watched.show(HOLES, 46, 53)
    assert [(one.outcome, one.answer) for one in watched.replies] == [
        (ReplyOutcome.DONE, RecheckAnswer.GONE)
    ] * 2
    for reply in watched.replies:
        incident = watched.last[reply.order.incident_id]
        assert incident.phase is IncidentPhase.VERIFIED
        assert incident.ended_at is not None
        assert seconds(incident.ended_at) > MENDED_S
        assert incident.evidence == reply.evidence
        pair = watched.pictures_of(incident)
        assert set(pair) == {EvidenceRole.BEFORE, EvidenceRole.AFTER}
        taken_at = {role: seconds(one.header.captured_at) for role, one in pair.items()}
        assert seconds(incident.started_at) < taken_at[EvidenceRole.BEFORE] < MENDED_S
        assert taken_at[EvidenceRole.AFTER] > MENDED_S
        before, after = (
            picture(pair[role].content).astype(float)
            for role in (EvidenceRole.BEFORE, EvidenceRole.AFTER)
        )
        assert before.shape == after.shape
        # One view, aligned: the road around the thing is the same, its middle is not.
        rim = np.abs(before - after).mean(axis=2)
        height, width = rim.shape
        edge = np.concatenate([rim[: height // 8].ravel(), rim[-height // 8 :].ravel()])
        middle = rim[height * 2 // 5 : height * 3 // 5, width * 2 // 5 : width * 3 // 5]
        assert np.median(edge) < 8
        assert middle.mean() > 1.5 * np.median(edge)
    # Nothing opens again, and nothing more is told of what is over.
    told = len(watched.incidents)
    watched.show(HOLES, 50, times=2)
    assert len(watched.incidents) == told


def test_a_hole_that_is_there_is_still_there_and_its_incident_goes_on(holes: Watched) -> None:
    watched = holes
    for incident in watched.open:
        watched.recheck(incident)
    watched.show(HOLES, 36, MENDED_S)
    assert [one.answer for one in watched.replies] == [RecheckAnswer.STILL_THERE] * 2
    for reply in watched.replies:
        assert watched.last[reply.order.incident_id].phase is IncidentPhase.UPDATED
        assert reply.evidence
    watched.show(HOLES, 36, MENDED_S)
    assert len(watched.open) == 2


def test_a_hole_that_was_called_mended_too_soon_opens_a_new_incident(holes: Watched) -> None:
    watched = holes
    watched.show(HOLES, 46)
    assert watched.open == []
    ended = list(watched.last.values())
    watched.recheck(ended[0])
    watched.show(HOLES, 36, MENDED_S)
    (reply,) = watched.replies
    assert reply.answer is RecheckAnswer.STILL_THERE
    again = [one for one in watched.open if hole_of(one) == hole_of(ended[0])]
    assert len(again) == 1
    assert again[0].incident_id != ended[0].incident_id
    assert again[0].confidence > 0.5


def test_rubbish_is_rechecked_too() -> None:
    watched = Watched(film_camera(RUBBISH))
    watched.show(RUBBISH, 0, 48)
    (heap,) = watched.open
    watched.recheck(heap)
    watched.show(RUBBISH, 42, 50)
    watched.recheck(heap)
    watched.show(RUBBISH, 53, 62)
    answers = [one.answer for one in watched.replies]
    assert answers == [RecheckAnswer.STILL_THERE, RecheckAnswer.GONE]
    assert watched.last[heap.incident_id].phase is IncidentPhase.VERIFIED


def test_of_a_heap_half_hidden_what_is_seen_is_there_and_nothing_is_called_gone(
    tmp_path: Path,
) -> None:
    alone = Watched(film_camera(RUBBISH), tmp_path)
    alone.show(RUBBISH, 0, 48)
    alone.pipeline.finish()
    (heap,) = alone.open
    assert isinstance(heap.measurement, RubbishMeasurement)
    assert heap.measurement.view_box is not None
    x1, y1, x2, y2 = heap.measurement.view_box
    lorry = Parked((x2 - 0.2 * (x2 - x1), y1, x2 + 0.05, y2))
    watched = replace(alone, traffic=lorry, replies=[])

    watched.recheck(heap, within_s=7)
    watched.show(RUBBISH, 40, 48)
    watched.recheck(heap, within_s=7)
    watched.show(RUBBISH, 53, 62)

    assert [(one.answer, one.reason) for one in watched.replies] == [
        (RecheckAnswer.STILL_THERE, RecheckReason.FOUND_AGAIN),
        (RecheckAnswer.CANNOT_SEE, RecheckReason.HIDDEN),
    ]


def test_a_heap_that_is_a_lorry_to_the_traffic_model_is_found_once_it_stood_for_long(
    tmp_path: Path,
) -> None:
    pile = next(one for one in film_truth(RUBBISH).things if one.from_s == 34.0)
    width, height = film_truth(RUBBISH).size
    x1, y1, x2, y2 = pile.box
    mistaken = Parked((x1 / width, y1 / height, x2 / width, y2 / height))
    camera = film_camera(RUBBISH)
    patient = camera.inspection.model_copy(update={"stands_s": 60.0})
    watched = Watched(camera.model_copy(update={"inspection": patient}), tmp_path)
    watched.show(RUBBISH, 0, 8, times=3)
    watched.pipeline.finish()
    watched = replace(watched, traffic=mistaken)

    watched.show(RUBBISH, 36, 50, times=4)
    assert watched.incidents == []
    watched.show(RUBBISH, 36, 50, times=3)
    (heap,) = watched.open
    assert heap.kind is IncidentKind.RUBBISH

    watched.pipeline.finish()
    watched.start()
    watched.recheck(heap)
    watched.show(RUBBISH, 36, 50)
    assert [one.answer for one in watched.replies] == [RecheckAnswer.STILL_THERE]

    watched.pipeline.finish()
    watched = replace(watched, traffic=traffic_detector())
    watched.show(RUBBISH, 53, 75)
    assert watched.last[heap.incident_id].phase is IncidentPhase.CLOSED


def a_lorry(frame: Frame) -> Frame:
    return covered(frame, (560.0, 360.0, 960.0, 719.0))


def a_dark_street(frame: Frame) -> Frame:
    return darkened(frame, 0.25)


@pytest.mark.parametrize("state", [(36.0, MENDED_S), (46.0, 60.0)], ids=["there", "mended"])
@pytest.mark.parametrize(
    ("as_seen", "why"),
    [
        pytest.param(a_lorry, RecheckReason.HIDDEN, id="a lorry stands there"),
        pytest.param(a_dark_street, RecheckReason.DARK, id="night"),
    ],
)
def test_what_cannot_be_seen_is_neither_there_nor_gone(
    holes: Watched,
    as_seen: Callable[[Frame], Frame],
    why: RecheckReason,
    state: tuple[float, float],
) -> None:
    watched = holes
    # Until the empty scene is as dark as the street is: before that, they are seen and told of.
    watched.show(HOLES, 40, MENDED_S, times=4, as_seen=as_seen)
    told = len(watched.incidents)
    for incident in watched.open:
        watched.recheck(incident)
    watched.show(HOLES, *state, as_seen=as_seen)
    assert [one.answer for one in watched.replies] == [RecheckAnswer.CANNOT_SEE] * 2
    assert {one.reason for one in watched.replies} == {why}
    watched.show(HOLES, *state, times=3, as_seen=as_seen)
    assert len(watched.incidents) == told
    assert len(watched.open) == 2


def test_what_stands_in_traffic_all_the_time_cannot_be_seen_when_the_order_expires(
    holes: Watched,
) -> None:
    watched = replace(holes, traffic=Jammed(), replies=[])
    for incident in watched.open:
        watched.recheck(incident, within_s=10)
    watched.show(HOLES, 46)
    assert [one.answer for one in watched.replies] == [RecheckAnswer.CANNOT_SEE] * 2
    assert watched.replies[0].reason is RecheckReason.HIDDEN
    assert len(watched.open) == 2
    assert seconds(watched.now) > 50


def test_of_an_incident_that_nobody_knows_nothing_can_be_told(holes: Watched) -> None:
    watched = holes
    stranger = watched.open[0].model_copy(update={"incident_id": watched.open[0].message_id})
    watched.recheck(stranger)
    watched.show(HOLES, 40, 42)
    (reply,) = watched.replies
    assert (reply.outcome, reply.answer) == (ReplyOutcome.REFUSED, None)
    assert reply.reason is RecheckReason.UNKNOWN_INCIDENT


def test_a_camera_that_looks_for_nothing_that_lasts_refuses_at_once() -> None:
    watched = Watched(film_camera(HOLES, northbound=("congestion",), southbound=("congestion",)))
    watched.recheck(an_incident())
    (reply,) = watched.replies
    assert (reply.outcome, reply.answer) == (ReplyOutcome.REFUSED, None)
