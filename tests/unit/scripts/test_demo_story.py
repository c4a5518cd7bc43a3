from datetime import UTC, datetime

from analytics.messages import IncidentKind, Severity, StreamState
from scripts.demo.story import Camera, Complaint, Fault, Incident, Place, Story

PLACE = Place(camera="toll-jam", camera_name="Toll jam", zone_name="Right")


def a_camera(
    stream: StreamState | None, fault: str | None = None, *, stale: bool = False
) -> Camera:
    return Camera(
        place=Place(camera="toll-jam", camera_name="Toll jam"),
        stream=stream,
        fault=None if fault is None else Fault(text=fault),
        is_stale=stale,
    )


def an_incident(*, is_open: bool) -> Incident:
    return Incident(
        incident_id="one",
        kind=IncidentKind.CONGESTION,
        place=PLACE,
        severity=Severity.HIGH,
        confidence=0.914,
        ended_at=None if is_open else datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
    )


def a_complaint(status: str, number: str = "SPG-2026-000001") -> Complaint:
    return Complaint(
        number=number, category="congestion", agency="Dinas Perhubungan", status=status, place=PLACE
    )


def test_each_thing_is_told_once() -> None:
    story = Story()
    now = ([a_camera(StreamState.RUNNING)], [an_incident(is_open=True)], [a_complaint("new")])

    assert story.lines(*now) == [
        "camera Toll jam: running",
        "congestion opened: Toll jam, Right (severity high, confidence 91%)",
        "complaint SPG-2026-000001 opened: congestion at Toll jam, Right, for Dinas Perhubungan",
    ]
    assert story.lines(*now) == []


def test_a_camera_is_lost_and_comes_back() -> None:
    story = Story()
    seen = [
        story.lines([camera], [], [])
        for camera in (
            a_camera(None, stale=True),
            a_camera(StreamState.CONNECTING),
            a_camera(StreamState.RUNNING),
            a_camera(StreamState.STALLED, "no picture for 10 s"),
            a_camera(StreamState.CONNECTING),
            a_camera(StreamState.RUNNING),
            a_camera(StreamState.RUNNING, stale=True),
        )
    ]

    assert [line for lines in seen for line in lines] == [
        "camera Toll jam: running",
        "camera Toll jam: lost, no picture for 10 s",
        "camera Toll jam: back, running",
        "camera Toll jam: lost, no word from its site",
    ]


def test_an_incident_ends_and_a_complaint_moves_on() -> None:
    story = Story()
    story.lines([], [an_incident(is_open=True)], [a_complaint("new")])

    assert story.lines([], [an_incident(is_open=False)], [a_complaint("resolved")]) == [
        "congestion over: Toll jam, Right",
        "complaint SPG-2026-000001: new -> resolved",
    ]


def test_complaints_are_told_in_the_order_in_which_they_were_opened() -> None:
    newest_first = [a_complaint("new", f"SPG-2026-00000{n}") for n in (2, 1)]

    told = Story().lines([], [], newest_first)

    assert [line.split()[1] for line in told] == ["SPG-2026-000001", "SPG-2026-000002"]


def test_a_camera_that_nobody_has_looked_at_yet_is_not_lost() -> None:
    story = Story()

    assert story.lines([a_camera(StreamState.WAITING)], [], []) == []
    assert story.lines([a_camera(StreamState.RUNNING)], [], []) == ["camera Toll jam: running"]
    assert story.lines([a_camera(StreamState.WAITING, "refused")], [], []) == [
        "camera Toll jam: lost, refused"
    ]
