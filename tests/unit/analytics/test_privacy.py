import numpy as np
import pytest

from analytics.detections import Detections, ObjectClass
from analytics.privacy import regions
from tests.scenes import SIZE_PX, some_detections


def hidden(regions_px: np.ndarray) -> np.ndarray:
    mask = np.zeros((SIZE_PX[1], SIZE_PX[0]), np.bool_)
    for x1, y1, x2, y2 in regions_px.astype(int):
        mask[y1:y2, x1:x2] = True
    return mask


@pytest.mark.parametrize("of", [ObjectClass.PERSON, ObjectClass.MOTORCYCLE, ObjectClass.BICYCLE])
def test_people_and_riders_are_hidden_whole(of: ObjectClass) -> None:
    mask = hidden(regions(some_detections([(100, 100, 140, 220)], of=of), SIZE_PX))
    assert mask[100:220, 100:140].all()


@pytest.mark.parametrize("of", [ObjectClass.CAR, ObjectClass.BUS, ObjectClass.TRUCK])
def test_the_lower_part_of_vehicles_is_hidden_and_the_roof_is_not(of: ObjectClass) -> None:
    mask = hidden(regions(some_detections([(100, 100, 200, 200)], of=of), SIZE_PX))
    assert mask[160:200, 100:200].all()
    assert not mask[100:140, 100:200].any()


def test_unsure_detections_are_hidden_too() -> None:
    person = some_detections([(100, 100, 140, 220)], of=ObjectClass.PERSON, confidence=0.03)
    assert len(regions(person, SIZE_PX)) == 1


def test_regions_stay_within_the_picture() -> None:
    boxes = some_detections([(-20, -5, 30, 40), (620, 340, 700, 400)], of=ObjectClass.PERSON)
    found = regions(boxes, SIZE_PX)
    assert found.min() >= 0
    assert (found[:, 2:] <= SIZE_PX).all()
    assert len(found) == 2


def test_a_box_outside_the_picture_gives_no_region() -> None:
    boxes = some_detections([(700, 400, 800, 500)], of=ObjectClass.PERSON)
    assert len(regions(boxes, SIZE_PX)) == 0


def test_an_empty_street_has_nothing_to_hide() -> None:
    assert regions(Detections.none(), SIZE_PX).shape == (0, 4)
