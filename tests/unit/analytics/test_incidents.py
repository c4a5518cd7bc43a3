import pytest

from analytics.incidents import UPDATE_INTERVAL, Finding, Sender, advance, closed
from analytics.messages import (
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    ModelVersion,
    Quality,
    Severity,
    StreetLightMeasurement,
)
from tests.builders import a_congestion_measurement
from tests.scenes import at

SENDER = Sender(
    site="harmoni",
    camera="toll-west",
    position=None,
    software="0.1.0",
    models=(ModelVersion(name="traffic", version="0.1.0"),),
)


def a_finding(severity: Severity = Severity.MEDIUM) -> Finding:
    return Finding(
        kind=IncidentKind.CONGESTION,
        zone="west",
        started_at=at(-60),
        severity=severity,
        confidence=0.9,
        quality=Quality(),
        measurement=a_congestion_measurement(),
    )


@pytest.fixture
def opened() -> IncidentMessage:
    message = advance(None, a_finding(), SENDER, at(0))
    assert message is not None
    return message


def test_nothing_found_is_nothing_told() -> None:
    assert advance(None, None, SENDER, at(0)) is None


def test_a_finding_opens_an_incident(opened: IncidentMessage) -> None:
    assert (opened.phase, opened.revision, opened.zone) == (IncidentPhase.OPENED, 1, "west")
    assert (opened.started_at, opened.observed_at, opened.ended_at) == (at(-60), at(0), None)


def test_an_incident_that_only_goes_on_is_told_now_and_then(opened: IncidentMessage) -> None:
    assert advance(opened, a_finding(), SENDER, at(10)) is None
    update = advance(opened, a_finding(), SENDER, at(0) + UPDATE_INTERVAL)
    assert update is not None
    assert (update.phase, update.revision) == (IncidentPhase.UPDATED, 2)
    assert update.incident_id == opened.incident_id
    assert update.message_id != opened.message_id


def test_a_change_of_severity_is_told_at_once(opened: IncidentMessage) -> None:
    update = advance(opened, a_finding(Severity.HIGH), SENDER, at(1))
    assert update is not None
    assert update.severity is Severity.HIGH


def test_an_incident_closes_when_nothing_is_found_any_more(opened: IncidentMessage) -> None:
    end = advance(opened, None, SENDER, at(90))
    assert end is not None
    assert (end.phase, end.revision, end.ended_at) == (IncidentPhase.CLOSED, 2, at(90))
    assert end.incident_id == opened.incident_id


def test_every_revision_is_a_valid_message_even_after_a_clock_set_back(
    opened: IncidentMessage,
) -> None:
    early = at(-3600)
    for message in (
        closed(opened, SENDER, early),
        advance(opened, a_finding(Severity.HIGH), SENDER, early),
    ):
        assert message is not None
        assert IncidentMessage.model_validate(message.model_dump()) == message


def test_a_place_has_a_new_incident_after_the_last_one_closed(opened: IncidentMessage) -> None:
    again = advance(None, a_finding(), SENDER, at(500))
    assert again is not None
    assert again.incident_id != opened.incident_id


def test_a_dark_lamp_is_told_again_after_each_dark_night_only() -> None:
    def lamp(nights: int) -> Finding:
        return Finding(
            kind=IncidentKind.STREET_LIGHT,
            zone="pole-14",
            started_at=at(0),
            severity=Severity.MEDIUM,
            confidence=0.9,
            quality=Quality(),
            measurement=StreetLightMeasurement(lamp="pole-14", dark_nights=nights),
        )

    opened = advance(None, lamp(3), SENDER, at(0))
    assert opened is not None
    assert advance(opened, lamp(3), SENDER, at(80_000)) is None
    update = advance(opened, lamp(4), SENDER, at(80_010))
    assert update is not None
    assert update.phase is IncidentPhase.UPDATED
