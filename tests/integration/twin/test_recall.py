"""The recall of a real detector on a film whose truth is known, counted by hand."""

from pathlib import Path

import pytest

from models.manifest import load_manifest
from models.onnx_detector import OnnxDetector
from scripts.twin.actors import Kind
from scripts.twin.camera import Box
from scripts.twin.recall import Seen, measure, table, total
from scripts.twin.truth import FrameTruth, SeenObject, Truth, ViewFault
from tests.footage import write_clip
from tests.tiny_model import write_tiny_model

pytestmark = [pytest.mark.integration, pytest.mark.computes]

FPS = 5
CAR = (20.0, 20.0, 60.0, 60.0)
BIKE = (100.0, 20.0, 120.0, 60.0)


def an_object(
    box: Box, kind: Kind = Kind.CAR, *, visible: float = 1.0, inside: float = 1.0
) -> SeenObject:
    return SeenObject(
        actor="a",
        kind=kind,
        box=box,
        visible=visible,
        inside=inside,
        speed_mps=0.0,
        ground=(0.0, 0.0),
        lane="",
    )


def a_truth(*objects: SeenObject, seconds: int = 4, faults: tuple[ViewFault, ...] = ()) -> Truth:
    return Truth(
        film="film",
        title="A film",
        camera="south",
        look="day",
        size=(160, 96),
        fps=FPS,
        projection=((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)),
        camera_position=(0, 0, 5),
        zones={},
        things=(),
        lamps=(),
        faults=faults,
        signals=(),
        approaches={},
        trips=(),
        frames=tuple(
            FrameTruth(at_s=number / FPS, clock="", objects=objects)
            for number in range(seconds * FPS)
        ),
    )


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    return write_clip(folder / "film.mp4", [(0.6, 4.0)], fps=FPS, size=(160, 96))


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> OnnxDetector:
    folder = tmp_path_factory.mktemp("model")
    boxes = [(*CAR, "car"), (*BIKE, "motorcycle")]
    return OnnxDetector(load_manifest(write_tiny_model(folder, boxes)))


def test_what_a_box_of_its_class_overlaps_is_found(film: Path, detector: OnnxDetector) -> None:
    truth = a_truth(an_object(CAR), an_object(BIKE, Kind.MOTORCYCLE))

    recall = measure(film, truth, detector)

    assert recall.frames == 4, "one look a second"
    assert recall.by_class == {Kind.CAR: Seen(4, 4, 4), Kind.MOTORCYCLE: Seen(4, 4, 4)}
    assert recall.false == 0


def test_a_box_of_another_class_finds_a_vehicle_but_not_its_class(
    film: Path, detector: OnnxDetector
) -> None:
    recall = measure(film, a_truth(an_object(CAR, Kind.TRUCK)), detector)

    assert recall.by_class == {Kind.TRUCK: Seen(4, 0, 4)}
    assert recall.false == 4, "the motorcycle of every frame"


@pytest.mark.parametrize(
    "unasked",
    [
        pytest.param(an_object((140, 60, 156, 83)), id="smaller than 24 px"),
        pytest.param(an_object((120, 20, 156, 90), visible=0.4), id="mostly hidden"),
        pytest.param(an_object((120, 20, 156, 90), inside=0.5), id="mostly outside"),
    ],
)
def test_what_nobody_could_see_is_not_asked_for(
    film: Path, detector: OnnxDetector, unasked: SeenObject
) -> None:
    recall = measure(film, a_truth(an_object(CAR), unasked), detector)

    assert recall.by_class == {Kind.CAR: Seen(4, 4, 4)}


def test_frames_of_a_view_that_cannot_be_trusted_are_left_out(
    film: Path, detector: OnnxDetector
) -> None:
    turned = ViewFault(kind="turned", from_s=1.0, to_s=3.0)

    recall = measure(film, a_truth(an_object(CAR), faults=(turned,)), detector)

    assert recall.frames == 2
    assert recall.by_class == {Kind.CAR: Seen(2, 2, 2)}


def test_the_table_sums_over_films(film: Path, detector: OnnxDetector) -> None:
    one = measure(film, a_truth(an_object(CAR)), detector)
    two = measure(film, a_truth(an_object((130, 60, 156, 90))), detector)

    assert total([one, two]) == {Kind.CAR: Seen(8, 4, 4)}
    assert table([one, two]).splitlines()[-1].split()[:4] == ["all", "0.50", "of", "8"]
