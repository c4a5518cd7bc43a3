from pathlib import Path

import pytest
import yaml

from scripts.demo.footage import read_footage
from scripts.twin.actors import Actor, Kind
from scripts.twin.film.clips_file import write_clips
from scripts.twin.film.truth_builder import seen_objects, zone_in_view
from scripts.twin.render.visibility import Sighting
from scripts.twin.truth import (
    FrameTruth,
    SeenObject,
    Truth,
    TruthError,
    ZoneTruth,
    read_truth,
    write_truth,
)
from scripts.twin.world import CAMERAS

SEEN = SeenObject(
    actor="car.1",
    kind=Kind.CAR,
    box=(1.5, 2.0, 30.0, 40.0),
    visible=0.75,
    inside=1.0,
    speed_mps=3.25,
    ground=(-1.5, -20.0),
    lane="south_in_0",
)


def a_truth(film: str = "film.mp4", **changes: object) -> Truth:
    camera = CAMERAS["south"]
    first, second, third = camera.projection((640, 360)).tolist()
    truth = Truth(
        film=film,
        title="A film",
        camera="south",
        look="day",
        size=(640, 360),
        fps=5,
        projection=(tuple(first), tuple(second), tuple(third)),
        camera_position=camera.position,
        zones={"road": ZoneTruth(polygon=((0.1, 0.2), (0.9, 0.2), (0.5, 1.0)), congested=())},
        things=(),
        lamps=(),
        faults=(),
        signals=(),
        approaches={},
        trips=(),
        frames=(
            FrameTruth(at_s=0.0, clock="2026-11-23 07:12:00", objects=(SEEN,)),
            FrameTruth(at_s=0.2, clock="2026-11-23 07:12:00", objects=()),
        ),
    )
    return truth.model_copy(update=changes)


def test_a_truth_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "film.json"

    write_truth(file, a_truth())

    assert read_truth(file) == a_truth()
    assert sum(line.startswith('{"at_s"') for line in file.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "expected JSON"),
        ("[]", "expected JSON"),
        ('{"object_columns": [], "frames": [{"objects": [[1]]}]}', "expected JSON"),
        ('{"object_columns": [], "frames": [], "truth_version": 2}', "truth_version"),
    ],
)
def test_what_is_no_truth_is_refused_by_name(tmp_path: Path, text: str, wrong: str) -> None:
    file = tmp_path / "film.json"
    file.write_text(text)

    with pytest.raises(TruthError, match=rf"film\.json.*{wrong}"):
        read_truth(file)


def test_a_truth_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"none\.json: No such file"):
        read_truth(tmp_path / "none.json")


def a_sighting(kind: Kind = Kind.CAR, *, bottom: float = 50.0, visible: float = 1.0) -> Sighting:
    actor = Actor("one", kind, "mpv", 0.0, -20.0, 90.0)
    return Sighting(actor, (10.0, 20.0, 60.0, bottom), visible, 1.0)


def test_things_and_what_is_too_small_or_hidden_are_no_objects() -> None:
    sightings = [
        a_sighting(),
        a_sighting(Kind.THING),
        a_sighting(bottom=25.0),
        a_sighting(visible=0.01),
    ]

    assert [seen.box for seen in seen_objects(sightings)] == [(10.0, 20.0, 60.0, 50.0)]


def test_a_zone_is_cut_where_the_picture_ends_also_behind_the_camera() -> None:
    road = [(-6.6, 40.0), (0.0, 40.0), (0.0, -48.0), (-6.6, -48.0)]

    polygon = zone_in_view(road, CAMERAS["south"], (640, 360))

    assert len(polygon) >= 4
    assert all(0 <= u <= 1 and 0 <= v <= 1 for u, v in polygon)
    assert max(v for _, v in polygon) == 1


def test_a_zone_out_of_view_is_refused() -> None:
    with pytest.raises(ValueError, match="not in the view of camera 'south'"):
        zone_in_view([(0, 100), (5, 100), (5, 120)], CAMERAS["south"], (640, 360))


def test_the_demo_reads_the_list_of_films_and_plays_the_jam_first(tmp_path: Path) -> None:
    zone = a_truth().zones["road"].model_copy(update={"congested": ((5.0, 60.0),)})
    truths = [a_truth("free.mp4"), a_truth("jam.mp4", zones={"road": zone})]
    for truth in truths:
        (tmp_path / truth.film).touch()

    file = write_clips(tmp_path, truths)

    assert [clip.file for clip in read_footage(tmp_path)] == ["jam.mp4", "free.mp4"]
    assert yaml.safe_load(file.read_text())["clips"]["jam.mp4"]["fps"] == 5
