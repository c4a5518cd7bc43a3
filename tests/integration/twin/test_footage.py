"""The films that ship: what they show, and what the pipeline makes of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest

from analytics.messages import EvidenceMessage, IncidentKind, IncidentMessage, IncidentPhase
from edge.camera_config import CameraSettings
from edge.replay import replay
from models.detectors import Detectors
from models.manifest import find_manifest, load_manifest
from scripts.demo.cli import OWN_CAMERAS
from scripts.demo.footage import Clip, read_footage
from scripts.demo.settings import camera_settings
from scripts.twin.__main__ import SCENARIOS
from scripts.twin.scenario import read_scenario
from scripts.twin.truth import Truth, read_truth

pytestmark = [pytest.mark.integration, pytest.mark.computes]

FOOTAGE = Path(__file__).parents[2] / "data" / "footage"
MAX_BYTES = 40_000_000
MOVING_MPS = 0.5

CLIPS = read_footage(FOOTAGE)
each_clip = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.camera)


def truth_of(clip: Clip) -> Truth:
    return read_truth((FOOTAGE / clip.file).with_suffix(".json"))


def looped(film: Path, times: int, folder: Path) -> Path:
    """Return a film that plays another one several times over, as the demo's cameras do."""
    file, starts = folder / film.name, 0
    with av.open(str(file), "w") as output:
        stream = None
        for _ in range(times):
            with av.open(str(film)) as container:
                source = container.streams.video[0]
                stream = stream or output.add_stream_from_template(source)
                packets = [packet for packet in container.demux(source) if packet.size]
                for packet in packets:
                    assert packet.pts is not None
                    packet.pts = packet.dts = packet.pts + starts
                    packet.stream = stream
                    output.mux(packet)
                starts += sum(packet.duration or 0 for packet in packets)
    return file


def incidents_of(
    clip: Clip, film: Path, *, looks_per_s: float, look_width_px: int | None = None
) -> list[IncidentMessage]:
    """Run the edge's pipeline with the shipped model on a film, and return what it opened."""
    kept: list[IncidentMessage] = []

    def keep(messages: Sequence[IncidentMessage | EvidenceMessage]) -> None:
        kept.extend(message for message in messages if isinstance(message, IncidentMessage))

    replay(
        film,
        CameraSettings.model_validate(
            {
                **camera_settings(clip, "rtsp://127.0.0.1/film"),
                "looks_per_s": looks_per_s,
                "look_width_px": look_width_px,
            }
        ),
        Detectors(load_manifest(find_manifest("traffic"))),
        keep,
        slow_detectors={},
        start_at=datetime(2026, 11, 23, tzinfo=UTC),
        pace="max",
        software="test",
    )
    return [incident for incident in kept if incident.phase is IncidentPhase.OPENED]


def test_every_scenario_has_its_film_and_no_film_is_left_over() -> None:
    scenarios = {file.stem for file in SCENARIOS.glob("*.yaml")}

    assert {clip.camera for clip in CLIPS} == scenarios
    assert {file.stem for file in FOOTAGE.glob("*.mp4")} == scenarios
    assert {file.stem for file in FOOTAGE.glob("*.json")} == scenarios


def test_the_films_are_small_enough_to_ship() -> None:
    assert sum(file.stat().st_size for file in FOOTAGE.glob("*.mp4")) <= MAX_BYTES


@each_clip
def test_the_truth_has_a_line_for_every_frame_of_the_film(clip: Clip) -> None:
    truth = truth_of(clip)
    with av.open(str(FOOTAGE / clip.file)) as container:
        stream = container.streams.video[0]
        size = (stream.codec_context.width, stream.codec_context.height)
        frames = sum(1 for packet in container.demux(stream) if packet.size)

    assert (size, frames) == (truth.size, len(truth.frames))
    assert truth.frames[-1].at_s == pytest.approx((frames - 1) / truth.fps)


@each_clip
def test_the_truth_is_of_the_scenario_as_it_is(clip: Clip) -> None:
    truth, scenario = truth_of(clip), read_scenario(SCENARIOS / f"{clip.camera}.yaml")

    assert truth.title == scenario.title
    assert len(truth.frames) == scenario.frames
    assert {zone: truth.zones[zone].congested for zone in scenario.congested} == dict(
        scenario.congested
    )


@each_clip
def test_a_zone_is_called_jammed_where_its_vehicles_stand_and_only_there(clip: Clip) -> None:
    """Of a jam hardly anything moves for the whole time; elsewhere traffic comes through again."""
    truth, scenario = truth_of(clip), read_scenario(SCENARIOS / f"{clip.camera}.yaml")
    for zone, polygon in scenario.zones.items():
        xs, ys = zip(*polygon, strict=True)
        speeds = [
            seen.speed_mps
            for frame in truth.frames
            for seen in frame.objects
            if seen.lane
            and min(xs) <= seen.ground[0] <= max(xs)
            and min(ys) <= seen.ground[1] <= max(ys)
        ]
        standing = sum(speed < MOVING_MPS for speed in speeds) / max(1, len(speeds))
        if zone in scenario.congested:
            assert standing > 0.6, zone
        else:
            assert standing < 0.9, zone


@each_clip
@pytest.mark.timeout(300)
def test_the_jam_alone_opens_an_incident(clip: Clip, tmp_path: Path) -> None:
    """The demo's films as they are shown, over and over: an end in red must not lengthen a red."""
    film = FOOTAGE / clip.file
    # The street has no signal.
    if clip.camera in OWN_CAMERAS and clip.camera.startswith("junction"):
        film = looped(film, 3, tmp_path)

    opened = incidents_of(clip, film, looks_per_s=2.0)

    turns = {("camera_fault", None) for fault in truth_of(clip).faults if fault.kind == "turned"}
    of_traffic = (one for one in opened if one.kind is not IncidentKind.STREET_LIGHT)
    assert {(incident.kind.value, incident.zone) for incident in of_traffic} == turns | {
        ("congestion", zone) for zone in clip.congested
    }


@pytest.mark.parametrize("look_width_px", [None, 416])
@pytest.mark.parametrize("name", ["junction-jam", "junction-red-lights", "street-dense"])
def test_at_the_rate_of_key_frames_the_verdict_is_the_same(
    name: str, look_width_px: int | None, tmp_path: Path
) -> None:
    clip = next(clip for clip in CLIPS if clip.camera == name)

    film = looped(FOOTAGE / clip.file, 3, tmp_path)
    opened = incidents_of(clip, film, looks_per_s=0.5, look_width_px=look_width_px)

    assert {(incident.kind.value, incident.zone) for incident in opened} == {
        ("congestion", zone) for zone in clip.congested
    }
