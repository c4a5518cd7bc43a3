"""What was seen of lamps, over restarts."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.lamps import LampRule, LampState
from analytics.messages import IncidentKind, IncidentPhase, StreetLightMeasurement
from edge.lamps import KeptLamps, lamps_file
from edge.view_config import LampSettings
from tests.builders import a_revision, an_incident

LAMP = LampSettings(lamp="pole-14", name="Pole 14", box=(0.5, 0.1, 0.53, 0.13))
EVENING = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_night(lamps: KeptLamps) -> LampState:
    """Look at a dark lamp for three minutes; return what came of it."""
    image = np.full((360, 640, 3), 20, np.uint8)
    image[200:260] = 250
    watch = lamps.watch(LAMP, LampRule(nights=3, dark_s=60.0), None)
    for second in range(0, 180, 5):
        watch.look(image, EVENING + timedelta(seconds=second))
    return watch.state


def test_what_was_seen_is_there_after_a_restart(tmp_path: Path) -> None:
    file = lamps_file(tmp_path / "lamps", "street", "home")
    lamps = KeptLamps(file)
    seen = a_night(lamps)
    lamps.keep()

    again = KeptLamps(file).watch(LAMP, LampRule(nights=3), None)

    assert again.state == seen
    assert seen.nights == 1


def test_what_was_told_of_a_lamp_of_late_is_known_after_a_restart(tmp_path: Path) -> None:
    file = lamps_file(tmp_path / "lamps", "street", "home")
    lamps = KeptLamps(file)
    a_night(lamps)
    outage = StreetLightMeasurement(lamp=LAMP.lamp, dark_nights=3)
    incidents = [
        an_incident(kind=IncidentKind.STREET_LIGHT, zone=LAMP.lamp, measurement=outage)
        for _ in range(9)
    ]
    for incident in incidents:
        lamps.told(incident)
    closed = a_revision(incidents[-1], phase=IncidentPhase.CLOSED)
    lamps.told(closed)
    lamps.keep()

    again = KeptLamps(file)
    again.watch(LAMP, LampRule(), None)

    known = [again.incident_of(one.incident_id) for one in incidents]
    assert known == [None, *incidents[1:-1], closed]


def test_a_file_that_tells_of_no_incidents_is_read(tmp_path: Path) -> None:
    file = lamps_file(tmp_path, "street", "home")
    file.write_text('{"version": 1, "lamps": {"pole-14": {"nights": 2}}}', encoding="utf-8")
    assert KeptLamps(file).watch(LAMP, LampRule(nights=3), None).state.nights == 2


def test_nothing_is_written_where_nothing_is_new(tmp_path: Path) -> None:
    file = tmp_path / "street.home.json"
    lamps = KeptLamps(file)
    a_night(lamps)
    lamps.keep()
    file.unlink()
    lamps.keep()
    assert not file.exists()


@pytest.mark.parametrize("content", ["", "[]", '{"version": 2, "lamps": {}}', "\x00\xff"])
def test_a_file_that_cannot_be_read_is_told_and_learnt_anew(
    content: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "street.home.json"
    file.write_text(content, encoding="latin-1")
    with caplog.at_level(logging.WARNING):
        watch = KeptLamps(file).watch(LAMP, LampRule(), None)
    assert watch.state == LampState()
    assert "the lamps' state" in caplog.text
    assert "learnt anew" in caplog.text


def test_a_folder_that_cannot_be_written_costs_no_look(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "lamps").write_text("a file", encoding="utf-8")
    lamps = KeptLamps(tmp_path / "lamps" / "street.home.json")
    a_night(lamps)
    lamps.keep()
    assert "is not kept" in caplog.text
