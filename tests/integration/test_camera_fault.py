"""A camera that turns away, in a simulated film: one fault with a picture, and its end."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from analytics.messages import (
    CameraFaultMeasurement,
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
)
from edge.camera_config import CameraSettings
from edge.replay import replay
from edge.view_config import ZoneSettings
from models.detectors import Detectors
from models.manifest import find_manifest, load_manifest
from scripts.demo.footage import read_footage
from scripts.twin.truth import read_truth
from tests.scenes import START

pytestmark = [pytest.mark.integration, pytest.mark.computes]

FOOTAGE = Path(__file__).parents[1] / "data" / "footage"


@pytest.mark.parametrize("sampling", ["measure", "watch"])
def test_a_camera_that_turns_away_and_back_raises_one_fault_and_nothing_else(
    sampling: str,
) -> None:
    clip = next(one for one in read_footage(FOOTAGE) if one.file == "junction-turned.mp4")
    (fault,) = read_truth(FOOTAGE / "junction-turned.json").faults
    zones = tuple(
        ZoneSettings(zone=zone, name=zone, polygon=corners) for zone, corners in clip.zones.items()
    )
    settings = {"camera": "south", "name": "South", "sampling": sampling, "looks_per_s": 1}
    camera = CameraSettings.model_validate({**settings, "zones": zones})
    incidents: list[IncidentMessage] = []
    pictures: list[EvidenceMessage] = []

    def keep(messages: Sequence[IncidentMessage | EvidenceMessage]) -> None:
        for message in messages:
            if isinstance(message, IncidentMessage):
                incidents.append(message)
            else:
                pictures.append(message)

    replay(
        FOOTAGE / clip.file,
        camera,
        Detectors(load_manifest(find_manifest("traffic"))),
        keep,
        slow_detectors={},
        start_at=START,
        pace="max",
        software="0.1.0",
    )

    assert [(one.kind, one.phase) for one in incidents] == [
        (IncidentKind.CAMERA_FAULT, IncidentPhase.OPENED),
        (IncidentKind.CAMERA_FAULT, IncidentPhase.CLOSED),
    ]
    opened, closed = incidents
    assert isinstance(opened.measurement, CameraFaultMeasurement)
    assert opened.measurement.fault == "turned"
    assert opened.zone is None
    assert {ref.sha256 for ref in opened.evidence} == {one.header.sha256 for one in pictures}
    assert len(pictures) == 2
    told_s = (opened.observed_at - START).total_seconds()
    assert fault.from_s < told_s <= fault.from_s + 30
    assert closed.ended_at is not None
    assert fault.to_s < (closed.ended_at - START).total_seconds() <= fault.to_s + 30
